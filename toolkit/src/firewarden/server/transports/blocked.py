"""Asking again: what a transport does with a request that waits for other transactions."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from firewarden.server.waiting import WouldBlock


async def worth_asking(blocked: WouldBlock) -> None:
    """Return when something has changed or the time is up. For coroutines; what is no coroutine uses `AskAgain`."""
    changed = asyncio.Event()
    again = AskAgain(asyncio.get_running_loop(), blocked, changed.set)
    try:
        await changed.wait()
    finally:
        again.cancel()


class AskAgain:
    """Calls `again` once, in the loop: when something has changed or the time is up, unless it is cancelled."""

    __slots__ = ("_again", "_blocked", "_is_over", "_loop", "_timer")

    def __init__(self, loop: asyncio.AbstractEventLoop, blocked: WouldBlock, again: Callable[[], None]) -> None:
        self._loop = loop
        self._blocked = blocked
        self._again = again
        self._is_over = False
        self._timer = loop.call_later(max(blocked.seconds, 0.0), self._ask)
        blocked.subscribe(self._changed)

    def cancel(self) -> None:
        """Nobody waits any more."""
        if not self._is_over:
            self._is_over = True
            self._timer.cancel()
            self._blocked.unsubscribe(self._changed)

    def _changed(self) -> None:  # in whatever thread
        self._loop.call_soon_threadsafe(self._ask)

    def _ask(self) -> None:
        if not self._is_over:
            self.cancel()
            self._again()
