"""Clients that break the law of HTTP/2: what ends the connection and what ends one stream."""

from __future__ import annotations

import struct

import pytest

from firewarden.server.transports.http2 import frames
from firewarden.server.transports.http2.frames import ErrorCode, frame
from firewarden.server.transports.http2.headers import literal
from toolkit.tests.server.transports.http2.connections import (
    BLOCK,
    GREETING,
    HEADERS_LAST,
    OPEN,
    REQUEST,
    WHOLE,
    Heard,
    Server,
    Silent,
)

MAX_WINDOW = frames.window_update(0, frames.WINDOW_MAX)
SELF = struct.pack(">IB", 1, 16)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"GET / HTTP/1.1\r\n\r\n", ErrorCode.PROTOCOL_ERROR),
        (frames.PREFACE + frame(frames.PING, 0, 0, bytes(8)), ErrorCode.PROTOCOL_ERROR),
        (GREETING + frame(frames.DATA, 0, 1, bytes(16_385)), ErrorCode.FRAME_SIZE_ERROR),
        (GREETING + frame(frames.DATA, 0, 0, b"x"), ErrorCode.PROTOCOL_ERROR),
        (GREETING + frame(frames.DATA, 0, 1, b"x"), ErrorCode.PROTOCOL_ERROR),
        (GREETING + OPEN + frame(frames.DATA, frames.PADDED, 1, b"\x05abc"), ErrorCode.PROTOCOL_ERROR),
        (GREETING + OPEN + frame(frames.DATA, frames.PADDED, 1, b""), ErrorCode.PROTOCOL_ERROR),
        (GREETING + frame(frames.HEADERS, HEADERS_LAST, 0, BLOCK), ErrorCode.PROTOCOL_ERROR),
        (GREETING + frame(frames.HEADERS, HEADERS_LAST, 2, BLOCK), ErrorCode.PROTOCOL_ERROR),
        (GREETING + frame(frames.HEADERS, frames.HAS_PRIORITY, 1, b"123"), ErrorCode.FRAME_SIZE_ERROR),
        (GREETING + WHOLE + WHOLE, ErrorCode.STREAM_CLOSED),
        (GREETING + frame(frames.HEADERS, HEADERS_LAST, 5, BLOCK) + WHOLE, ErrorCode.STREAM_CLOSED),
        (GREETING + frame(frames.HEADERS, HEADERS_LAST, 1, b"\xff\xff\xff\xff\xff\xff"), ErrorCode.COMPRESSION_ERROR),
        (GREETING + frame(frames.HEADERS, 0, 1, BLOCK) + frame(frames.DATA, 0, 1), ErrorCode.PROTOCOL_ERROR),
        (GREETING + frame(frames.HEADERS, 0, 1, BLOCK) + frame(0xFA, 0, 1), ErrorCode.PROTOCOL_ERROR),
        (GREETING + frame(frames.HEADERS, 0, 1, BLOCK) + frame(frames.CONTINUATION, 4, 3), ErrorCode.PROTOCOL_ERROR),
        (GREETING + frame(frames.CONTINUATION, 4, 1, BLOCK), ErrorCode.PROTOCOL_ERROR),
        (
            GREETING + frame(frames.HEADERS, 0, 1) + frame(frames.CONTINUATION, 0, 1, bytes(16_000)) * 20,
            ErrorCode.ENHANCE_YOUR_CALM,
        ),
        (
            GREETING + frame(frames.HEADERS, 0, 1) + frame(frames.CONTINUATION, 0, 1) * 140_000,
            ErrorCode.ENHANCE_YOUR_CALM,
        ),
        (GREETING + frame(frames.PRIORITY, 0, 0, bytes(5)), ErrorCode.PROTOCOL_ERROR),
        (GREETING + frame(frames.RST_STREAM, 0, 0, bytes(4)), ErrorCode.PROTOCOL_ERROR),
        (GREETING + frame(frames.RST_STREAM, 0, 1, bytes(4)), ErrorCode.PROTOCOL_ERROR),
        (GREETING + OPEN + frame(frames.RST_STREAM, 0, 1, bytes(3)), ErrorCode.FRAME_SIZE_ERROR),
        (GREETING + frame(frames.SETTINGS, 0, 1), ErrorCode.PROTOCOL_ERROR),
        (GREETING + frame(frames.SETTINGS, 0, 0, bytes(3)), ErrorCode.FRAME_SIZE_ERROR),
        (GREETING + frame(frames.SETTINGS, frames.ACK, 0, bytes(6)), ErrorCode.FRAME_SIZE_ERROR),
        (GREETING + frames.settings({frames.ENABLE_PUSH: 2}), ErrorCode.PROTOCOL_ERROR),
        (GREETING + frames.settings({frames.INITIAL_WINDOW_SIZE: 1 << 31}), ErrorCode.FLOW_CONTROL_ERROR),
        (GREETING + frames.settings({frames.MAX_FRAME_SIZE: 16_383}), ErrorCode.PROTOCOL_ERROR),
        (GREETING + frames.settings({frames.MAX_FRAME_SIZE: 1 << 24}), ErrorCode.PROTOCOL_ERROR),
        (GREETING + frame(frames.PUSH_PROMISE, 4, 1, bytes(4)), ErrorCode.PROTOCOL_ERROR),
        (GREETING + frame(frames.PING, 0, 1, bytes(8)), ErrorCode.PROTOCOL_ERROR),
        (GREETING + frame(frames.PING, 0, 0, bytes(7)), ErrorCode.FRAME_SIZE_ERROR),
        (GREETING + frame(frames.GOAWAY, 0, 1, bytes(8)), ErrorCode.PROTOCOL_ERROR),
        (GREETING + frames.window_update(0, 0), ErrorCode.PROTOCOL_ERROR),
        (GREETING + frames.window_update(1, 1), ErrorCode.PROTOCOL_ERROR),
        (GREETING + frame(frames.WINDOW_UPDATE, 0, 0, bytes(3)), ErrorCode.FRAME_SIZE_ERROR),
        (GREETING + MAX_WINDOW, ErrorCode.FLOW_CONTROL_ERROR),
    ],
)
def test_faults_that_end_the_connection(data: bytes, code: ErrorCode) -> None:
    """RFC 9113; h2spec asks most of them."""
    server = Server(Heard)
    server.connection.receive(data)
    kind, _, _, payload = server.frames()[-1]
    assert (kind, payload[4:8]) == (frames.GOAWAY, code.to_bytes(4, "big"))
    assert payload[8:]
    assert server.connection.has_failed
    server.connection.receive(GREETING)
    assert server.take() == b""


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (OPEN + frame(frames.HEADERS, frames.END_HEADERS, 1, literal([("t", "x")])), ErrorCode.PROTOCOL_ERROR),
        (OPEN + frame(frames.HEADERS, HEADERS_LAST, 1, literal([(":t", "x")])), ErrorCode.PROTOCOL_ERROR),
        (frame(frames.HEADERS, HEADERS_LAST, 1, literal(REQUEST[1:])), ErrorCode.PROTOCOL_ERROR),
        (frame(frames.HEADERS, HEADERS_LAST | 0x20, 1, SELF + BLOCK), ErrorCode.PROTOCOL_ERROR),
        (frame(frames.PRIORITY, 0, 1, SELF), ErrorCode.PROTOCOL_ERROR),
        (frame(frames.PRIORITY, 0, 1, bytes(4)), ErrorCode.FRAME_SIZE_ERROR),
        (OPEN + frames.window_update(1, 0), ErrorCode.PROTOCOL_ERROR),
        (OPEN + frames.window_update(1, frames.WINDOW_MAX), ErrorCode.FLOW_CONTROL_ERROR),
        (WHOLE + frame(frames.DATA, 0, 1, b"x"), ErrorCode.STREAM_CLOSED),
        (
            frame(frames.HEADERS, HEADERS_LAST, 1, literal([*REQUEST, ("content-length", "1")])),
            ErrorCode.PROTOCOL_ERROR,
        ),
        (
            frame(frames.HEADERS, frames.END_HEADERS, 1, literal([*REQUEST, ("content-length", "3")]))
            + frame(frames.DATA, frames.END_STREAM, 1, b"four"),
            ErrorCode.PROTOCOL_ERROR,
        ),
    ],
)
def test_faults_that_end_one_stream(data: bytes, code: ErrorCode) -> None:
    server = Server(Silent)
    server.connection.receive(GREETING + data)
    assert (frames.RST_STREAM, 0, 1, code.to_bytes(4, "big")) in server.frames()
    assert not server.connection.has_failed
    server.connection.receive(frame(frames.HEADERS, HEADERS_LAST, 3, BLOCK))
    assert server.heard[-1].stream.id == 3
