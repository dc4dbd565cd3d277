"""A WebSocket at `/requests`, where the requests page of the Emulator UI hears what rules were asked and said.

First all evaluations that are kept, in one array, then each as it comes. Every client has threads of its own, which
read on in the history: who is slow keeps nobody waiting, and misses what has been forgotten when it comes to it.
"""

from __future__ import annotations

import logging
import socket
from contextlib import suppress
from http import HTTPStatus
from threading import Thread
from types import TracebackType
from typing import Any, Self

from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response
from websockets.protocol import State
from websockets.sync.server import Server, ServerConnection, serve

from firewarden.errors import PortInUse
from firewarden.server.evaluations import History

PATH = "/requests"
CLIENTS_MAX = 32
_HEARD_BYTES_MAX = 64 << 10
"""Of one message of a client, which has nothing to say here."""
_HANDSHAKE_S = 30.0
_GOODBYE_S = 0.5
"""How long the end of the server waits for clients to take leave."""

_LOGGER = logging.getLogger(__name__)
_LOGGER.setLevel(logging.WARNING)  # nobody reads a line for each client


class EvaluationsServer:
    """Tells a history. Starts when it is entered, stops when it is left. Raises `PortInUse`."""

    def __init__(self, history: History, *, host: str, port: int) -> None:
        self._history = history
        self._sockets: set[socket.socket] = set()
        self._server = self._listening(host, port)
        self.host, self.port = host, self._server.socket.getsockname()[1]
        self._thread = Thread(target=self._server.serve_forever, name="firewarden-evaluations", daemon=True)

    @property
    def url(self) -> str:
        """Where it is told."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"ws://{host}:{self.port}{PATH}"

    def __enter__(self) -> Self:
        """Answer."""
        self._thread.start()
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        """Tell every client that it is over, and cut off who does not listen or has not said what it wants."""
        ending = Thread(target=self._server.shutdown, name="firewarden-evaluations-end", daemon=True)
        ending.start()
        while ending.is_alive():
            ending.join(_GOODBYE_S)
            for each in list(self._sockets):
                with suppress(OSError):  # gone meanwhile
                    each.shutdown(socket.SHUT_RDWR)
        self._thread.join()

    def _listening(self, host: str, port: int) -> Server:
        try:
            server = serve(
                self._talk,
                host,
                port,
                family=socket.AF_INET6 if ":" in host else socket.AF_INET,
                compression=None,
                process_request=self._refusal,
                open_timeout=_HANDSHAKE_S,
                ping_timeout=None,  # who is slow may be slow to answer, too
                max_size=_HEARD_BYTES_MAX,
                logger=_LOGGER,
            )
        except OSError as error:
            hint = "Choose another port for the requests of the Emulator UI, with --websocket-port N."
            raise PortInUse(f"{host}:{port}: {error.strerror or error}", hint=hint) from error
        handle = server.handler

        def handler(connection: socket.socket, address: Any) -> None:
            # The library knows no connection before its handshake, and cannot end one that it is writing to.
            self._sockets.add(connection)
            try:
                handle(connection, address)
            finally:
                self._sockets.discard(connection)

        server.handler = handler
        return server

    def _refusal(self, client: ServerConnection, request: Request) -> Response | None:
        if request.path.partition("?")[0] != PATH:
            return client.respond(HTTPStatus.NOT_FOUND, f"There is nothing but {PATH}.\n")
        if len(self._sockets) > CLIENTS_MAX:
            return client.respond(HTTPStatus.SERVICE_UNAVAILABLE, f"There are {CLIENTS_MAX} clients already.\n")
        return None

    def _talk(self, client: ServerConnection) -> None:
        """A thread tells, and this one hears when the client goes."""
        teller = Thread(target=self._tell, args=(client,), name="firewarden-evaluations-client", daemon=True)
        teller.start()
        with suppress(ConnectionClosed):
            for _ in client:
                pass  # it has nothing to say
        self._history.wake()
        teller.join()

    def _tell(self, client: ServerConnection) -> None:
        def is_over() -> bool:
            return client.state is not State.OPEN

        with suppress(ConnectionClosed):
            number, past = self._history.later()
            client.send(f"[{','.join(past)}]")
            while not is_over():
                self._history.wait(number, is_over)
                number, texts = self._history.later(number)
                for each in texts:
                    client.send(each)
