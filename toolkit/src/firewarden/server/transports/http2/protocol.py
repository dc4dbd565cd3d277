"""An HTTP/2 connection on an asyncio socket."""

from __future__ import annotations

import asyncio
from typing import cast

from firewarden.server.transports.http2.connection import Application, Connection
from firewarden.server.transports.interface import TransportLimits
from firewarden.server.transports.spoken import OnLost, Spoken, peer_name

_WRITE_BUFFER = 1 << 18
_UNREAD_BYTES_MAX = 4 << 20
"""A client that asks and asks and does not read its answers is not read from any more."""


class Http2Protocol(Spoken):
    """Carries bytes between the socket and the connection; `on_lost` is told when the socket is gone."""

    def __init__(self, application: Application, *, limits: TransportLimits, on_lost: OnLost) -> None:
        self._application = application
        self._limits = limits
        self._on_lost = on_lost
        self._closes_when_idle = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Greet."""
        self._transport = cast("asyncio.Transport", transport)
        self._transport.set_write_buffer_limits(high=_WRITE_BUFFER)
        self._connection = Connection(
            self._application, self._write, limits=self._limits, peer=peer_name(self._transport)
        )
        self._connection.start()

    def data_received(self, data: bytes) -> None:
        """Hand over what came."""
        self._connection.receive(data)
        if self._connection.has_failed:
            self._transport.close()

    def _write(self, data: bytes) -> None:
        transport = self._transport
        transport.write(data)
        if self._closes_when_idle and self._connection.is_idle:
            transport.close()
        elif transport.get_write_buffer_size() > _UNREAD_BYTES_MAX:
            transport.pause_reading()

    def pause_writing(self) -> None:
        """The socket is full."""
        self._connection.output.pause()

    def resume_writing(self) -> None:
        """The socket takes more."""
        self._transport.resume_reading()
        self._connection.output.resume()

    def connection_lost(self, _exc: Exception | None) -> None:
        """The peer is gone."""
        self._connection.lost()
        self._on_lost(self)

    def close_gracefully(self) -> None:
        """Close as soon as nothing is being answered."""
        self._closes_when_idle = True
        self._connection.close_gracefully()
        if self._connection.is_idle:
            self._transport.close()

    def abort(self) -> None:
        """Close now."""
        self._transport.abort()
