"""A WebSocket client of the evaluations: wsproto, which knows nothing of ours, speaks for it."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from wsproto import ConnectionType, WSConnection
from wsproto.events import AcceptConnection, Event, Request, TextMessage

PATIENCE_S = 30.0


class Listener:
    """One connection. Everything heard is an event; texts are put together."""

    def __init__(self, port: int, path: str = "/requests") -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S)
        self._protocol = WSConnection(ConnectionType.CLIENT)
        self._events: Iterator[Event] = self._heard()
        self.say(Request(host=f"127.0.0.1:{port}", target=path))
        self.answer = next(self._events)
        """Of the handshake: `AcceptConnection` or `RejectConnection`."""

    def say(self, event: Event) -> None:
        self.socket.sendall(self._protocol.send(event))

    def next(self) -> Event:
        """What comes next, whatever it is."""
        return next(self._events)

    def text(self) -> Any:
        """The JSON of the next message."""
        parts = []
        while True:
            event = self.next()
            assert isinstance(event, TextMessage), event
            parts.append(event.data)
            if event.message_finished:
                return json.loads("".join(parts))

    def close(self) -> None:
        self.socket.close()

    def _heard(self) -> Iterator[Event]:
        while True:
            data = self.socket.recv(1 << 16)
            if not data:
                return
            self._protocol.receive_data(data)
            yield from self._protocol.events()


@contextmanager
def listening(port: int) -> Iterator[Listener]:
    """A client that is taken, before it has heard anything."""
    listener = Listener(port)
    try:
        assert isinstance(listener.answer, AcceptConnection)
        yield listener
    finally:
        listener.close()
