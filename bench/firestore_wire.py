"""A gRPC client that costs next to nothing, so that what is measured is the server: HTTP/2 frames, made ahead.

It knows of HTTP/2 what a well-behaved server needs of a client, sends headers that are the same every time, and looks
into an answer only where the next request depends on it.
"""

from __future__ import annotations

import selectors
import socket
import struct
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final

from hpack import Decoder

_PREFACE: Final = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
_DATA, _HEADERS, _RST_STREAM, _SETTINGS, _PING, _GOAWAY, _WINDOW_UPDATE = 0, 1, 3, 4, 6, 7, 8
_END_STREAM, _ACK, _END_HEADERS = 1, 1, 4
_HEADER_TABLE_SIZE, _ENABLE_PUSH, _INITIAL_WINDOW_SIZE, _MAX_FRAME_SIZE = 1, 2, 4, 5
_WINDOW_MAX: Final = (1 << 31) - 1
_WINDOW: Final = 65_535
_FRAME_BYTES: Final = 16_384
_READ_BYTES: Final = 1 << 20
_OVERDUE_S: Final = 300.0
_head = struct.Struct(">HBBBI").pack

Answered = Callable[[bytes], "Request"]
Heard = Callable[[bytes], None]


@dataclass(frozen=True, slots=True)
class Request:
    """A call that is sent as it is. With `then`, its answer's body makes the next one; both are one operation."""

    method: str
    message: bytes
    then: Answered | None = None


class Refused(Exception):  # noqa: N818 - says what the request was
    """A call that did not end well."""


@dataclass(slots=True)
class _Open:
    then: Answered | None
    heard: Heard | None = None
    body: bytearray = field(default_factory=bytearray)
    has_body: bool = False


class Connection:
    """One HTTP/2 connection. Tells `ended` of every operation that is complete."""

    def __init__(
        self,
        host: str,
        *,
        token: str = "owner",  # noqa: S107 - the emulator's word for an admin
        prefix: str = "",
    ) -> None:
        name, _, port = host.rpartition(":")
        self.socket = socket.create_connection((name, int(port)), timeout=_OVERDUE_S)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._authority = host
        self._headers = [("authorization", f"Bearer {token}")]
        if prefix:  # a database: listeners say in a header which one they mean
            self._headers.append(("google-cloud-resource-prefix", prefix))
        self._blocks: dict[str, bytes] = {}
        self._next_id = 1
        self._open: dict[int, _Open] = {}
        self._input = b""
        self._out: list[bytes] = []
        self._send_window, self._initial_window = _WINDOW, _WINDOW
        self._unsent: deque[tuple[int, bytes]] = deque()
        self._stream_windows: dict[int, int] = {}
        self._received = 0
        self.ended = 0
        settings = ((_HEADER_TABLE_SIZE, 0), (_ENABLE_PUSH, 0), (_INITIAL_WINDOW_SIZE, _WINDOW_MAX))
        payload = b"".join(struct.pack(">HI", *each) for each in settings)
        self._out += (_PREFACE, _frame(_SETTINGS, 0, 0, payload), _widened(_WINDOW_MAX - _WINDOW))

    @property
    def in_flight(self) -> int:
        """Calls that are not answered yet."""
        return len(self._open)

    def close(self) -> None:
        """Hang up."""
        self.socket.close()

    def ask(self, request: Request) -> bytes:
        """The whole body of the answer to one operation."""
        self.start(request)
        self.flush()
        body = b""
        while self._open:
            last = list(self._open.values())
            self.receive()
            body = bytes(last[0].body) if last else body
        return body

    def start(self, request: Request) -> None:
        """Put a call into the buffer that `flush` sends."""
        stream = self._next_id
        self._next_id += 2
        block = self._blocks.get(request.method) or self._block(request.method)
        message = b"\x00" + len(request.message).to_bytes(4, "big") + request.message
        self._open[stream] = _Open(request.then)
        self._out.append(_frame(_HEADERS, _END_HEADERS, stream, block))
        size = len(message)
        if size <= min(_FRAME_BYTES, self._send_window, self._initial_window) and not self._unsent:
            self._send_window -= size
            self._out.append(_frame(_DATA, _END_STREAM, stream, message))
            return
        self._stream_windows[stream] = self._initial_window
        self._unsent.append((stream, message))
        self._send_what_may_be()

    def converse(self, request: Request, heard: Heard) -> None:
        """Begin a call that this side does not end; every message of the answer is handed over."""
        stream = self._next_id
        self._next_id += 2
        self._open[stream] = _Open(None, heard)
        message = b"\x00" + len(request.message).to_bytes(4, "big") + request.message
        self._send_window -= len(message)
        self._out += (
            _frame(_HEADERS, _END_HEADERS, stream, self._block(request.method)),
            _frame(_DATA, 0, stream, message),
        )
        self.flush()

    def flush(self) -> None:
        """Send what was started."""
        if self._out:
            data = b"".join(self._out)
            self._out.clear()
            self.socket.sendall(data)

    def receive(self) -> None:
        """Read once, and note what is answered."""
        data = self.socket.recv(_READ_BYTES)
        if not data:
            raise Refused("the server has closed the connection")
        data = self._input + data
        offset, end = 0, len(data)
        while end - offset >= 9:
            stop = offset + 9 + int.from_bytes(data[offset : offset + 3], "big")
            if stop > end:
                break
            stream = int.from_bytes(data[offset + 5 : offset + 9], "big")
            self._frame(data[offset + 3], data[offset + 4], stream, data, offset + 9, stop)
            offset = stop
        self._input = data[offset:]
        self.flush()

    def _frame(self, kind: int, flags: int, stream: int, data: bytes, start: int, stop: int) -> None:
        if kind == _DATA:
            self._data(self._open[stream], data[start:stop])
        elif kind == _HEADERS:
            if flags & _END_STREAM:
                self._end(stream, data[start:stop])
        elif kind == _SETTINGS:
            if not flags & _ACK:
                self._settings(data[start:stop])
        elif kind == _WINDOW_UPDATE:
            increment = int.from_bytes(data[start:stop], "big")
            if stream == 0:
                self._send_window += increment
            elif stream in self._stream_windows:
                self._stream_windows[stream] += increment
            self._send_what_may_be()
        elif kind == _PING and not flags & _ACK:
            self._out.append(_frame(_PING, _ACK, 0, data[start:stop]))
        elif kind in (_RST_STREAM, _GOAWAY) and stream in (0, *self._open):
            raise Refused(f"the server gave up: {data[start:stop]!r}")

    def _data(self, call: _Open, data: bytes) -> None:
        self._received += len(data)
        if self._received > 1 << 30:
            self._out.append(_widened(self._received))
            self._received = 0
        call.has_body = True
        call.body += data
        if call.heard is not None:
            _hear(call.body, call.heard)

    def _end(self, stream: int, trailers: bytes) -> None:
        call = self._open.pop(stream)
        if not call.has_body:  # an error comes without a message
            told = {str(name): str(value) for name, value in Decoder().decode(trailers)}
            raise Refused(f"grpc-status {told.get('grpc-status')}: {told.get('grpc-message')}")
        if call.then is None:
            self.ended += 1
        else:
            self.start(call.then(bytes(call.body)))

    def _settings(self, payload: bytes) -> None:
        for identifier, value in struct.iter_unpack(">HI", payload):
            if identifier == _INITIAL_WINDOW_SIZE:
                change = value - self._initial_window
                self._initial_window = value
                self._stream_windows = {each: left + change for each, left in self._stream_windows.items()}
        self._out.append(_frame(_SETTINGS, _ACK, 0))
        self._send_what_may_be()

    def _send_what_may_be(self) -> None:
        """Bodies in the order in which they were started, as far as the server has room for them."""
        while self._unsent:
            stream, message = self._unsent[0]
            size = min(len(message), _FRAME_BYTES, self._send_window, self._stream_windows[stream])
            if size <= 0:
                return
            self._send_window -= size
            self._stream_windows[stream] -= size
            rest = message[size:]
            self._out.append(_frame(_DATA, 0 if rest else _END_STREAM, stream, message[:size]))
            if rest:
                self._unsent[0] = (stream, rest)
            else:
                self._unsent.popleft()
                del self._stream_windows[stream]

    def _block(self, method: str) -> bytes:
        headers = (
            (":method", "POST"),
            (":scheme", "http"),
            (":path", f"/google.firestore.v1.Firestore/{method}"),
            (":authority", self._authority),
            ("content-type", "application/grpc"),
            ("te", "trailers"),
            *self._headers,
        )
        block = b"".join(b"\x00" + _text(name) + _text(value) for name, value in headers)
        self._blocks[method] = block
        return block


