"""Clients that flood, vanish, stay silent or do not read: others are answered, and the process does not grow."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
from collections.abc import Callable, Iterator
from itertools import chain, count, repeat
from pathlib import Path
from typing import Any

import grpc
import httpx
import pytest

from firewarden.firestore.wire import protos
from firewarden.server.services import SERVICE
from firewarden.server.transports.http2.frames import (
    ACK,
    CONTINUATION,
    DATA,
    END_HEADERS,
    END_STREAM,
    GOAWAY,
    HEADERS,
    INITIAL_WINDOW_SIZE,
    PING,
    PREFACE,
    PRIORITY,
    SETTINGS,
    WINDOW_MAX,
    ErrorCode,
    frame,
    rst_stream,
    settings,
    window_update,
)
from firewarden.server.transports.http2.headers import literal
from toolkit.tests.cli.conftest import COMMAND

DATABASE = "projects/demo-floods/databases/(default)"
ROOT = f"{DATABASE}/documents"
OWNER = {"authorization": "Bearer owner"}
TIMEOUT_S = 30.0
SILENCE_S = 1.0
"""A server that takes nothing for so long has stopped reading."""
GROWTH_MAX = 48 << 20
FLOOD_BYTES = 6 << 20
LARGE = 200_000
Flood = Callable[[], Iterator[bytes]]


class Process:
    """A server of its own, whose memory can be looked at."""

    def __init__(self, folder: Path) -> None:
        environ = {name: value for name, value in os.environ.items() if not name.startswith(("FIRE", "GCLOUD"))}
        command = [str(COMMAND), "serve", "--port", "0"]
        self._process = subprocess.Popen(command, cwd=folder, env=environ, stdout=subprocess.PIPE, text=True)  # noqa: S603 - ours
        assert self._process.stdout is not None
        self.address = self._process.stdout.readline().strip().partition("=")[2]
        host, _, port = self.address.partition(":")
        self.place = host, int(port)

    @property
    def rss(self) -> int:
        """How much memory it has, in bytes."""
        pages = Path(f"/proc/{self._process.pid}/statm").read_text().split()[1]
        return int(pages) * os.sysconf("SC_PAGE_SIZE")

    @property
    def is_alive(self) -> bool:
        return self._process.poll() is None

    def connect(self) -> socket.socket:
        return socket.create_connection(self.place, timeout=TIMEOUT_S)

    def answers(self) -> bool:
        """Over both transports."""
        rest = httpx.get(f"http://{self.address}/v1/{ROOT}/c/none", headers=OWNER, trust_env=False, timeout=TIMEOUT_S)
        with grpc.insecure_channel(self.address) as channel:
            call = channel.unary_unary(f"/{SERVICE}/BeginTransaction")
            call(protos.BeginTransactionRequest(database=DATABASE).SerializeToString(), timeout=TIMEOUT_S)
        return rest.status_code == 404 and self.is_alive

    def stop(self) -> None:
        self._process.send_signal(signal.SIGTERM)
        self._process.communicate(timeout=TIMEOUT_S)


@pytest.fixture(scope="module")
def process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    process = Process(tmp_path_factory.mktemp("floods"))
    assert process.answers()
    yield process
    process.stop()


def head(method: str) -> bytes:
    return literal(
        [
            *((":method", "POST"), (":scheme", "http"), (":path", f"/{SERVICE}/{method}"), (":authority", "x")),
            *(("content-type", "application/grpc"), ("te", "trailers"), ("authorization", "Bearer owner")),
        ]
    )


def message(request: Any) -> bytes:
    data: bytes = request.SerializeToString()
    return b"\0" + len(data).to_bytes(4, "big") + data


EVERYTHING = protos.RunQueryRequest(parent=ROOT)
getattr(EVERYTHING.structured_query, "from").add(collection_id="large")
BEGIN, QUERY = head("BeginTransaction"), head("RunQuery")
BEGUN = message(protos.BeginTransactionRequest(database=DATABASE))


def resets() -> Iterator[bytes]:
    """Requests that are begun and taken back at once."""
    for number in count(1, 2):
        yield frame(HEADERS, END_HEADERS, number, BEGIN) + rst_stream(number, ErrorCode.CANCEL)


def resets_of_whole_requests() -> Iterator[bytes]:
    for number in count(1, 2):
        whole = frame(HEADERS, END_HEADERS, number, QUERY) + frame(DATA, END_STREAM, number, message(EVERYTHING))
        yield whole + rst_stream(number, ErrorCode.CANCEL)


def requests_without_end() -> Iterator[bytes]:
    return (frame(HEADERS, END_HEADERS, number, BEGIN) for number in count(1, 2))


def bodies_without_end() -> Iterator[bytes]:
    """A message that says it is long, in the streams that are allowed, each filled as far as its window goes."""
    yield b"".join(frame(HEADERS, END_HEADERS, number, BEGIN) for number in range(1, 64, 2))
    start = b"\0" + (8 << 20).to_bytes(4, "big")
    yield b"".join(frame(DATA, 0, number, start) for number in range(1, 64, 2))
    while True:
        yield from (frame(DATA, 0, number, b"x" * 16_000) for number in range(1, 64, 2))


def requests_whose_answers_nobody_reads() -> Iterator[bytes]:
    yield settings({INITIAL_WINDOW_SIZE: WINDOW_MAX}) + window_update(0, WINDOW_MAX - 65_535)
    for number in count(1, 2):
        yield frame(HEADERS, END_HEADERS, number, BEGIN) + frame(DATA, END_STREAM, number, BEGUN)


def header_bomb() -> Iterator[bytes]:
    """One long header in the compression table, then named thousands of times by a byte each."""
    name = b"\x40\x01a\x7f" + bytes([(4_000 - 127) & 0x7F | 0x80, (4_000 - 127) >> 7]) + b"x" * 4_000
    yield frame(HEADERS, END_HEADERS | END_STREAM, 1, BEGIN + name)
    for number in count(3, 2):
        yield frame(HEADERS, END_HEADERS | END_STREAM, number, BEGIN + b"\xbe" * 16_000)


def endless(first: bytes, each: bytes) -> Flood:
    return lambda: chain([first], repeat(each))


FLOODS: dict[str, tuple[Flood, ErrorCode | None]] = {
    "rapid reset": (resets, None),
    "rapid reset of whole requests": (resets_of_whole_requests, None),
    "requests without end": (requests_without_end, None),
    "bodies without end": (bodies_without_end, None),
    "answers nobody reads": (requests_whose_answers_nobody_reads, None),
    "headers without end": (
        endless(frame(HEADERS, 0, 1, BEGIN), frame(CONTINUATION, 0, 1, b"\0\1a\1b" * 3_000)),
        ErrorCode.ENHANCE_YOUR_CALM,
    ),
    "empty continuations": (
        endless(frame(HEADERS, 0, 1, BEGIN), frame(CONTINUATION, 0, 1) * 1_000),
        ErrorCode.ENHANCE_YOUR_CALM,
    ),
    "header bomb": (header_bomb, ErrorCode.COMPRESSION_ERROR),
    "pings": (endless(b"", frame(PING, 0, 0, b"12345678") * 1_000), None),
    "answers to no ping": (endless(b"", frame(PING, ACK, 0, b"12345678") * 1_000), None),
    "settings": (endless(b"", frame(SETTINGS, 0, 0) * 1_000), None),
    "priorities": (endless(b"", frame(PRIORITY, 0, 1, b"\0\0\0\3\0") * 1_000), None),
    "windows": (endless(b"", window_update(0, 1_000_000) * 1_000), ErrorCode.FLOW_CONTROL_ERROR),
    "unknown frames": (endless(b"", frame(0xEE, 0, 0, b"x" * 1_000) * 100), None),
}


def flooded(sock: socket.socket, flood: Iterator[bytes]) -> int:
    """Send until enough was sent, the server reads no more, or it has hung up; returns how much it took."""
    sock.settimeout(SILENCE_S)
    taken = 0
    with contextlib.suppress(OSError):
        for piece in flood:
            if taken > FLOOD_BYTES:
                break
            sock.sendall(piece)
            taken += len(piece)
    return taken


def goaway(sock: socket.socket) -> ErrorCode | None:
    """Why the server has hung up, read from all that it said before."""
    sock.settimeout(TIMEOUT_S)
    said = bytearray()
    with contextlib.suppress(OSError):
        while data := sock.recv(1 << 16):
            said += data
    while len(said) >= 9:
        size = int.from_bytes(said[:3], "big")
        if said[3] == GOAWAY:
            return ErrorCode(int.from_bytes(said[13:17], "big"))
        del said[: 9 + size]
    return None


@pytest.mark.parametrize("name", FLOODS)
def test_a_flood_over_http2_changes_nothing_for_others(process: Process, name: str) -> None:
    flood, code = FLOODS[name]
    before = process.rss
    with process.connect() as sock:
        sock.sendall(PREFACE + settings({}))
        flooded(sock, flood())
        assert process.answers()
        assert process.rss - before < GROWTH_MAX
        if code is not None:
            assert goaway(sock) in (code, None)  # a reset of the connection may overtake what was said
    assert process.answers()


@pytest.fixture
def large(process: Process) -> int:
    """Documents that are together larger than all buffers on the way."""
    with httpx.Client(
        base_url=f"http://{process.address}/v1/", headers=OWNER, trust_env=False, timeout=TIMEOUT_S
    ) as rest:
        for number in range(60):
            fields = {"text": {"stringValue": "x" * LARGE}}
            assert rest.patch(f"{ROOT}/large/{number}", json={"fields": fields}).status_code == 200
    return 60 * LARGE


@pytest.mark.parametrize("pipelined", ["large/0", "large?pageSize=30"])
def test_requests_over_http1_whose_answers_nobody_reads(process: Process, large: int, pipelined: str) -> None:
    """The server stops to read from a client that does not listen."""
    before = process.rss
    request = f"GET /v1/{ROOT}/{pipelined} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer owner\r\n\r\n".encode()
    with process.connect() as sock:
        flooded(sock, repeat(request * 100))
        assert process.answers()
        assert process.rss - before < GROWTH_MAX
    assert process.answers()


def test_a_client_that_reads_slowly_holds_up_nobody(process: Process, large: int) -> None:
    """A long answer waits in bounded memory, others are served meanwhile, and in the end it is whole."""
    with grpc.insecure_channel(process.address) as channel:
        call = channel.unary_stream(f"/{SERVICE}/RunQuery")
        answers = call(EVERYTHING.SerializeToString(), metadata=tuple(OWNER.items()), timeout=TIMEOUT_S)
        sizes = [len(next(answers))]
        for _ in range(3):
            assert process.answers()
        sizes += map(len, answers)
    assert sum(sizes) > large


def test_answers_that_nobody_reads_stay_in_the_store(process: Process, large: int) -> None:
    """And are what they were when somebody reads them at last, whatever has changed meanwhile."""
    before = process.rss
    with contextlib.ExitStack() as stack:
        whole = frame(HEADERS, END_HEADERS, 1, QUERY) + frame(DATA, END_STREAM, 1, message(EVERYTHING))
        for _ in range(20):
            sock = stack.enter_context(process.connect())
            sock.sendall(PREFACE + settings({}) + whole)
            assert sock.recv(100)
        channel = stack.enter_context(grpc.insecure_channel(process.address))
        call = channel.unary_stream(f"/{SERVICE}/RunQuery")
        late = call(EVERYTHING.SerializeToString(), metadata=tuple(OWNER.items()), timeout=TIMEOUT_S)
        sizes = [len(next(late))]
        assert process.answers()
        assert process.rss - before < 20 * large / 3
        with httpx.Client(base_url=f"http://{process.address}/v1/", headers=OWNER, trust_env=False) as rest:
            for number in range(1, 60):
                assert rest.delete(f"{ROOT}/large/{number}", timeout=TIMEOUT_S).status_code == 200
        sizes += map(len, late)
        assert len(sizes) >= 60
        assert sum(sizes) > large


@pytest.mark.parametrize("asked", [b"", b"P", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"GET / HT", b"\x16\x03\x01"])
def test_connections_that_stay_silent(process: Process, asked: bytes) -> None:
    """Hundreds of half-open connections cost next to nothing."""
    before = process.rss
    with contextlib.ExitStack() as stack:
        for _ in range(300):
            stack.enter_context(process.connect()).sendall(asked)
        assert process.answers()
        assert process.rss - before < GROWTH_MAX


def test_clients_that_vanish_amid_an_answer(process: Process, large: int) -> None:
    for _ in range(20):
        with process.connect() as sock:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            whole = frame(HEADERS, END_HEADERS, 1, QUERY) + frame(DATA, END_STREAM, 1, message(EVERYTHING))
            sock.sendall(PREFACE + settings({}) + whole)
            assert sock.recv(100)
    assert process.answers()


def test_a_client_that_vanishes_while_it_waits_frees_its_place(process: Process) -> None:
    """A commit whose client went away while it waited for a lock is not done later."""
    with grpc.insecure_channel(process.address) as channel:

        def ask(method: str, request: Any, **options: Any) -> Any:
            call = channel.unary_unary(f"/{SERVICE}/{method}")
            return call(request.SerializeToString(), metadata=tuple(OWNER.items()), **{"timeout": TIMEOUT_S, **options})

        began = ask("BeginTransaction", protos.BeginTransactionRequest(database=DATABASE))
        transaction = protos.BeginTransactionResponse.FromString(began).transaction
        ask("GetDocument", protos.GetDocumentRequest(name=f"{ROOT}/large/0", transaction=transaction))
        commit = protos.CommitRequest(database=DATABASE)
        commit.writes.add().delete = f"{ROOT}/large/0"
        with pytest.raises(grpc.RpcError) as caught:
            ask("Commit", commit, timeout=0.2)
        assert caught.value.code() is grpc.StatusCode.DEADLINE_EXCEEDED
        ask("Rollback", protos.RollbackRequest(database=DATABASE, transaction=transaction))
        assert ask("GetDocument", protos.GetDocumentRequest(name=f"{ROOT}/large/0"))
