"""The port: one for all protocols, taken or refused with a reason, and given back."""

from __future__ import annotations

import asyncio
import http.client
import socket
import subprocess
import sys
import threading
import time
from typing import Any

import grpc
import pytest

from firewarden.errors import FirewardenError, PortInUse
from firewarden.firestore.wire import protos
from firewarden.server.transports.interface import HttpRequest, HttpResponse, Method, Route
from firewarden.server.transports.listener import start
from toolkit.tests.waiting import until

PATIENCE_S = 10.0


def say(served: Any, message: bytes) -> bytes:
    with grpc.insecure_channel(served.target) as channel:
        return bytes(channel.unary_unary("/test.Echo/Say")(message, timeout=PATIENCE_S))


def get(served: Any, path: str) -> bytes:
    connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=PATIENCE_S)
    connection.request("GET", path)
    body = connection.getresponse().read()
    connection.close()
    return body


def accepts(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S).close()
    except ConnectionRefusedError:
        return False
    return True


def test_both_protocols_share_the_port(served: Any) -> None:
    assert say(served, b"hello") == b"hello"
    assert get(served, "/") == b"Ok\n"


@pytest.mark.parametrize(
    "greeting",
    [b"GET / HTTP/1.1\r\nhost: x\r\n\r\n", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"PRI / HTTP/1.1\r\nhost: x\r\n\r\n"],
)
def test_the_first_bytes_may_come_one_by_one(served: Any, greeting: bytes) -> None:
    with socket.create_connection(("127.0.0.1", served.port), timeout=PATIENCE_S) as sock:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for index in range(len(greeting)):
            sock.sendall(greeting[index : index + 1])
            time.sleep(0.001)
        answer = sock.recv(9)
    is_http2 = b"HTTP/2.0" in greeting
    assert answer[3:4] == b"\x04" if is_http2 else answer == b"HTTP/1.1 "


@pytest.mark.parametrize(
    "junk", [b"\x16\x03\x01\x02\x00\x01\x00", b"\x00" * 100, b"hello\r\n\r\n", b"PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n"]
)
def test_whoever_speaks_neither_is_let_go(served: Any, junk: bytes) -> None:
    with socket.create_connection(("127.0.0.1", served.port), timeout=PATIENCE_S) as sock:
        sock.sendall(junk)
        sock.shutdown(socket.SHUT_WR)
        while sock.recv(1_000):
            pass
    assert say(served, b"still there") == b"still there"


def test_clients_that_vanish_leave_nothing(served: Any) -> None:
    for data in (
        b"",
        b"P",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00",
        b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\n",
    ):
        with socket.create_connection(("127.0.0.1", served.port), timeout=PATIENCE_S) as sock:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
            sock.sendall(data)
    until(lambda: not served.listener._connections)


def test_a_port_that_is_taken_is_said_to_be(served: Any) -> None:
    with pytest.raises(PortInUse, match=rf"127\.0\.0\.1:{served.port}: address already in use\n.*another port"):
        asyncio.run(start("127.0.0.1", served.port, {}))


def test_an_address_of_another_machine() -> None:
    with pytest.raises(FirewardenError, match=r"192\.0\.2\.1:0: .*\nChoose an address of this machine"):
        asyncio.run(start("192.0.2.1", 0, {}))


def test_a_stop_lets_requests_finish(served: Any) -> None:
    with grpc.insecure_channel(served.target) as channel:
        call = channel.unary_unary("/test.Echo/Wait").future(b"60", timeout=PATIENCE_S)
        until(lambda: served.echo.asked)
        stopping = threading.Thread(target=served.stop, args=(PATIENCE_S,))
        stopping.start()
        until(lambda: not served.listener._server.is_serving())
        assert not accepts(served.port)
        assert not call.done()
        served.free()
        assert call.result() == b"free"
        stopping.join(PATIENCE_S)
        assert not stopping.is_alive()


def test_a_stop_does_not_wait_for_ever(served: Any) -> None:
    with grpc.insecure_channel(served.target) as channel:
        call = channel.unary_unary("/test.Echo/Wait").future(b"60", timeout=PATIENCE_S)
        until(lambda: served.echo.asked)
        began = time.monotonic()
        served.stop(0.2)
        assert time.monotonic() - began < PATIENCE_S / 2
        assert call.exception().code() is grpc.StatusCode.UNAVAILABLE
    assert not served.echo.signal._callbacks


def test_a_stop_closes_connections_that_are_idle(served: Any) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=PATIENCE_S)
    connection.request("GET", "/")
    connection.getresponse().read()
    silent = socket.create_connection(("127.0.0.1", served.port))
    with grpc.insecure_channel(served.target) as channel:
        channel.unary_unary("/test.Echo/Say")(b"", timeout=PATIENCE_S)
        began = time.monotonic()
        served.stop(PATIENCE_S)
        assert time.monotonic() - began < PATIENCE_S / 2
    assert connection.sock is None or connection.sock.recv(1) == b""
    silent.close()
    connection.close()


def test_an_http_request_finishes_before_the_stop(serve: Any) -> None:
    asked, go_on = threading.Event(), threading.Event()

    async def slow(request: HttpRequest) -> HttpResponse:
        asked.set()
        await asyncio.get_running_loop().run_in_executor(None, go_on.wait)
        return HttpResponse(200, b"done")

    with serve({}, [Route("GET", "/slow", slow)]) as served:
        connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=PATIENCE_S)
        connection.request("GET", "/slow")
        assert asked.wait(PATIENCE_S)
        stopping = threading.Thread(target=served.stop, args=(PATIENCE_S,))
        stopping.start()
        time.sleep(0.05)
        go_on.set()
        assert connection.getresponse().read() == b"done"
        stopping.join(PATIENCE_S)
        connection.close()


def test_what_is_rare_is_not_imported() -> None:
    """A server starts fast and small: clients, colours and HTTP/1.1 are left out until they are needed."""
    code = "import sys, firewarden.server.transports.listener; print(*sys.modules)"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()  # noqa: S603
    unwanted = (
        "h11",
        "grpc",
        "google.cloud.firestore_v1",
        "proto",
        "httpx",
        "rich",
        "yaml",
        "google.protobuf.json_format",
    )
    assert [name for name in unwanted if name in found] == []


def test_services_may_have_messages(serve: Any) -> None:
    """Requests are parsed and answers serialised where a class is given."""

    def answer(request: Any, context: Any) -> Any:
        return protos.Document(name=request.name.upper())

    with (
        serve({"/s.S/M": Method("unary", answer, protos.GetDocumentRequest)}) as served,
        grpc.insecure_channel(served.target) as channel,
    ):
        call = channel.unary_unary("/s.S/M")
        found = call(protos.GetDocumentRequest(name="a").SerializeToString(), timeout=PATIENCE_S)
        with pytest.raises(grpc.RpcError) as caught:
            call(b"\xff\xff", timeout=PATIENCE_S)
    assert protos.Document.FromString(found).name == "A"
    assert caught.value.code() is grpc.StatusCode.UNKNOWN
    assert "The request is no google.firestore.v1.GetDocumentRequest" in caught.value.details()
