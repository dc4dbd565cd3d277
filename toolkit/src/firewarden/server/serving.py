"""A server on a port, in a thread of its own: for a command that waits for Ctrl-C, and for tests in one process."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future
from types import TracebackType
from typing import Self

from firewarden.server.admin import Admin
from firewarden.server.engine import Engine
from firewarden.server.events import Events
from firewarden.server.services import import_all, services
from firewarden.server.transports.interface import TransportLimits
from firewarden.server.transports.listener import STOP_SECONDS, Listener, start

_SWEEP_SECONDS = 5.0
"""How often transactions that nobody uses any more are looked for."""
_IMPORT_SECONDS = 0.1
"""After the start, what no request has needed by then is imported: neither starting nor a later call waits for it."""


class Server:
    """Serves an engine over gRPC and REST on one port. Starts when it is entered, stops when it is left.

    `on_shutdown` is called, in whatever thread, when a client asks the process to end.
    """

    def __init__(
        self,
        engine: Engine,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        limits: TransportLimits | None = None,
        events: Events | None = None,
        on_shutdown: Callable[[], None] = lambda: None,
    ) -> None:
        self.engine = engine
        self._asked = (host, port)
        self._limits = limits
        self._events = events
        self._on_shutdown = on_shutdown
        self._started: Future[Listener] = Future()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._end: asyncio.Event | None = None
        self._thread = threading.Thread(target=self._run, name="firewarden-server", daemon=True)

    @property
    def address(self) -> str:
        """`host:port`, as FIRESTORE_EMULATOR_HOST has it."""
        listener = self._started.result()
        host = f"[{listener.host}]" if ":" in listener.host else listener.host
        return f"{host}:{listener.port}"

    def __enter__(self) -> Self:
        """Listen. Raises `PortInUse`."""
        self._thread.start()
        self._started.result()
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        """Let what runs finish, and close."""
        self.stop()

    def stop(self) -> None:
        """Take no new requests, wait a moment for those that run, and end."""
        if self._loop is not None and self._end is not None and self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._end.set)
            self._thread.join(STOP_SECONDS + 1)

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except BaseException as fault:
            if not self._started.done():
                self._started.set_exception(fault)
                return
            raise

    async def _serve(self) -> None:
        self._loop, self._end = asyncio.get_running_loop(), asyncio.Event()
        host, port = self._asked
        routes = Admin(self.engine, stop=self._on_shutdown, events=self._events).routes()
        listener = await start(host, port, services(self.engine), routes, limits=self._limits)
        self._started.set_result(listener)
        self._loop.call_later(_IMPORT_SECONDS, import_all)
        sweeping = asyncio.ensure_future(self._sweep())
        await self._end.wait()
        sweeping.cancel()
        await listener.stop()

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(_SWEEP_SECONDS)
            self.engine.expire()
