"""A WebSocket at `/requests`, where the requests page of the Emulator UI hears what rules were asked and said.

First all evaluations that are kept, in one array, then each as it comes. Every client has a thread of its own that
reads on in the history: who is slow keeps nobody waiting, and misses what has been forgotten when it comes to it.
"""

from __future__ import annotations

import socket
from collections.abc import Callable
from contextlib import suppress
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from threading import BoundedSemaphore, Lock, Thread
from types import TracebackType
from typing import Any, Self

from firewarden.server.evaluations import History
from firewarden.server.transports.threaded import ThreadedHttp
from firewarden.server.transports.websocket.frames import (
    VERSION,
    Broken,
    CloseCode,
    Frame,
    Opcode,
    accept,
    close_frame,
    frame,
    read_frame,
)

PATH = "/requests"
CLIENTS_MAX = 32
_HANDSHAKE_S = 30.0
_POLL_S = 0.1
"""How long the end of the server may go unnoticed."""


class EvaluationsServer:
    """Tells a history. Starts when it is entered, stops when it is left. Raises `PortInUse`."""

    def __init__(self, history: History, *, host: str, port: int) -> None:
        self._history = history
        self._clients: set[_Client] = set()
        hint = "Choose another port for the requests of the Emulator UI, with --websocket-port N."
        self._http = _Http(host, port, _handler(self), hint=hint)
        self.host, self.port = host, self._http.server_port
        self._places = BoundedSemaphore(CLIENTS_MAX)
        self._thread = Thread(
            target=self._http.serve_forever, args=(_POLL_S,), name="firewarden-evaluations", daemon=True
        )

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
        """Tell every client that it is over."""
        self._http.shutdown()
        for each in list(self._clients):
            each.end(CloseCode.GOING_AWAY)
        self._http.server_close()
        self._thread.join()

    def serve(self, connection: socket.socket, read: Callable[[int], bytes], *, accepted: Callable[[], None]) -> bool:
        """Talk to a client until it goes, once that is `accepted`; False if there are too many."""
        if not self._places.acquire(blocking=False):
            return False
        client = _Client(self._history, connection)
        self._clients.add(client)
        try:
            accepted()
            client.talk(read)
        finally:
            self._clients.discard(client)
            self._places.release()
        return True


class _Client:
    """One connection: a thread that tells, and this one, which hears when it ends."""

    def __init__(self, history: History, connection: socket.socket) -> None:
        self._history = history
        self._connection = connection
        self._sending = Lock()
        self._is_over = False

    def talk(self, read: Callable[[int], bytes]) -> None:
        """Until either side ends it."""
        teller = Thread(target=self._tell, name="firewarden-evaluations-client", daemon=True)
        teller.start()
        with suppress(OSError, ValueError):  # gone without a word, or closed in the middle of one
            try:
                while (heard := read_frame(read)) is not None and self._answer(heard):
                    pass
            except Broken as broken:
                self._send(close_frame(broken.code))
        self.end()
        teller.join()

    def end(self, code: CloseCode | None = None) -> None:
        """Send nothing more, but why, unless the client is in the middle of something that it does not read."""
        self._is_over = True
        if code is not None and self._sending.acquire(blocking=False):
            with suppress(OSError):  # there may be no room for it
                self._connection.send(close_frame(code), socket.MSG_DONTWAIT)
            self._sending.release()
        with suppress(OSError):
            self._connection.shutdown(socket.SHUT_RDWR)
        self._history.wake()

    def _answer(self, heard: Frame) -> bool:
        """Returns whether there is more to be heard."""
        if heard.opcode is Opcode.CLOSE:
            self._send(frame(Opcode.CLOSE, heard.payload[:2]))
            return False
        if heard.opcode is Opcode.PING:
            self._send(frame(Opcode.PONG, heard.payload))
        return True

    def _tell(self) -> None:
        with suppress(OSError):
            number, past = self._history.later()
            self._send(_text(f"[{','.join(past)}]"))
            while not self._is_over:
                self._history.wait(number, lambda: self._is_over)
                number, texts = self._history.later(number)
                for each in texts:
                    self._send(_text(each))

    def _send(self, data: bytes) -> None:
        with self._sending:
            if not self._is_over:
                self._connection.sendall(data)


class _Http(ThreadedHttp):
    def handle_error(self, *_: Any) -> None:
        """Clients come and go; nobody reads of it."""


def _text(text: str) -> bytes:
    return frame(Opcode.TEXT, text.encode())


def _handler(server: EvaluationsServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = _HANDSHAKE_S

        def do_GET(self) -> None:
            self.close_connection = True
            key = self.headers.get("sec-websocket-key")
            if self.path.partition("?")[0] != PATH:
                self.send_error(HTTPStatus.NOT_FOUND, explain=f"There is nothing but {PATH}.")
            elif self.headers.get("upgrade", "").lower() != "websocket" or key is None:
                self.send_error(HTTPStatus.BAD_REQUEST, explain="This is for WebSockets only.")
            elif self.headers.get("sec-websocket-version") != VERSION:
                self._say(HTTPStatus.UPGRADE_REQUIRED, ("Sec-WebSocket-Version", VERSION), ("Content-Length", "0"))
            elif not server.serve(self.connection, self.rfile.read, accepted=lambda: self._accept(key)):
                self.send_error(HTTPStatus.SERVICE_UNAVAILABLE, explain=f"There are {CLIENTS_MAX} already.")

        def _accept(self, key: str) -> None:
            upgrade = (("Upgrade", "websocket"), ("Connection", "Upgrade"))
            self._say(HTTPStatus.SWITCHING_PROTOCOLS, *upgrade, ("Sec-WebSocket-Accept", accept(key)))
            self.connection.settimeout(None)  # from here on silence is the usual thing
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)

        def _say(self, status: HTTPStatus, *headers: tuple[str, str]) -> None:
            self.send_response(status)
            for name, value in headers:
                self.send_header(name, value)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Nobody reads a line for each request."""

    return Handler