def load(
    connections: list[Connection], requests: Iterator[Request], *, in_flight: int, seconds: float
) -> tuple[int, float]:
    """Keep every connection busy with so many operations for a while; how many were done, in how many seconds."""
    before = sum(each.ended for each in connections)
    begun = time.perf_counter()
    end = begun + seconds
    with selectors.DefaultSelector() as ready:
        for each in connections:
            ready.register(each.socket, selectors.EVENT_READ, each)
            _fill(each, requests, in_flight)
        while any(each.in_flight for each in connections):
            events = ready.select(_OVERDUE_S)
            if not events:
                raise Refused(f"no answer within {_OVERDUE_S:.0f} s")
            goes_on = time.perf_counter() < end
            for key, _ in events:
                key.data.receive()
                if goes_on:
                    _fill(key.data, requests, in_flight)
    return sum(each.ended for each in connections) - before, time.perf_counter() - begun


def _fill(connection: Connection, requests: Iterator[Request], in_flight: int) -> None:
    for _ in range(in_flight - connection.in_flight):
        connection.start(next(requests))
    connection.flush()


def _frame(kind: int, flags: int, stream: int, payload: bytes = b"") -> bytes:
    size = len(payload)
    return _head(size >> 8, size & 0xFF, kind, flags, stream) + payload


def _hear(body: bytearray, heard: Heard) -> None:
    """Hand over the messages that are complete."""
    at = 0
    while len(body) - at >= 5:
        end = at + 5 + int.from_bytes(body[at + 1 : at + 5], "big")
        if end > len(body):
            break
        heard(bytes(body[at + 5 : end]))
        at = end
    del body[:at]


def _widened(increment: int) -> bytes:
    return _frame(_WINDOW_UPDATE, 0, 0, increment.to_bytes(4, "big"))


def _text(text: str) -> bytes:
    """A literal of HPACK; none here is as long as 127 bytes."""
    return bytes((len(text),)) + text.encode()
