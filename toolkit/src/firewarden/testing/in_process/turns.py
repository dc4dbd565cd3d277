"""Whose turn it is to ask the engine, among the threads of a process.

Who was waiting for a transaction goes first when it has ended. Else the thread that ended it would be back with the
next one before the others are awake, again and again.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from firewarden.server.waiting import WouldBlock


class Turns:
    """One thread at a time has its turn; it holds the engine's guard."""

    def __init__(self, guard: threading.RLock) -> None:
        self._changed = threading.Condition(guard)
        self._woken = 0

    @contextmanager
    def turn(self, waiter: Waiter | None) -> Iterator[None]:
        """The turn of somebody who has not asked yet, or of one who has waited."""
        with self._changed:
            if waiter is None:
                self._changed.wait_for(lambda: self._woken == 0)
            else:
                waiter.stop()
            try:
                yield
            finally:
                if waiter is not None and waiter.is_woken:
                    self._woken -= 1
                    self._changed.notify_all()

    def wake(self) -> None:
        """Somebody waits no longer, and has not had a turn since."""
        with self._changed:
            self._woken += 1


class Waiter:
    """Sleeps until it is worth asking again. Made and stopped during a turn, so that no signal is missed or late."""

    def __init__(self, turns: Turns, blocked: WouldBlock) -> None:
        self._turns = turns
        self._blocked = blocked
        self._event = threading.Event()
        blocked.subscribe(self._wake)

    @property
    def is_woken(self) -> bool:
        """Whether somebody has ended a transaction; else the time is up."""
        return self._event.is_set()

    def wait(self, seconds: float | None) -> None:
        """Return when it is worth asking, or after `seconds` at the latest."""
        self._event.wait(self._blocked.seconds if seconds is None else min(seconds, self._blocked.seconds))

    def stop(self) -> None:
        """Want no more signals."""
        self._blocked.unsubscribe(self._wake)

    def _wake(self) -> None:
        self._turns.wake()
        self._event.set()
