"""Listening: the Listen stream."""

from __future__ import annotations

from firewarden.server.engine import Engine
from firewarden.server.listening.requests import read_database
from firewarden.server.listening.stream import Stream
from firewarden.server.rpc.calls import call
from firewarden.server.transports.interface import Context, Receive, Send


async def listen(engine: Engine, receive: Receive, send: Send, context: Context) -> None:
    """Listen: any number of targets of one database; who asks is settled when the stream begins."""
    first = await receive()
    if first is None:
        return
    this = call(engine, context, read_database(first, context))
    await Stream(this).run(first, receive, send)
