"""HTTP/1.1 on the wire: what a client may send, in which order, and what it gets."""

from __future__ import annotations

import asyncio
import http.client
import socket
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from firewarden.server.transports.http1.application import pattern
from firewarden.server.transports.interface import HttpRequest, HttpResponse, Route, TransportLimits

PATIENCE_S = 10.0
CLOSE = b"connection: close\r\n"


async def echo(request: HttpRequest) -> HttpResponse:
    seen = [request.method, request.path, list(request.query), dict(request.captures), len(request.body)]
    return HttpResponse(201, repr(seen).encode(), "text/plain", [("x-a", "b")])


async def parts(request: HttpRequest) -> HttpResponse:
    async def body() -> AsyncIterator[bytes]:
        for index in range(int(request.captures["count"])):
            yield b"%d;" % index * 1_000
            await asyncio.sleep(0)

    return HttpResponse(200, body())


ROUTES = [
    Route("POST", "/echo/{name}:{verb}", echo),
    Route("GET", "/parts/{count}", parts),
    Route("PUT", "/rest/{path=**}", echo),
]


@pytest.fixture
def port(serve: Any) -> Iterator[int]:
    with serve({}, ROUTES, limits=TransportLimits(body_bytes=1_000_000)) as served:
        yield served.port


@contextmanager
def connected(port: int) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S) as sock:
        yield sock


def exchange(port: int, data: bytes) -> bytes:
    """Send all, then read until the server closes."""
    with connected(port) as sock:
        sock.sendall(data)
        found = b""
        while part := sock.recv(65_536):
            found += part
        return found


def get(path: str, *headers: str) -> bytes:
    return "\r\n".join([f"GET {path} HTTP/1.1", "host: x", *headers, "", ""]).encode()


