"""Requests over an HTTP/2 connection, with the `h2` library as the client: answers, stops, and who goes."""

from __future__ import annotations

import struct
from typing import Any

import h2.config
import h2.connection
import h2.events
import pytest

from firewarden.server.transports.http2 import frames
from firewarden.server.transports.http2.frames import ErrorCode, frame
from firewarden.server.transports.http2.headers import literal
from firewarden.server.transports.interface import TransportLimits
from toolkit.tests.server.transports.http2.connections import (
    BLOCK,
    GREETING,
    HEADERS_LAST,
    REQUEST,
    Server,
    Silent,
    client,
    talk,
)


def body_of(events: list[Any], stream_id: int) -> bytes:
    return b"".join(
        event.data for event in events if isinstance(event, h2.events.DataReceived) and event.stream_id == stream_id
    )


def names_of(events: list[Any]) -> list[str]:
    return [type(event).__name__ for event in events]


@pytest.mark.parametrize("size", [0, 1, 16_384, 16_385, 60_000])
def test_a_request_and_its_answer(size: int) -> None:
    peer, server = client(), Server()
    peer.send_headers(1, REQUEST)
    for start in range(0, size, 16_384):
        peer.send_data(1, bytes(min(16_384, size - start)))
    peer.end_stream(1)
    events = talk(peer, server)
    assert body_of(events, 1) == (bytes(size) or b"-")
    assert names_of(events)[-2:] == ["TrailersReceived", "StreamEnded"]
    assert server.connection.is_idle


def test_bytes_may_come_one_by_one() -> None:
    whole, server = Server(), Server()
    data = GREETING + frame(frames.HEADERS, frames.END_HEADERS, 1, BLOCK) + frame(frames.DATA, 1, 1, b"body")
    whole.connection.receive(data)
    for index in range(len(data)):
        server.connection.receive(data[index : index + 1])
    assert server.heard[0].body == b"body"
    assert server.take() == whole.take()


def test_padding_priorities_and_continuations_change_nothing() -> None:
    server = Server()
    padded = bytes([3]) + struct.pack(">IB", 0, 16) + BLOCK[:5] + bytes(3)
    server.connection.receive(
        GREETING
        + frame(frames.PRIORITY, 0, 1, struct.pack(">IB", 0, 16))
        + frame(frames.HEADERS, frames.PADDED | frames.HAS_PRIORITY, 1, padded)
        + frame(frames.CONTINUATION, 0, 1, BLOCK[5:9])
        + frame(frames.CONTINUATION, frames.END_HEADERS, 1, BLOCK[9:])
        + frame(0xFA, 0xFF, 1, b"unknown")
        + frame(frames.DATA, frames.PADDED, 1, b"\x05body" + bytes(5))
        + frame(frames.HEADERS, HEADERS_LAST, 1, literal([("trailer", "x")]))
    )
    assert server.heard[0].body == b"body"
    assert server.heard[0].stream.head.path == "/s/m"


def test_a_stop_lets_requests_finish_and_takes_no_new_ones() -> None:
    peer, server = client(), Server()
    peer.send_headers(1, REQUEST)
    talk(peer, server)
    server.connection.close_gracefully()
    server.connection.receive(frame(frames.HEADERS, HEADERS_LAST, 3, BLOCK) + frame(frames.DATA, 1, 3, b"x"))
    (goaway,) = (event for event in peer.receive_data(server.take()) if "Terminated" in type(event).__name__)
    assert (goaway.error_code, goaway.last_stream_id) == (0, 1)
    assert len(server.heard) == 1
    server.connection.receive(frame(frames.DATA, frames.END_STREAM, 1, b"end"))
    assert frames.HEADERS in [each[0] for each in server.frames()]
    assert server.connection.is_idle


def test_more_requests_than_allowed_are_refused() -> None:
    server = Server(Silent, TransportLimits(streams=2))
    server.connection.receive(GREETING + b"".join(frame(frames.HEADERS, HEADERS_LAST, n, BLOCK) for n in (1, 3, 5)))
    refusal = (frames.RST_STREAM, 0, 5, ErrorCode.REFUSED_STREAM.to_bytes(4, "big"))
    assert refusal in server.frames()
    assert len(server.heard) == 2


def test_who_goes_is_forgotten() -> None:
    server = Server(Silent)
    server.connection.receive(GREETING + b"".join(frame(frames.HEADERS, HEADERS_LAST, n, BLOCK) for n in (1, 3)))
    server.connection.receive(frames.rst_stream(1, ErrorCode.CANCEL))
    assert [heard.is_cancelled for heard in server.heard] == [True, False]
    server.connection.lost()
    assert [heard.is_cancelled for heard in server.heard] == [True, True]
    assert server.connection.is_idle


def test_what_comes_late_on_a_stream_that_was_reset_is_ignored() -> None:
    server = Server(Silent)
    server.connection.receive(GREETING + frame(frames.HEADERS, frames.END_HEADERS, 1, BLOCK))
    server.heard[0].stream.reset(ErrorCode.CANCEL)
    server.take()
    server.connection.receive(
        frame(frames.DATA, 0, 1, b"late") + frame(frames.HEADERS, HEADERS_LAST, 1, literal([("t", "x")]))
    )
    assert server.frames() == []
