"""The requests page's WebSocket: who is let in, what is told, and that nobody holds up anybody."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from wsproto.events import AcceptConnection, BytesMessage, CloseConnection, Ping, Pong, RejectConnection, TextMessage

from firewarden.coverage import evaluations
from firewarden.errors import PortInUse
from firewarden.firestore.documents import DatabaseName
from firewarden.rules import Get, Request, auth_of, compile_rules
from firewarden.server.evaluations import History
from firewarden.server.evaluations_server import CLIENTS_MAX, EvaluationsServer
from firewarden.values import Timestamp
from toolkit.tests.server.evaluations.conftest import Telling
from toolkit.tests.server.evaluations.listener import PATIENCE_S, Listener, listening
from toolkit.tests.server.evaluations.scenes import RULES

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


def test_one_who_does_not_read_keeps_nobody_waiting(history: History) -> None:
    """More than a socket takes is told: who listens hears all of it, and the server ends although one does not."""
    with EvaluationsServer(history, host="127.0.0.1", port=0) as server:
        deaf, listener = Listener(server.port), Listener(server.port)
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
    listener = Listener(websocket.port, path)
    assert isinstance(listener.answer, RejectConnection)
    assert listener.answer.status_code == 404
    listener.close()


def test_a_query_is_no_other_path(websocket: EvaluationsServer) -> None:
    listener = Listener(websocket.port, "/requests?x=1")
    assert isinstance(listener.answer, AcceptConnection)
    listener.close()


def test_who_speaks_no_websocket_is_told(websocket: EvaluationsServer) -> None:
    url = f"http://127.0.0.1:{websocket.port}/requests"
    assert httpx.get(url, trust_env=False).status_code == 400
    old = {"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Key": "x", "Sec-WebSocket-Version": "8"}
    answer = httpx.get(url, trust_env=False, headers=old)
    assert (answer.status_code, answer.headers["sec-websocket-version"]) == (426, "13")


def test_a_ping_is_answered_and_what_is_said_is_not(history: History, websocket: EvaluationsServer) -> None:
    with listening(websocket.port) as listener:
        assert listener.text() == []
        listener.say(TextMessage("hello"))
        listener.say(BytesMessage(b"hello"))
        listener.say(Ping(b"there?"))
        answer = listener.next()
        assert isinstance(answer, Pong)
        assert bytes(answer.payload) == b"there?"
        record(history, 7)
        assert ids([listener.text()]) == ["n7"]


def test_a_close_is_answered_with_its_code(websocket: EvaluationsServer) -> None:
    with listening(websocket.port) as listener:
        listener.text()
        listener.say(CloseConnection(1000))
        answer = listener.next()
        assert isinstance(answer, CloseConnection)
        assert answer.code == 1000
        assert listener.socket.recv(1) == b""


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        (b"\x81\x02hi", 1002),  # not masked
        (b"\x83\x80\x00\x00\x00\x00", 1002),  # no such opcode
        (b"\xc1\x80\x00\x00\x00\x00", 1002),  # a bit that nobody has agreed on
        (b"\x09\x80\x00\x00\x00\x00", 1002),  # a ping in parts
        (b"\x89\xfe\x00\x80\x00\x00\x00\x00", 1002),  # a long ping
        (b"\x82\xff\x00\x00\x00\x01\x00\x00\x00\x00", 1009),
    ],
)
def test_who_breaks_the_protocol_is_told_why_and_let_go(websocket: EvaluationsServer, sent: bytes, code: int) -> None:
    with listening(websocket.port) as listener:
        listener.text()
        listener.socket.sendall(sent)
        answer = listener.next()
        assert isinstance(answer, CloseConnection)
        assert answer.code == code


def test_a_client_that_vanishes_makes_room(history: History, websocket: EvaluationsServer) -> None:
    listeners = [Listener(websocket.port) for _ in range(CLIENTS_MAX)]
    assert all(isinstance(each.answer, AcceptConnection) for each in listeners)
    refused = Listener(websocket.port)
    assert isinstance(refused.answer, RejectConnection)
    assert refused.answer.status_code == 503
    refused.close()
    for each in listeners:
        each.close()
    while not isinstance((again := Listener(websocket.port)).answer, AcceptConnection):
        again.close()
    assert again.text() == []
    again.close()


def test_the_end_of_the_server_is_told(history: History) -> None:
    with EvaluationsServer(history, host="127.0.0.1", port=0) as server:
        listener = Listener(server.port)
        assert listener.text() == []
    answer = listener.next()
    assert isinstance(answer, CloseConnection)
    assert answer.code == 1001
    listener.close()


def test_a_port_in_use_is_named(history: History) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(PortInUse, match=str(taken.getsockname()[1])):
            EvaluationsServer(history, host="127.0.0.1", port=taken.getsockname()[1])


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


def test_the_websocket_of_browsers_hears_it(history: History, websocket: EvaluationsServer) -> None:
    node = shutil.which("node")
    if node is None:
        pytest.skip("needs Node.js")
    url = f"ws://127.0.0.1:{websocket.port}/requests"
    environ = {**os.environ, "NODE_OPTIONS": "--experimental-websocket --no-warnings"}
    with subprocess.Popen(  # noqa: S603 - what is written above
        [node, "-e", PAGE, url], env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr is not None
        assert process.stderr.readline() == "open\n"
        record(history, 1, size=200_000)
        said, _ = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 0
    assert '"n1"' in said
    assert said.startswith("[[],{")
