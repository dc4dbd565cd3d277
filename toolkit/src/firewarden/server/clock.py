"""Times of commits: what the clock says, and always later than the commit before."""

from __future__ import annotations

import time
from collections.abc import Callable

from firewarden.values import Timestamp

MICROSECOND = 1_000
"""Nanoseconds; Firestore's times are no finer."""

Now = Callable[[], Timestamp]


def system_now() -> Timestamp:
    """The system's time, cut to microseconds."""
    nanos = time.time_ns()
    return Timestamp(nanos - nanos % MICROSECOND)


def later_than(last: Timestamp, now: Timestamp) -> Timestamp:
    """`now`, unless time stood still or went back: then just after `last`."""
    return now if now > last else Timestamp(last.nanos + MICROSECOND)