def test_the_root_says_ok(port: int) -> None:
    """Recorded from the official emulator."""
    assert exchange(port, get("/", "connection: close")).partition(b"\r\n\r\n")[2] == b"Ok\n"
    assert exchange(port, get("/?a=1", "connection: close")).partition(b"\r\n\r\n")[2] == b"Ok\n"


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/nope"), ("POST", "/"), ("GET", "/v1/"), ("HEAD", "/"), ("PUT", "/echo/a:b")]
)
def test_unknown_paths(port: int, method: str, path: str) -> None:
    """Recorded from the official emulator; also that it knows no HEAD."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_S)
    connection.request(method, path)
    response = connection.getresponse()
    body = response.read()
    assert (response.status, response.reason, response.headers["content-length"]) == (404, "Not Found", "10")
    assert body == (b"" if method == "HEAD" else b"Not Found\n")
    connection.close()


def test_requests_in_one_go_are_answered_in_order(port: int) -> None:
    answers = exchange(port, get("/parts/2") + get("/nope") + get("/", "connection: close") + get("/nope"))
    statuses = [line for line in answers.split(b"\r\n") if line.startswith(b"HTTP/1.1") or b"HTTP/1.1 " in line]
    assert [line.split(b"HTTP/1.1 ")[1] for line in statuses] == [b"200 OK", b"404 Not Found", b"200 OK"]


def test_many_requests_in_one_go(port: int) -> None:
    count = 3_000
    answers = exchange(port, get("/") * count + get("/", "connection: close"))
    assert answers.count(b"Ok\n") == count + 1


def test_a_body_in_chunks(port: int) -> None:
    chunks = b"5\r\nhello\r\n6;x=y\r\n world\r\n0\r\n\r\n"
    request = b"POST /echo/a:b?c=d&e=%20+f&g HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n" + CLOSE
    head, _, body = exchange(port, request + b"\r\n" + chunks).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 201 Created\r\n")
    assert b"x-a: b" in head
    assert (
        body
        == repr(["POST", "/echo/a:b", [("c", "d"), ("e", "  f"), ("g", "")], {"name": "a", "verb": "b"}, 11]).encode()
    )


def test_a_client_that_asks_first(port: int) -> None:
    with connected(port) as sock:
        sock.sendall(
            b"POST /echo/a:b HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\nexpect: 100-continue\r\n" + CLOSE + b"\r\n"
        )
        assert sock.recv(1_000).startswith(b"HTTP/1.1 100")
        sock.sendall(b"ab")
        assert sock.recv(1_000).startswith(b"HTTP/1.1 201 Created")


@pytest.mark.parametrize("chunked", [True, False])
def test_a_body_that_is_too_long(port: int, chunked: bool) -> None:
    if chunked:
        body = b"100000\r\n" + bytes(0x100000) + b"\r\n0\r\n\r\n"
        request = b"POST /echo/a:b HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n" + body
    else:
        request = b"POST /echo/a:b HTTP/1.1\r\nhost: x\r\ncontent-length: 1000001\r\n\r\n" + bytes(1_000_001)
    assert exchange(port, request).startswith(b"HTTP/1.1 413 ")


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"GET /\r\n\r\n", b"400"),
        (b"GET / HTTP/1.1\r\n\r\n", b"400"),
        (b"GET / HTTP/1.1\r\nhost: x\r\na b: c\r\n\r\n", b"400"),
        (b"GET / HTTP/1.1\r\nhost: x\r\na: " + b"b" * 100_000 + b"\r\n\r\n", b"431"),
        (b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: -1\r\n\r\n", b"400"),
        (b"POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n", b"400"),
        (b"GET http://[ HTTP/1.1\r\nhost: x\r\n\r\n", b"400"),
    ],
)
def test_requests_that_are_none(port: int, data: bytes, status: bytes) -> None:
    assert exchange(port, data).startswith(b"HTTP/1.1 " + status)
    assert exchange(port, get("/", "connection: close")).endswith(b"Ok\n")


@pytest.mark.parametrize("target", ["http://127.0.0.1:1/", "/?a=%FF", "/"])
def test_targets_that_mean_the_root(port: int, target: str) -> None:
    assert exchange(port, get(target, "connection: close")).endswith(b"Ok\n")


def test_an_old_client(port: int) -> None:
    assert exchange(port, b"GET / HTTP/1.0\r\n\r\n").endswith(b"Ok\n")


def test_who_reads_slowly_slows_the_answer_down(serve: Any) -> None:
    made, closed = 0, threading.Event()

    async def endless(request: HttpRequest) -> HttpResponse:
        async def body() -> AsyncIterator[bytes]:
            nonlocal made
            try:
                while True:
                    made += 1
                    yield bytes(100_000)
            finally:
                closed.set()

        return HttpResponse(200, body())

    with serve({}, [Route("GET", "/endless", endless)]) as served:
        with connected(served.port) as sock:
            sock.sendall(get("/endless"))
            assert sock.recv(10)
            assert exchange(served.port, get("/", "connection: close")).endswith(b"Ok\n")
            assert made < 1_000
        assert closed.wait(PATIENCE_S)


@pytest.mark.parametrize(
    ("headers", "found"),
    [
        ([], {}),
        (
            ["origin: http://a.b"],
            {
                "access-control-allow-origin": "http://a.b",
                "access-control-allow-methods": "DELETE,GET,HEAD,PATCH,POST,PUT",
                "access-control-allow-credentials": "true",
            },
        ),
        (
            [
                "origin: http://a.b",
                "access-control-request-method: PATCH",
                "access-control-request-headers: x-a,content-type",
                "access-control-request-private-network: true",
            ],
            {
                "access-control-allow-origin": "http://a.b",
                "access-control-allow-methods": "DELETE,GET,HEAD,PATCH,POST,PUT",
                "access-control-allow-credentials": "true",
                "access-control-allow-headers": "x-a,content-type",
                "access-control-allow-private-network": "true",
            },
        ),
    ],
)
def test_preflight_requests(port: int, headers: list[str], found: dict[str, str]) -> None:
    """For any path; recorded from the official emulator."""
    for path in ("/", "/nope"):
        request = get(path, *headers, "connection: close").replace(b"GET", b"OPTIONS", 1)
        head, _, body = exchange(port, request).decode().partition("\r\n\r\n")
        status, *lines = head.split("\r\n")
        answered = dict(line.split(": ", 1) for line in lines)
        assert (status, body, answered.pop("content-length")) == ("HTTP/1.1 200 OK", "", "0")
        assert {name: value for name, value in answered.items() if name.startswith("access-")} == found


@pytest.mark.parametrize("path", ["/", "/nope", "/parts/1"])
def test_pages_of_other_origins_may_read_answers(port: int, path: str) -> None:
    answer = exchange(port, get(path, "origin: http://a.b", "connection: close"))
    assert b"access-control-allow-origin: http://a.b\r\n" in answer
    assert b"access-control-expose-headers: x-client-wire-protocol," in answer
    assert b"vary: origin\r\n" in answer


@pytest.mark.parametrize(
    ("template", "path", "captures"),
    [
        ("/a/{b}", "/a/x", {"b": "x"}),
        ("/a/{b}", "/a/x/y", None),
        ("/a/{b}", "/a/", None),
        ("/a/{b}:c", "/a/x:c", {"b": "x"}),
        ("/a/{b}:c", "/a/org:x:c", {"b": "org:x"}),
        ("/a/{b}:c", "/a/x:d", None),
        ("/a/{b=**}", "/a/x/y/", {"b": "x/y/"}),
        ("/p/{p}/d/{d}/documents/{n=**}", "/p/x/d/(default)/documents/c/d", {"p": "x", "d": "(default)", "n": "c/d"}),
        ("/a.c", "/abc", None),
    ],
)
def test_templates(template: str, path: str, captures: dict[str, str] | None) -> None:
    found = pattern(template).fullmatch(path)
    assert (None if found is None else found.groupdict()) == captures
