"""The server's port: takes connections, sees from their first bytes what they speak, and closes them in the end."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import socket
from collections.abc import Awaitable, Callable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, cast

from firewarden.errors import FirewardenError, PortInUse
from firewarden.firestore.wire import protos
from firewarden.server.transports.http2.frames import PREFACE
from firewarden.server.transports.interface import HttpRequest, HttpResponse, Route, Services, TransportLimits
from firewarden.server.transports.spoken import Spoken

if TYPE_CHECKING:
    from firewarden.server.transports.http2.connection import Application
    from firewarden.server.transports.webchannel.application import Channels

STOP_SECONDS = 4.0
"""How long requests may go on after a stop; who starts emulators waits no longer."""
_ABORT_SECONDS = 1.0
_BACKLOG = 1_024
_TURNS_OF_ACCEPTING = 3


class Listener:
    """An open port, made by `start`: `host` and `port` say where, also if any port was asked for."""

    host: str
    port: int

    def __init__(self, services: Services, routes: Sequence[Route], limits: TransportLimits) -> None:
        self._services = services
        self._routes = routes
        self._limits = limits
        self._connections: set[Spoken] = set()
        self._none_left = asyncio.Event()
        self._server: asyncio.Server

    async def open(self, host: str, port: int) -> None:
        """Listen. Raises `PortInUse`."""
        try:
            self._server = await asyncio.get_running_loop().create_server(
                lambda: _Unknown(self), host, port, backlog=_BACKLOG
            )
        except OSError as fault:
            raise _cannot_listen(host, port, fault) from fault
        self.host, self.port = self._server.sockets[0].getsockname()[:2]

    async def stop(self, seconds: float = STOP_SECONDS) -> None:
        """Take no new requests, let those that run go on for a while, then close."""
        await self._accept_no_more()
        if "_channels" in vars(self):
            self._channels.stop()  # what hangs there would go on for ever
        for each in list(self._connections):
            each.close_gracefully()
        await self._until_none_left(seconds)
        for each in list(self._connections):
            each.abort()
        await self._until_none_left(_ABORT_SECONDS)

    async def _accept_no_more(self) -> None:
        # asyncio loses a socket that was accepted in the turn in which the server is closed: first let it be taken.
        with contextlib.suppress(NotImplementedError):  # not every loop has readers
            for sock in self._server.sockets:
                asyncio.get_running_loop().remove_reader(sock.fileno())
        for _ in range(_TURNS_OF_ACCEPTING):
            await asyncio.sleep(0)
        self._server.close()

    async def _until_none_left(self, seconds: float) -> None:
        self._none_left.clear()
        if self._connections:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._none_left.wait(), seconds)

    def speaks_http2(self) -> Spoken:
        """A new HTTP/2 connection. What it needs is imported when the first one comes."""
        from firewarden.server.transports.http2.protocol import Http2Protocol  # noqa: PLC0415 - see above

        return Http2Protocol(self._grpc, limits=self._limits, on_lost=self.lost)

    def speaks_http1(self) -> Spoken:
        """A new HTTP/1.1 connection, likewise."""
        from firewarden.server.transports.http1.protocol import Http1Protocol  # noqa: PLC0415 - see above

        return Http1Protocol(self._http, limits=self._limits, on_lost=self.lost)

    @cached_property
    def _grpc(self) -> Application:
        from firewarden.server.transports.grpc.application import grpc_application  # noqa: PLC0415 - as above
        from firewarden.server.transports.grpc.builtin import with_builtin  # noqa: PLC0415 - as above

        known = with_builtin(self._services, protos.pool)
        return grpc_application(known, loop=asyncio.get_running_loop(), limits=self._limits)

    @cached_property
    def _http(self) -> Callable[[HttpRequest], Awaitable[HttpResponse]]:
        from firewarden.server.transports.http1.application import http_application  # noqa: PLC0415 - as above

        return http_application(self._services, [*self._routes, *self._channels.routes()], limits=self._limits)

    @cached_property
    def _channels(self) -> Channels:
        from firewarden.server.transports.webchannel.application import Channels  # noqa: PLC0415 - as above

        return Channels(self._services, self._limits)

    def added(self, connection: Spoken) -> None:
        """There is one more connection."""
        self._connections.add(connection)

    def lost(self, connection: Spoken) -> None:
        """There is one less."""
        self._connections.discard(connection)
        if not self._connections:
            self._none_left.set()


async def start(
    host: str,
    port: int,
    services: Services,
    routes: Sequence[Route] = (),
    *,
    limits: TransportLimits | None = None,
) -> Listener:
    """Serve methods and routes on a port (0: any free one) until `stop`. Raises `PortInUse`."""
    listener = Listener(services, routes, limits or TransportLimits())
    await listener.open(host, port)
    return listener


class _Unknown(Spoken):
    """A connection that has not yet said which protocol it speaks."""

    def __init__(self, listener: Listener) -> None:
        self._listener = listener
        self._first = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        sock = self._transport.get_extra_info("socket")
        if sock is not None:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        self._listener.added(self)

    def data_received(self, data: bytes) -> None:
        self._first += data
        if len(self._first) < len(PREFACE) and PREFACE.startswith(self._first):
            return
        is_http2 = self._first.startswith(PREFACE)
        spoken = self._listener.speaks_http2() if is_http2 else self._listener.speaks_http1()
        self._listener.lost(self)
        self._listener.added(spoken)
        self._transport.set_protocol(spoken)
        spoken.connection_made(self._transport)
        spoken.data_received(self._first)

    def connection_lost(self, _exc: Exception | None) -> None:
        self._listener.lost(self)

    def close_gracefully(self) -> None:
        self._transport.close()

    def abort(self) -> None:
        self._transport.abort()


def _cannot_listen(host: str, port: int, fault: OSError) -> FirewardenError:
    if fault.errno == errno.EADDRINUSE:
        return PortInUse(
            f"{host}:{port}: address already in use",
            hint="Stop the process that listens there, or choose another port.",
        )
    return FirewardenError(f"{host}:{port}: {fault.strerror or fault}", hint="Choose an address of this machine.")
