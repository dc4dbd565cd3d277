"""Waiting for other transactions: a request that cannot go on yet says so, and is asked again when one has ended."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any


class Patience:
    """Since when, in seconds of the engine's clock, a request waits; kept over all its attempts."""

    __slots__ = ("done", "waiting_since")

    def __init__(self) -> None:
        self.waiting_since: float | None = None
        self.done: list[Any] = []
        """What became of the parts of a request that are commits of their own, and done."""


class Signal:
    """Tells those who wait that a transaction has ended."""

    __slots__ = ("_callbacks", "_guard", "count")

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._callbacks: list[Callable[[], None]] = []
        self.count = 0
        """How often it has fired."""

    def subscribe(self, callback: Callable[[], None], *, since: int) -> None:
        """Call `callback` once, from whatever thread, when the signal fires; at once if it did after `since`."""
        with self._guard:
            if self.count == since:
                self._callbacks.append(callback)
                return
        callback()

    def unsubscribe(self, callback: Callable[[], None]) -> None:
        """Forget the callback, if it was not called yet."""
        with self._guard:
            if callback in self._callbacks:
                self._callbacks.remove(callback)

    def fire(self) -> None:
        """Call everybody who waits, in the order in which they came."""
        with self._guard:
            waiting, self._callbacks = self._callbacks, []
            self.count += 1
        for callback in waiting:
            callback()


_SECONDS_MIN = 0.005
"""A clock that stands still just before the time is up must not keep anybody asking all the time."""


class WouldBlock(Exception):  # noqa: N818 - says what would happen
    """Nothing was done yet: ask again when `signal` fires, or after `seconds` at the latest."""

    def __init__(self, signal: Signal, seconds: float) -> None:
        super().__init__(f"waits up to {seconds:.3f} s for other transactions")
        self.signal = signal
        self.seconds = max(seconds, _SECONDS_MIN)
        self._since = signal.count

    @property
    def is_over(self) -> bool:
        """Whether the signal has fired since."""
        return self.signal.count != self._since

    def subscribe(self, callback: Callable[[], None]) -> None:
        """Call `callback` once when it is worth asking again; also if that was between the question and now."""
        self.signal.subscribe(callback, since=self._since)

    def unsubscribe(self, callback: Callable[[], None]) -> None:
        """Forget the callback."""
        self.signal.unsubscribe(callback)
