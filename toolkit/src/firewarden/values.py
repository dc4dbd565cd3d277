"""Firestore values that plain Python has no exact type for: immutable, comparable, hashable.

Everything else a document holds is Python's own: None, bool, int, float, str, bytes, list and dict. Not here: how
values are ordered or written on the wire, and the values that exist only while a rule is evaluated.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import NamedTuple

NANOS_PER_SECOND = 1_000_000_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Timestamp(NamedTuple):
    """A point in time with nanoseconds, which `datetime` cannot hold."""

    nanos: int

    @classmethod
    def of(cls, moment: datetime) -> Timestamp:
        """The timestamp of an aware datetime."""
        return cls((moment - _EPOCH) // timedelta(microseconds=1) * 1000)

    def moment(self) -> datetime:
        """The datetime in UTC, cut to microseconds."""
        return _EPOCH + timedelta(microseconds=self.nanos // 1000)

    def __str__(self) -> str:
        whole = self.moment().strftime("%Y-%m-%dT%H:%M:%S").rjust(19, "0")
        return whole + _fraction(self.nanos % NANOS_PER_SECOND) + "Z"


class LatLng(NamedTuple):
    """A geographical point in degrees."""

    latitude: float
    longitude: float


class Vector(NamedTuple):
    """An embedding: numbers that are neither a list nor a map to rules."""

    values: tuple[float, ...]


class Reference(NamedTuple):
    """A document as a stored value names it: with its project and database, which rules do not see."""

    project: str
    database: str
    segments: tuple[str, ...]


class Capture(NamedTuple):
    """A segment of a path template that stands for one segment, or (`glob`) for any number, not bound yet."""

    name: str
    glob: bool = False


class Path(NamedTuple):
    """A resource path, such as a document reference; as a template it may hold captures.

    `bindings` remembers which captures were bound to what, so that `path['uid']` can be read.
    """

    segments: tuple[str | Capture, ...]
    bindings: tuple[tuple[str, str | Path], ...] = ()

    @property
    def unbound(self) -> Capture | None:
        """The first capture that nothing was bound to."""
        for each in self.segments:
            if not isinstance(each, str):
                return each
        return None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Path) and self.segments == other.segments

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return hash(self.segments)

    def __str__(self) -> str:
        shown = (each if isinstance(each, str) else "" for each in self.segments)
        return "".join(f"/{each}" for each in shown) or "/"


def _fraction(nanos: int) -> str:
    """Nothing, or a point and 3, 6 or 9 digits, as protobuf's JSON has it."""
    if not nanos:
        return ""
    digits = f"{nanos:09d}"
    return "." + (digits[:3] if digits.endswith("000000") else digits[:6] if digits.endswith("000") else digits)
