"""The HTTP/2 connection against the `h2` library as the client, in memory, and against clients that break the law."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import Any

import h2.config
import h2.connection
import h2.events
import pytest

from firewarden.server.transports.http2 import frames
from firewarden.server.transports.http2.connection import Connection
from firewarden.server.transports.http2.frames import ErrorCode, frame
from firewarden.server.transports.http2.headers import literal
from firewarden.server.transports.http2.stream import Stream
from firewarden.server.transports.interface import TransportLimits

REQUEST = [(":method", "POST"), (":scheme", "http"), (":authority", "h"), (":path", "/s/m")]
BLOCK = literal(REQUEST)
GREETING = frames.PREFACE + frames.settings({})
HEADERS_LAST = frames.END_HEADERS | frames.END_STREAM


@dataclass
class Heard:
    """A receiver that keeps what it hears and says the body back at the end."""

    stream: Stream
    body: bytes = b""
    is_cancelled: bool = False
    drained_times: int = 0

    def data_received(self, data: bytes) -> None:
        self.body += data
        self.stream.consumed(len(data))

    def ended(self, last: bytes) -> None:
        self.body += last
        self.stream.answer(literal([(":status", "200")]), self.body or b"-", literal([("end", "1")]))

    def cancelled(self) -> None:
        self.is_cancelled = True

    def drained(self) -> None:
        self.drained_times += 1

    def stopping(self) -> None:
        pass


@dataclass
class Silent(Heard):
    """Does not answer."""

    def ended(self, last: bytes) -> None:
        pass


@dataclass
class Server:
    """A connection, what it wrote and what its receivers heard."""

    receiver: type[Heard] = Heard
    limits: TransportLimits = field(default_factory=TransportLimits)
    written: bytes = b""
    heard: list[Heard] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.connection = Connection(self._open, self._write, limits=self.limits, peer="test")
        self.connection.start()

    def _open(self, stream: Stream) -> Heard:
        self.heard.append(self.receiver(stream))
        return self.heard[-1]

    def _write(self, data: bytes) -> None:
        self.written += data

    def take(self) -> bytes:
        found, self.written = self.written, b""
        return found

    def frames(self) -> list[tuple[int, int, int, bytes]]:
        """What was written, as (kind, flags, stream, payload)."""
        data, found = self.take(), []
        while data:
            size = int.from_bytes(data[:3], "big")
            found.append((data[3], data[4], int.from_bytes(data[5:9], "big"), data[9 : 9 + size]))
            data = data[9 + size :]
        return found


def client() -> Any:
    made = h2.connection.H2Connection(h2.config.H2Configuration(client_side=True, header_encoding="utf-8"))
    made.initiate_connection()
    return made


def talk(peer: Any, server: Server) -> list[Any]:
    """Carry bytes both ways until both are silent. Returns what happened at the client."""
    events: list[Any] = []
    while True:
        data = peer.data_to_send()
        if data:
            server.connection.receive(data)
        answer = server.take()
        if not (data or answer):
            return events
        for event in peer.receive_data(answer):
            events.append(event)
            if isinstance(event, h2.events.DataReceived) and event.flow_controlled_length:
                peer.acknowledge_received_data(event.flow_controlled_length, event.stream_id)


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


def test_bodies_wait_for_the_windows() -> None:
    """The client's windows hold 65,535 bytes; the rest follows as it takes them, on one stream after the other."""
    server = Server(Silent)
    server.connection.receive(GREETING + b"".join(frame(frames.HEADERS, HEADERS_LAST, n, BLOCK) for n in (1, 3)))
    server.take()
    for heard in server.heard:
        heard.stream.send_headers(literal([(":status", "200")]))
        heard.stream.send_data(bytes(100_000))
        heard.stream.end(literal([("end", "1")]))

    def sent() -> dict[int, int]:
        sizes = {1: 0, 3: 0}
        for kind, _, stream_id, payload in server.frames():
            if kind == frames.DATA:
                sizes[stream_id] += len(payload)
        return sizes

    assert sent() == {1: 65_535, 3: 0}
    server.connection.receive(frames.window_update(0, 70_000))
    assert sent() == {1: 0, 3: 65_535}
    server.connection.receive(frames.window_update(1, 200_000))
    assert sent() == {1: 4_465, 3: 0}
    server.connection.receive(frames.window_update(0, 200_000))
    assert sent() == {1: 30_000, 3: 0}
    server.connection.receive(frames.settings({frames.INITIAL_WINDOW_SIZE: 100_000}))
    assert sent() == {1: 0, 3: 34_465}
    assert server.connection.is_idle


