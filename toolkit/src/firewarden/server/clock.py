"""Times of commits: what the clock says, and always later than the commit before.

Time is the system's by default. A `VirtualClock` stands still until somebody moves it, and takes along whoever follows.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Protocol

from firewarden.values import NANOS_PER_SECOND, Timestamp

MICROSECOND = 1_000
"""Nanoseconds; Firestore's times are no finer."""
START = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
"""Where a virtual clock stands that was not told otherwise: a Monday morning."""

Now = Callable[[], Timestamp]


def system_now() -> Timestamp:
    """The system's time, cut to microseconds."""
    nanos = time.time_ns()
    return Timestamp(nanos - nanos % MICROSECOND)


def later_than(last: Timestamp, now: Timestamp) -> Timestamp:
    """`now`, unless time stood still or went back: then just after `last`."""
    return now if now > last else Timestamp(last.nanos + MICROSECOND)


class Follower(Protocol):
    """Somebody who has something to do at some time."""

    def due(self) -> float | None:
        """When that is, as `VirtualClock.monotonic` tells it; None if there is nothing."""
        ...

    def moved(self) -> None:
        """It is later now."""
        ...


class VirtualClock:
    """Time that stands still until it is moved, and never goes back.

    `advance` stops at every moment at which a follower has something to do, in order, so that what is due at nine
    sees nine o'clock even if the clock goes on to ten.
    """

    def __init__(self, start: datetime = START) -> None:
        if start.tzinfo is None:
            raise ValueError(f"{start} names no timezone: a clock needs an aware time")
        self._start = start.astimezone(UTC)
        self._micros = 0
        self._followers: list[Follower] = []
        self._moving = threading.RLock()

    def now(self) -> datetime:
        """The time, aware and in UTC: what functions under test are given for a clock."""
        return self._start + timedelta(microseconds=self._micros)

    def timestamp(self) -> Timestamp:
        """The same as Firestore writes it down."""
        since = self._start - _EPOCH
        seconds = since.days * 86_400 + since.seconds
        return Timestamp(seconds * NANOS_PER_SECOND + (since.microseconds + self._micros) * MICROSECOND)

    def monotonic(self) -> float:
        """Seconds since the start, for deadlines."""
        return self._micros / 1e6

    def advance(self, by: timedelta | None = None, /, **parts: float) -> None:
        """Let time pass: ``advance(timedelta(hours=1))`` or ``advance(hours=1)``. Raises ValueError for the past."""
        step = timedelta(**parts) + (by or timedelta())
        if step < timedelta():
            raise ValueError(f"time does not go back, by {-step} or at all")
        self._move_to(self._micros + step // _MICRO)

    def set(self, to: datetime) -> None:
        """Let time pass until `to`. Raises ValueError if that is in the past."""
        if to.tzinfo is None:
            raise ValueError(f"{to} names no timezone: a clock needs an aware time")
        self.advance(to - self.now())

    def reach(self, seconds: float) -> None:
        """Let time pass until `monotonic` shows at least this."""
        self._move_to(max(self._micros, _stop(seconds)))

    def tick(self, micros: int) -> None:
        """Let so little time pass that nobody needs to know."""
        self._micros += micros

    def rewind(self) -> None:
        """Back to the start, for a database that begins anew."""
        self._micros = 0

    def follow(self, follower: Follower) -> None:
        """From now on somebody is asked what is due, and told of every move."""
        self._followers.append(follower)

    def leave(self, follower: Follower) -> None:
        """The end of `follow`."""
        self._followers.remove(follower)

    def _move_to(self, micros: int) -> None:
        with self._moving:
            while (stop := self._next_stop(micros)) is not None:
                self._stop_at(stop)
            self._stop_at(micros)

    def _next_stop(self, last: int) -> int | None:
        """The next moment before `last` at which somebody has something to do."""
        dues = (due for each in self._followers if (due := each.due()) is not None)
        return min((stop for due in dues if self._micros < (stop := _stop(due)) < last), default=None)

    def _stop_at(self, micros: int) -> None:
        self._micros = max(self._micros, micros)
        for each in list(self._followers):
            each.moved()


def _stop(seconds: float) -> int:
    """The first microsecond at which so much time has passed."""
    return math.ceil(round(seconds * 1e6, 3))


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICRO = timedelta(microseconds=1)
