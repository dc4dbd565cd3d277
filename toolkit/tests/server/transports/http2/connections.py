"""A connection in memory, `h2` as its client, and frames as clients send them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import h2.config
import h2.connection
import h2.events

from firewarden.server.transports.http2 import frames
from firewarden.server.transports.http2.connection import Connection
from firewarden.server.transports.http2.frames import frame
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


OPEN = frame(frames.HEADERS, frames.END_HEADERS, 1, BLOCK)
WHOLE = frame(frames.HEADERS, HEADERS_LAST, 1, BLOCK)