def test_a_window_may_be_negative() -> None:
    """A setting may shrink what has been used already (section 6.9.2)."""
    server = Server(Silent)
    server.connection.receive(GREETING + frame(frames.HEADERS, HEADERS_LAST, 1, BLOCK))
    server.heard[0].stream.send_data(bytes(70_000))
    server.connection.receive(frames.window_update(0, 100_000) + frames.settings({frames.INITIAL_WINDOW_SIZE: 10_000}))
    server.take()
    server.connection.receive(frames.window_update(1, 55_000))
    assert not [each for each in server.frames() if each[0] == frames.DATA]
    server.connection.receive(frames.window_update(1, 1_000))
    assert sum(len(each[3]) for each in server.frames() if each[0] == frames.DATA) == 465


def test_the_receiver_is_told_when_there_is_room() -> None:
    server = Server(Silent)
    server.connection.receive(GREETING + frame(frames.HEADERS, HEADERS_LAST, 1, BLOCK))
    heard = server.heard[0]
    heard.stream.send_data(bytes(65_535))
    assert not heard.stream.is_writable
    heard.stream.ask_for_room()
    server.connection.receive(frames.window_update(0, 10))
    assert heard.drained_times == 0
    server.connection.receive(frames.window_update(1, 10))
    assert heard.drained_times == 1
    server.connection.output.pause()
    assert not heard.stream.is_writable
    heard.stream.ask_for_room()
    server.connection.output.resume()
    assert heard.drained_times == 2


def test_a_full_socket_holds_bodies_back_and_nothing_else() -> None:
    server = Server()
    server.connection.output.pause()
    server.connection.receive(
        GREETING + frame(frames.HEADERS, HEADERS_LAST, 1, BLOCK) + frame(frames.PING, 0, 0, b"12345678")
    )
    kinds = [each[0] for each in server.frames()]
    assert frames.DATA not in kinds
    assert frames.PING in kinds
    server.connection.output.resume()
    assert [each[0] for each in server.frames()] == [frames.DATA, frames.HEADERS]


def test_the_client_may_send_as_much_as_is_consumed() -> None:
    """Ten times the window, as long as the receiver takes it."""
    peer, server = client(), Server()
    peer.send_headers(1, REQUEST)
    talk(peer, server)
    sent = 0
    while sent < 10 << 20:
        size = min(16_384, peer.local_flow_control_window(1))
        assert size > 0
        peer.send_data(1, bytes(size))
        sent += size
        talk(peer, server)
    assert len(server.heard[0].body) == sent


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


OPEN = frame(frames.HEADERS, frames.END_HEADERS, 1, BLOCK)
WHOLE = frame(frames.HEADERS, HEADERS_LAST, 1, BLOCK)
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


def test_more_data_than_a_stream_allows() -> None:
    """A receiver that consumes nothing; the connection has room for more."""

    class Full(Silent):
        def data_received(self, data: bytes) -> None:
            pass

    server = Server(Full)
    server.connection.receive(GREETING + OPEN + frame(frames.DATA, 0, 1, bytes(16_384)) * 64)
    assert not server.heard[0].is_cancelled
    server.connection.receive(frame(frames.DATA, 0, 1, b"x"))
    assert (frames.RST_STREAM, 0, 1, ErrorCode.FLOW_CONTROL_ERROR.to_bytes(4, "big")) in server.frames()
    assert server.heard[0].is_cancelled
