"""How often an event's document may be written: about once a second, and a few times at once. Pure.

A leaky bucket kept in one timestamp, `busyUntil` on the event: each settlement that writes the document moves it on
by what the write costs, and time empties it. It travels with a write that happens anyway, so pacing costs nothing.
It is courtesy between writers, never correctness: clocks that disagree make settlements early or late, not wrong.
"""

from datetime import datetime, timedelta

WRITE_COST = timedelta(seconds=1)
"""One document takes about one sustained write per second: https://firebase.google.com/docs/firestore/best-practices"""
SMALL_GROUP_COST = timedelta(seconds=2)
"""After a group that was not full the next one waits longer, so that it is worth its write."""
BURST = timedelta(seconds=4)
"""Writes beyond the sustained rate that are taken at once, counted in the time they cost."""
_LEVEL_MAX = BURST + 3 * SMALL_GROUP_COST
"""A clock that is far ahead must not stop an event for as long."""


def is_hot(busy_until: datetime | None, now: datetime) -> bool:
    """Whether one more settlement by itself would be one too many: it joins a group."""
    return _level(busy_until, now) >= BURST


def rest_before_group(busy_until: datetime | None, now: datetime) -> timedelta:
    """How long a group waits before it writes: less than a single settlement would, so that groups go first."""
    return max(timedelta(), _level(busy_until, now) - BURST - WRITE_COST)


def busy_after(busy_until: datetime | None, now: datetime, cost: timedelta) -> datetime:
    """What `busyUntil` becomes by a write now."""
    return now + min(_level(busy_until, now) + cost, _LEVEL_MAX)


def _level(busy_until: datetime | None, now: datetime) -> timedelta:
    if busy_until is None:
        return timedelta()
    return min(max(busy_until - now, timedelta()), _LEVEL_MAX)
