"""`firewarden.Firestore`: what it is given, what it keeps, what it imports, and its port."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import grpc
import pytest
from google.api_core.exceptions import FailedPrecondition, PermissionDenied
from google.cloud.firestore import Client, FieldFilter

import firewarden
from firewarden import Firestore
from firewarden.errors import DataInUse, FirewardenError, Issue
from firewarden.rules import RulesetInvalid
from firewarden.testing import Database

OPEN = "service cloud.firestore { match /databases/{d}/documents { match /{all=**} { allow read; } } }"


def test_clients_are_real_ones_and_one_for_each_identity(db: Firestore) -> None:
    ana = db.as_user("ana", role="staff")
    assert isinstance(ana, Client)
    assert ana is db.as_identity("ana", {"role": "staff"})
    assert ana is not db.as_user("ana")
    assert ana.document("a/b")._document_path == "projects/demo-local/databases/(default)/documents/a/b"


def test_without_rules_everything_is_allowed() -> None:
    with Firestore(project="demo-shop") as db:
        db.as_guest().document("any/where").set({"n": 1})
        assert db.as_user("ana").document("any/where").get().get("n") == 1
        assert db.as_user("ana").project == "demo-shop"


def test_rules_are_a_file_or_a_text(tmp_path: Path, db: Firestore) -> None:
    file = tmp_path / "x.rules"
    file.write_text(OPEN)
    for rules in (file, str(file), OPEN):
        issues = db.put_rules(rules)
        assert issues == [
            Issue(
                "WARNING", "Ruleset uses old version (version [1]). Please update to the latest version (version [2])."
            )
        ]
        db.as_guest().document("any/where").get()
        with pytest.raises(PermissionDenied):
            db.as_guest().document("any/where").set({})


def test_rules_that_do_not_compile_are_shown_and_not_used(tmp_path: Path, db: Firestore) -> None:
    file = tmp_path / "x.rules"
    file.write_text(OPEN.replace("allow read", "allow read: if a = 1"))
    with pytest.raises(RulesetInvalid, match=r"x\.rules:1:\d+: error: `=` does not compare"):
        db.put_rules(file)
    with pytest.raises(PermissionDenied, match="@ L7"):
        db.as_user("ana").document("notes/a").delete()
    with pytest.raises(RulesetInvalid):
        Firestore(rules=file)


@pytest.mark.parametrize("rules", [Path("none.rules"), "none.rules", Path("/")])
def test_a_rules_file_that_cannot_be_read_is_named(rules: Path | str) -> None:
    with pytest.raises(FirewardenError, match=f"{rules}"):
        Firestore(rules=rules)


def test_with_indexes_a_query_needs_its_own(tmp_path: Path) -> None:
    file = tmp_path / "firestore.indexes.json"
    fields = [{"fieldPath": each, "order": "ASCENDING"} for each in ("a", "b")]
    index = {"collectionGroup": "notes", "queryScope": "COLLECTION", "fields": fields}
    file.write_text(json.dumps({"indexes": [index]}))
    with Firestore(indexes=file) as db:
        a = db.as_owner().collection("notes").where(filter=FieldFilter("a", "==", 1))
        assert a.order_by("b").get() == []
        with pytest.raises(FailedPrecondition, match='"fieldPath": "c"'):
            a.order_by("c").get()


def test_clearing_leaves_rules_and_other_projects(db: Firestore, over_a_port: Database) -> None:
    db.as_owner().document("notes/a").set({"owner": "ana"})
    with firewarden.testing.firestore_as_owner(project="demo-other", host=over_a_port.host) as other:
        other.document("notes/a").set({"owner": "ana"})
        db.clear()
        assert not db.as_owner().document("notes/a").get().exists
        assert other.document("notes/a").get().exists
    with pytest.raises(PermissionDenied):
        db.as_guest().document("notes/a").set({})


def test_a_folder_keeps_the_documents(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "data"
    with Firestore(data=folder) as db:
        db.as_owner().document("notes/a").set({"n": 1})
        with pytest.raises(DataInUse, match="in use"):
            Firestore(data=folder)
    with Firestore(data=str(folder)) as db:
        assert db.as_owner().document("notes/a").get().get("n") == 1


def test_a_port_leads_to_the_same_documents(db: Firestore, over_a_port: Database) -> None:
    assert db.serve() == over_a_port.host
    over_a_port.as_owner().document("notes/a").set({"owner": "ana"})
    assert db.as_user("ana").document("notes/a").get().exists


def test_what_needs_a_stream_or_a_future_goes_over_a_port(db: Firestore) -> None:
    channel = db.as_owner()._firestore_api.transport.grpc_channel
    watch = channel.stream_stream("/grpc.health.v1.Health/Watch")(iter([b""]))
    assert next(watch) == b"\x08\x01"
    watch.cancel()
    check = channel.unary_unary("/grpc.health.v1.Health/Check")
    assert check(b"") == b"\x08\x01"
    get = channel.unary_unary("/google.firestore.v1.Firestore/GetDocument", lambda _: b"", lambda data: data)
    assert get.future(None).exception(timeout=60).code() is grpc.StatusCode.INVALID_ARGUMENT


def test_a_closed_one_refuses_and_gives_its_port_back(db: Firestore) -> None:
    client, address = db.as_owner(), db.serve()
    client.document("notes/a").get()
    db.close()
    with pytest.raises(ValueError, match="closed"):
        client.document("notes/a").get()
    again = Firestore()
    assert again.serve(port=int(address.rpartition(":")[2])) == address
    again.close()


def test_a_port_that_is_taken_is_told_and_can_be_asked_for_again(db: Firestore) -> None:
    with Firestore() as other:
        taken = int(db.serve().rpartition(":")[2])
        with pytest.raises(FirewardenError, match="already in use"):
            other.serve(port=taken)
        assert other.serve() != db.serve()


def python(code: str) -> str:
    """What a process says that does nothing else."""
    command = [sys.executable, "-W", "error", "-c", code]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout  # noqa: S603 - code of this test


def test_importing_the_package_imports_nothing_else() -> None:
    code = "import sys; before = set(sys.modules); import firewarden; print(*sorted(set(sys.modules) - before))"
    foreign = {each.partition(".")[0] for each in python(code).split()} - sys.stdlib_module_names
    assert foreign == {"firewarden"}


def test_an_engine_imports_neither_the_client_library_nor_grpc_nor_http() -> None:
    names = ("google.cloud.firestore", "google.api_core", "grpc", "httpx", "jwt", "hpack", "yaml", "asyncio")
    code = (
        "import sys, firewarden\n"
        f"firewarden.Firestore(rules={OPEN!r}).put_rules({OPEN!r})\n"
        f"print([each for each in {names!r} if each in sys.modules])"
    )
    assert python(code) == "[]\n"


def test_no_socket_is_opened_and_no_thread_is_started() -> None:
    code = (
        "import sys, threading, firewarden\n"
        "def audit(event, _):\n"
        "    assert event not in ('socket.bind', 'socket.connect', 'subprocess.Popen'), event\n"
        "sys.addaudithook(audit)\n"
        "with firewarden.Firestore() as db:\n"
        "    db.as_user('ana').document('a/b').set({'n': 1})\n"
        "    print(db.as_owner().document('a/b').get().get('n'), threading.active_count())"
    )
    assert python(code) == "1 1\n"


def test_the_public_name_is_the_only_one() -> None:
    assert firewarden.__all__ == ["Firestore"]
    with pytest.raises(AttributeError, match="no attribute 'Fire'"):
        _ = firewarden.Fire
