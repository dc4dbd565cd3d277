"""The emulator hub: what the Firebase CLI's tools ask it."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from firewarden.errors import ExportRefused, PortInUse
from firewarden.server.background_triggers import BackgroundTriggers, triggers_of
from firewarden.server.database import Committed
from firewarden.server.engine import Engine
from firewarden.server.hub import Emulator, Hub, HubServer
from firewarden.server.hub_locator import located, locator_file
from firewarden.server.serving import Server

FIRESTORE = Emulator("firestore", "127.0.0.1", 8080)


@pytest.fixture
def hub() -> Hub:
    return Hub("1.2.3", [FIRESTORE, Emulator("functions", "0.0.0.0", 5001)])  # noqa: S104 - as a container listens


@pytest.fixture
def client(hub: Hub) -> Iterator[httpx.Client]:
    with (
        HubServer(hub, host="127.0.0.1", port=0) as serving,
        httpx.Client(base_url=f"http://{serving.address}", trust_env=False, timeout=60) as client,
    ):
        yield client


def test_the_hub_says_where_it_is(client: httpx.Client) -> None:
    port = client.base_url.port
    origins = [f"http://127.0.0.1:{port}"]
    expected = {"version": "1.2.3", "origins": origins, "pid": os.getpid(), "host": "127.0.0.1", "port": port}
    assert client.get("/").json() == expected


def test_emulators_are_listed_as_clients_reach_them(client: httpx.Client) -> None:
    found = client.get("/emulators").json()
    assert found.keys() == {"hub", "firestore", "functions"}
    assert found["firestore"] == {
        "name": "firestore",
        "host": "127.0.0.1",
        "port": 8080,
        "listen": [{"address": "127.0.0.1", "family": "IPv4", "port": 8080}],
        "pid": os.getpid(),
    }
    assert found["functions"]["host"] == "127.0.0.1"
    assert found["functions"]["listen"][0]["address"] == "0.0.0.0"  # noqa: S104 - where it listens


def test_an_address_is_read() -> None:
    assert Emulator.at("firestore", "[::1]:8080").told()["listen"][0]["family"] == "IPv6"


@pytest.mark.parametrize(("method", "path"), [("GET", "/x"), ("POST", "/"), ("DELETE", "/emulators"), ("PUT", "/x")])
def test_what_it_does_not_know_is_not_found(client: httpx.Client, method: str, path: str) -> None:
    answer = client.request(method, path)
    assert (answer.status_code, answer.json()) == (404, {"message": f"This hub does not answer {method} {path}."})


def test_without_functions_there_is_nothing_to_switch(client: httpx.Client) -> None:
    for verb in ("disable", "enable"):
        answer = client.put(f"/functions/{verb}BackgroundTriggers")
        assert (answer.status_code, answer.json()) == (400, {"error": "The Cloud Functions emulator is not running."})


def test_what_changes_while_triggers_are_disabled_is_told_to_nobody(engine: Engine, owner: object) -> None:
    told: list[str] = []

    def tell(committed: Committed) -> None:
        told.extend("/".join(each.path) for each in committed.changes)

    assert triggers_of(engine) is None
    engine.on_commit.append(BackgroundTriggers(tell))
    hub = Hub("1.2.3", [FIRESTORE], triggers_of(engine))
    with HubServer(hub, host="127.0.0.1", port=0) as serving, httpx.Client(trust_env=False, timeout=60) as client:

        def put(verb: str) -> object:
            return client.put(f"http://{serving.address}/functions/{verb}BackgroundTriggers").json()

        owner.document("a/before").set({})  # type: ignore[attr-defined]  # Google's client has no types
        assert put("disable") == {"enabled": False}
        owner.document("a/meanwhile").set({})  # type: ignore[attr-defined]
        assert put("enable") == {"enabled": True}
        owner.document("a/after").set({})  # type: ignore[attr-defined]
    assert told == ["a/before", "a/after"]


def test_an_export_is_written_where_it_is_asked_for(hub: Hub, client: httpx.Client, tmp_path: Path) -> None:
    asked: list[Path] = []
    assert client.post("/_admin/export", json={"path": str(tmp_path)}).status_code == 404
    hub.export = asked.append
    body = {"path": str(tmp_path), "initiatedBy": "emulators:export", "targets": ["firestore", "auth"]}
    answer = client.post("/_admin/export", json=body)
    assert (answer.status_code, answer.json(), asked) == (200, {"message": "OK"}, [tmp_path])


@pytest.mark.parametrize(
    ("content", "headers", "status", "message"),
    [
        ('{"path": "/x"}', {"origin": "https://example.com"}, 403, "cannot be triggered by external callers"),
        ("text", {}, 400, "The body must be"),
        ("[]", {}, 400, "The body must be"),
        ("{}", {}, 400, "The body must be"),
        ('{"path": "/x", "targets": ["auth"]}', {}, 500, "No running emulators"),
        ('{"path": "/x"}', {}, 500, "/x cannot be written"),
    ],
)
def test_an_export_that_cannot_be_is_refused(
    hub: Hub, client: httpx.Client, content: str, headers: dict[str, str], status: int, message: str
) -> None:
    def refuse(folder: Path) -> None:
        raise ExportRefused(f"{folder} cannot be written")

    hub.export = refuse
    answer = client.post("/_admin/export", content=content, headers=headers)
    assert answer.status_code == status
    assert message in answer.json()["message"]


def test_a_port_in_use_is_explained(hub: Hub) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(PortInUse, match="ddress already in use"):
            HubServer(hub, host="127.0.0.1", port=taken.getsockname()[1])


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path / "hub-demo-located.json"


def test_the_locator_file_is_there_as_long_as_the_hub(hub: Hub, temporary: Path) -> None:
    with located("demo-located", hub.locator(), report=pytest.fail):
        assert json.loads(temporary.read_text()) == hub.locator()
        assert locator_file("demo-located") == temporary
    assert not temporary.exists()


@pytest.mark.parametrize("content", ["", "[]", '{"pid": "x"}', '{"pid": 0}', '{"pid": null}'])
def test_a_file_that_nobody_alive_has_written_is_replaced(hub: Hub, temporary: Path, content: str) -> None:
    temporary.write_text(content)
    with located("demo-located", hub.locator(), report=pytest.fail):
        assert json.loads(temporary.read_text()) == hub.locator()


def test_another_hub_that_runs_keeps_its_file(hub: Hub, temporary: Path) -> None:
    said: list[str] = []
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as other:
        theirs = json.dumps({"pid": other.pid})
        temporary.write_text(theirs)
        with located("demo-located", hub.locator(), report=said.append):
            assert temporary.read_text() == theirs
        other.communicate(b"\n")
    assert temporary.read_text() == theirs
    assert "names another hub of demo-located" in said[0]
    with located("demo-located", hub.locator(), report=pytest.fail):
        assert json.loads(temporary.read_text())["pid"] == os.getpid()


def test_a_server_can_be_listed(server: Server) -> None:
    host, port = server.address.split(":")
    assert Emulator.at("firestore", server.address) == Emulator("firestore", host, int(port))
