"""What clients send without end over HTTP/2, and how the server ends it."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Callable, Iterator
from itertools import chain, count, repeat

from firewarden.firestore.wire import protos
from firewarden.server.transports.http2.frames import (
    ACK,
    CONTINUATION,
    DATA,
    END_HEADERS,
    END_STREAM,
    HEADERS,
    INITIAL_WINDOW_SIZE,
    PING,
    PRIORITY,
    SETTINGS,
    WINDOW_MAX,
    ErrorCode,
    frame,
    rst_stream,
    settings,
    window_update,
)
from toolkit.tests.server.faults.process import DATABASE, ROOT, head, message

SILENCE_S = 1.0
"""A server that takes nothing for so long has stopped reading."""
GROWTH_MAX = 48 << 20
FLOOD_BYTES = 6 << 20
Flood = Callable[[], Iterator[bytes]]

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
