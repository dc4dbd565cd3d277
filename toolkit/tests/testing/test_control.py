"""The emulator's control interface, and what its refusals become."""

from __future__ import annotations

import queue
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest

from firewarden.errors import EmulatorFailed, RequestFailed, RulesRejected
from firewarden.testing import Database, EmulatorControl, build_query
from firewarden.testing.session import Server

pytestmark = pytest.mark.emulator

GOOD = "rules_version = '2'; service cloud.firestore { match /databases/{d}/documents/a/b { allow read; } }"
WARNED = GOOD.replace("allow read;", "function unused() { return true; } allow read;")
BROKEN = """rules_version = '2';
service cloud.firestore { match /x/y { allow read: if ; }
 match /a/b { allow read: if & ; } }"""


def test_rules_come_into_force(database: Database) -> None:
    assert database.control.put_rules(database.project, GOOD) == []
    assert not database.as_guest().document("a/b").get().exists


def test_warnings_are_returned(database: Database) -> None:
    (issue,) = database.control.put_rules(database.project, WARNED)
    assert (issue.severity, issue.description, issue.line) == ("WARNING", "Unused function: unused.", 1)


def test_broken_rules_are_refused_with_every_place_and_the_old_ones_stay(database: Database) -> None:
    database.control.put_rules(database.project, GOOD)
    with pytest.raises(RulesRejected) as failure:
        database.control.put_rules(database.project, BROKEN)

    assert [(issue.line, issue.column) for issue in failure.value.issues] == [(2, 55), (3, 31), (3, 32)]
    assert "L2:55 ERROR: Missing conditional expression after 'if'." in str(failure.value)
    assert not database.as_guest().document("a/b").get().exists


def test_clearing_removes_documents_of_one_project_only(database: Database) -> None:
    owner = database.as_owner()
    owner.document("a/b/c/d").set({"n": 1})
    database.control.clear("demo-somebody-else")
    assert owner.document("a/b/c/d").get().exists

    database.clear()
    assert list(owner.collections()) == []


def test_triggers_are_delivered_to_the_functions_address(
    functions_database: Database, firestore_functions_server: Server
) -> None:
    """Registering the same key again replaces; other documents and event types are not delivered."""
    control, project = functions_database.control, functions_database.project
    written = "google.cloud.firestore.document.v1.written"
    with listening(firestore_functions_server.functions_address or "", project) as received:
        control.register_trigger(project, "k-0", event_type=written, document="elsewhere/{id}")
        control.register_trigger(project, "k-0", event_type=written, document="users/{uid}")
        control.register_trigger(project, "k-1", event_type=written.replace("written", "deleted"), document="users/ana")
        owner = functions_database.as_owner()
        owner.document("elsewhere/x").set({"n": 1})
        owner.document("users/ana").set({"n": 1})
        assert received.get(timeout=20) == (f"/functions/projects/{project}/triggers/k-0", "users/ana")
        owner.document("users/ana").delete()
        both = {received.get(timeout=20)[0].rpartition("/")[2] for _ in range(2)}
        assert both == {"k-0", "k-1"}


@contextmanager
def listening(address: str, project: str) -> Iterator[queue.Queue[tuple[str, str]]]:
    """An HTTP server that keeps (path, ce-document) of what is posted to it for a project.

    Events of another one may still wait for whoever listens here.
    """
    received: queue.Queue[tuple[str, str]] = queue.Queue()

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("content-length", 0)))
            if f"/projects/{project}/" in self.path:
                received.put((self.path, self.headers["ce-document"]))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    host, _, port = address.rpartition(":")
    with HTTPServer((host, int(port)), Receiver) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield received
        finally:
            server.shutdown()
            thread.join()


def test_index_reports_name_what_a_query_needed(database: Database) -> None:
    project = f"{database.project}-reports"
    query = Database(host=database.host, project=project, control=database.control)
    with query:
        build_query(
            query.as_owner(), {"collection": "events", "where": [["a", "==", 1]], "order_by": [["b", "asc"]]}
        ).get()
        (report,) = database.control.index_usage(project)

    assert [each["fieldPath"] for each in report["index"]["fields"]] == ["a", "b", "__name__"]


def test_a_server_that_is_not_there_is_named() -> None:
    with EmulatorControl("127.0.0.1:1") as control:
        assert not control.is_ready()
        with pytest.raises(EmulatorFailed, match=r"at 127\.0\.0\.1:1 does not answer DELETE"):
            control.clear("demo-p")
        with pytest.raises(EmulatorFailed, match=r"No Firestore emulator answered at 127\.0\.0\.1:1 within 0 s"):
            control.wait_ready(timeout_s=0)


def test_a_refused_request_shows_the_servers_words(firestore_server: Server) -> None:
    with EmulatorControl(firestore_server.host) as control, pytest.raises(RequestFailed, match="refused DELETE"):
        control.clear("demo-p", database="no/such/path")


def test_a_server_that_accepts_and_never_answers_is_given_up() -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        address = f"127.0.0.1:{silent.getsockname()[1]}"
        with (
            EmulatorControl(address, timeout_s=0.2) as control,
            pytest.raises(EmulatorFailed, match=r"did not answer DELETE .* within 0\.2 s"),
        ):
            control.clear("demo-p")
