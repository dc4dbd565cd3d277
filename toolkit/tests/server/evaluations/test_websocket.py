"""The requests page's WebSocket: who is let in, what is told, and that nobody holds up anybody."""

from __future__ import annotations

import logging
import shutil
import socket
import subprocess
from collections.abc import Iterator
from threading import Thread
from typing import Any

import httpx
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from firewarden.coverage import evaluations
from firewarden.errors import PortInUse
from firewarden.firestore.documents import DatabaseName
from firewarden.rules import Get, Request, auth_of, compile_rules
from firewarden.server import evaluations_server
from firewarden.server.evaluations import History
from firewarden.server.evaluations_server import CLIENTS_MAX, EvaluationsServer
from firewarden.values import Timestamp
from toolkit.tests.server.evaluations.conftest import Telling
from toolkit.tests.server.evaluations.listener import PATIENCE_S, Listener, listening
from toolkit.tests.server.evaluations.scenes import RULES
from toolkit.tests.waiting import until

COMPILED = compile_rules(RULES)


def record(history: History, number: int = 0, *, size: int = 1) -> None:
    """A read of a document of this size, told apart by its id."""
    request = Request(operation=Get(paths=(("notes", f"n{number}"),)), time=Timestamp(0), auth=auth_of(None))
    history.record(DatabaseName("demo-a"), COMPILED, request, lambda _: {"text": "x" * size})


def ids(told: list[Any]) -> list[str]:
    return [each["rulesContext"]["path"].rpartition("/")[2] for each in told]


@pytest.fixture
def websocket(history: History) -> Iterator[EvaluationsServer]:
    with EvaluationsServer(history, host="127.0.0.1", port=0) as server:
        yield server


def test_what_was_is_told_at_once_and_then_what_is(history: History, websocket: EvaluationsServer) -> None:
    record(history, 1)
    record(history, 2)
    with listening(websocket.port) as listener:
        assert ids(listener.text()) == ["n1", "n2"]
        record(history, 3)
        record(history, 4)
        assert ids([listener.text(), listener.text()]) == ["n3", "n4"]
        with listening(websocket.port) as another:
            assert ids(another.text()) == ["n1", "n2", "n3", "n4"]


def test_the_requests_of_admins_are_not_told(telling: Telling) -> None:
    documents = f"http://{telling.host}/v1/projects/demo-a/databases/(default)/documents"
    put = {"rules": {"files": [{"content": RULES}]}}
    httpx.put(f"http://{telling.host}/emulator/v1/projects/demo-a:securityRules", json=put, trust_env=False)
    with listening(telling.port) as listener:
        assert listener.text() == []
        httpx.get(f"{documents}/notes/admin", headers={"Authorization": "Bearer owner"}, trust_env=False)
        httpx.get(f"{documents}/notes/guest", trust_env=False)
        assert ids([listener.text()]) == ["guest"]


def refused(port: int, path: str = "/requests") -> int | None:
    """The status with which a client is refused; None if it is let in."""
    try:
        Listener(port, path).close()
    except InvalidStatus as refusal:
        return refusal.response.status_code
    return None


