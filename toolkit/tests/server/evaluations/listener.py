"""A WebSocket client of the evaluations."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from websockets.sync.client import connect

PATIENCE_S = 30.0


class Listener:
    """One connection, which the server has taken. Raises `InvalidStatus` if it does not."""

    def __init__(self, port: int, path: str = "/requests") -> None:
        self._open = ExitStack()
        url = f"ws://127.0.0.1:{port}{path}"
        connecting = connect(url, proxy=None, open_timeout=PATIENCE_S, max_size=None, max_queue=None)
        self.connection = self._open.enter_context(connecting)

    def text(self) -> Any:
        """The JSON of the next message."""
        return json.loads(self.connection.recv(timeout=PATIENCE_S))

    def close(self) -> None:
        self._open.close()


@contextmanager
def listening(port: int) -> Iterator[Listener]:
    """A client that is taken, before it has heard anything."""
    listener = Listener(port)
    try:
        yield listener
    finally:
        listener.close()
