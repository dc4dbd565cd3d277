"""Intervals of encoded values: what a filter allows, in the order in which an index is read.

A position is where bytes that sort before it end: bytes, or None behind everything. An interval begins at a position
and ends before another. Encoded values end by themselves (see `encoding`), so no value is the beginning of another one.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from firewarden.firestore.encoding import inverted

Position = bytes | None


class Interval(NamedTuple):
    """Everything from `low` on and before `high`."""

    low: bytes
    high: Position

    def holds(self, encoded: bytes) -> bool:
        """Whether an encoded value lies in it."""
        return self.low <= encoded and (self.high is None or encoded < self.high)


EVERYTHING: tuple[Interval, ...] = (Interval(b"", None),)


def behind(encoded: bytes) -> Position:
    """The position behind everything that begins with these bytes."""
    kept = encoded.rstrip(b"\xff")
    return kept[:-1] + bytes([kept[-1] + 1]) if kept else None


def just(encoded: bytes) -> Interval:
    """One value, and whatever follows it in a longer key."""
    return Interval(encoded, behind(encoded))


def outside(encoded: bytes) -> tuple[Interval, ...]:
    """Everything but one value."""
    after = behind(encoded)
    rest = () if after is None else (Interval(after, None),)
    return (Interval(b"", encoded), *rest)


def overlap(left: tuple[Interval, ...], right: tuple[Interval, ...]) -> tuple[Interval, ...]:
    """What is in both; each side is in order and does not overlap itself."""
    if left is EVERYTHING or right is EVERYTHING:
        return right if left is EVERYTHING else left
    found = (Interval(max(a.low, b.low), earlier(a.high, b.high)) for a in left for b in right)
    return tuple(each for each in found if each.high is None or each.low < each.high)


def earlier(left: Position, right: Position) -> Position:
    """The position that comes first."""
    if left is None or right is None:
        return right if left is None else left
    return min(left, right)


def flipped(position: Position) -> Position:
    """The same position between inverted values, which come in the opposite order."""
    return b"" if position is None else behind(inverted(position))


def all_flipped(intervals: Iterable[Interval]) -> tuple[Interval, ...]:
    """The intervals as inverted values have them, in their order."""
    return tuple(Interval(flipped(each.high) or b"", flipped(each.low)) for each in reversed(tuple(intervals)))
