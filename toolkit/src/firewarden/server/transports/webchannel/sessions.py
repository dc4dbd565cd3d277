"""The sessions of a server: opened, found by their id, and ended when they are left alone or are too many."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable
from secrets import token_urlsafe

from firewarden.server.transports.webchannel.budget import Budget
from firewarden.server.transports.webchannel.limits import ChannelLimits
from firewarden.server.transports.webchannel.session import Seconds, Session

_ID_BYTES = 16
_SWEEP_SECONDS = 5.0
_LOOK_AGAIN_SECONDS = 1.0
"""Whoever looks for sessions that were left alone looks at all of them, and who says something looks."""


class Sessions:
    """By id. Times are in seconds of `seconds`."""

    def __init__(self, limits: ChannelLimits, seconds: Seconds) -> None:
        self._limits = limits
        self._seconds = seconds
        self._open: dict[str, Session] = {}
        self._sweeper: asyncio.TimerHandle | None = None
        self._look_again = 0.0
        self.is_stopping = False
        self.budget = Budget(limits.retained_bytes_in_all, self._free_some)

    def __len__(self) -> int:
        return len(self._open)

    def get(self, name: str) -> Session | None:
        """The session of this id, if it is open."""
        return self._open.get(name)

    def open(self, begin: Callable[[], Session]) -> str | None:
        """Begin a session and return its id; None if there are too many, and none that was left alone."""
        if len(self._open) >= self._limits.sessions:
            self._end_longest_alone()
        if self.is_stopping or len(self._open) >= self._limits.sessions:
            return None
        name = token_urlsafe(_ID_BYTES)
        self._open[name] = begin()
        self._sweep_later()
        return name

    def end(self, name: str) -> None:
        """End a session."""
        self._open.pop(name).end()

    def sweep(self) -> None:
        """End the sessions whose client was not heard of for too long, or does not take what is there for it."""
        late = self._seconds() - self._limits.abandoned_seconds
        for name, session in list(self._open.items()):
            if session.touched < late and (session.has_unsent or not session.is_attached):
                self.end(name)
        self._look_again = 0.0
        self._free_some()

    def stop(self) -> None:
        """End all, and open no more. Whoever listens is told."""
        self.is_stopping = True
        if self._sweeper is not None:
            self._sweeper.cancel()
        for session in self._open.values():
            session.stop()
        self._open.clear()

    def _free_some(self) -> None:
        now = self._seconds()
        if now < self._look_again:
            return
        while self.budget.is_full and self._end_longest_alone():
            pass
        if self.budget.is_full:
            self._look_again = now + _LOOK_AGAIN_SECONDS

    def _end_longest_alone(self) -> bool:
        alone = [(session.touched, name) for name, session in self._open.items() if not session.is_attached]
        touched, name = min(alone, default=(math.inf, ""))
        if touched > self._seconds() - self._limits.spared_seconds:
            return False
        self.end(name)
        return True

    def _sweep_later(self) -> None:
        if self._sweeper is None:
            self._sweeper = asyncio.get_running_loop().call_later(_SWEEP_SECONDS, self._sweep)

    def _sweep(self) -> None:
        self._sweeper = None
        self.sweep()
        if self._open:
            self._sweep_later()