HANDSHAKE = (
    b"GET /requests HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)


def test_one_who_does_not_read_keeps_nobody_waiting(history: History) -> None:
    """More than a socket takes is told: who listens hears all of it, and the server ends although one does not."""
    with EvaluationsServer(history, host="127.0.0.1", port=0) as server:
        deaf, listener = socket.create_connection(("127.0.0.1", server.port)), Listener(server.port)
        deaf.sendall(HANDSHAKE)
        heard = listener.text()
        for number in range(12):
            record(history, number, size=1 << 20)
        while len(heard) < 12:
            heard.append(listener.text())
    assert ids(heard) == [f"n{number}" for number in range(12)]
    deaf.close()
    listener.close()


def test_one_who_was_too_slow_misses_what_is_forgotten() -> None:
    history = History(evaluations, most=2)
    with EvaluationsServer(history, host="127.0.0.1", port=0) as server, listening(server.port) as listener:
        assert listener.text() == []
        with history._changed:  # nobody is told while these come
            for number in range(5):
                record(history, number)
        assert ids([listener.text(), listener.text()]) == ["n3", "n4"]


@pytest.mark.parametrize("path", ["/", "/x", "/requests/"])
def test_there_is_nothing_elsewhere(websocket: EvaluationsServer, path: str) -> None:
    assert refused(websocket.port, path) == 404


def test_a_query_is_no_other_path(websocket: EvaluationsServer) -> None:
    assert refused(websocket.port, "/requests?x=1") is None


def test_who_speaks_no_websocket_is_told(websocket: EvaluationsServer) -> None:
    answer = httpx.get(f"http://127.0.0.1:{websocket.port}/requests", trust_env=False)
    assert (answer.status_code, answer.headers["upgrade"]) == (426, "websocket")


def test_what_is_said_is_dropped(history: History, websocket: EvaluationsServer) -> None:
    """However much it is: the ping that comes after it is answered."""
    with listening(websocket.port) as listener:
        assert listener.text() == []
        for _ in range(100):
            listener.connection.send("hello")
        assert listener.connection.ping().wait(PATIENCE_S)
        record(history, 7)
        assert ids([listener.text()]) == ["n7"]


def test_who_says_too_much_is_let_go(websocket: EvaluationsServer) -> None:
    with listening(websocket.port) as listener:
        assert listener.text() == []
        listener.connection.send(bytes((64 << 10) + 1))
        assert code_of_the_end(listener) == 1009


def code_of_the_end(listener: Listener) -> int | None:
    with pytest.raises(ConnectionClosed):
        listener.text()
    return listener.connection.close_code


def test_a_client_that_vanishes_makes_room(websocket: EvaluationsServer) -> None:
    listeners = [Listener(websocket.port) for _ in range(CLIENTS_MAX)]
    assert refused(websocket.port) == 503
    for each in listeners:
        each.connection.socket.shutdown(socket.SHUT_RDWR)
    until(lambda: refused(websocket.port) is None)


def test_nothing_is_logged_of_clients(history: History, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with EvaluationsServer(history, host="127.0.0.1", port=0) as server:
        assert refused(server.port, "/x") == 404
        assert httpx.get(f"http://127.0.0.1:{server.port}/requests", trust_env=False).status_code == 426
        with socket.create_connection(("127.0.0.1", server.port), PATIENCE_S) as babbler:
            babbler.sendall(b"\x16\x03\x01\r\n\r\n")
            assert babbler.recv(1) == b""
        with listening(server.port) as listener:
            listener.connection.socket.shutdown(socket.SHUT_RDWR)
    assert [each for each in caplog.records if not each.name.startswith(("websockets.client", "http"))] == []


def test_the_end_of_the_server_is_told(history: History) -> None:
    with EvaluationsServer(history, host="127.0.0.1", port=0) as server:
        listener = Listener(server.port)
        assert listener.text() == []
    assert code_of_the_end(listener) == 1001


def test_one_who_says_nothing_does_not_hold_up_the_end(history: History, monkeypatch: pytest.MonkeyPatch) -> None:
    """Browsers open connections before they need them."""
    monkeypatch.setattr(evaluations_server, "_HANDSHAKE_S", None)
    server = EvaluationsServer(history, host="127.0.0.1", port=0).__enter__()
    with socket.create_connection(("127.0.0.1", server.port), PATIENCE_S) as silent:
        until(lambda: len(server._sockets) == 1)
        ending = Thread(target=server.__exit__, daemon=True)
        ending.start()
        assert silent.recv(1) == b""
        ending.join(PATIENCE_S)
        assert not ending.is_alive()


def test_a_port_in_use_is_named(history: History) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(PortInUse, match=str(taken.getsockname()[1])) as caught:
            EvaluationsServer(history, host="127.0.0.1", port=taken.getsockname()[1])
    assert "--websocket-port" in str(caught.value.hint)


# What the Emulator UI does, with the WebSocket that browsers have.
PAGE = """
const socket = new WebSocket(process.argv[1]);
const heard = [];
socket.onerror = () => process.exit(1);
socket.onmessage = (event) => {
  heard.push(JSON.parse(event.data));
  if (heard.length === 2) { console.log(JSON.stringify(heard)); socket.close(); }
  else console.error('open');
};
socket.onclose = () => process.exit(0);
"""


def node_with_websocket() -> list[str]:
    """Node.js with what it needs to have it: from 22 on nothing."""
    program = shutil.which("node")
    for flags in ((), ("--experimental-websocket", "--no-warnings")) if program else ():
        command = [str(program), *flags]
        probe = [*command, "-e", "process.exit(typeof WebSocket === 'function' ? 0 : 1)"]
        if subprocess.run(probe, check=False, capture_output=True, timeout=PATIENCE_S).returncode == 0:  # noqa: S603 - Node.js
            return command
    pytest.skip("needs Node.js 20 or newer")


def test_the_websocket_of_browsers_hears_it(history: History, websocket: EvaluationsServer) -> None:
    node = node_with_websocket()
    url = f"ws://127.0.0.1:{websocket.port}/requests"
    with subprocess.Popen(  # noqa: S603 - what is written above
        [*node, "-e", PAGE, url], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr is not None
        assert process.stderr.readline() == "open\n"
        record(history, 1, size=200_000)
        said, _ = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 0
    assert '"n1"' in said
    assert said.startswith("[[],{")
