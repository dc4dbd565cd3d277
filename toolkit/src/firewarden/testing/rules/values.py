"""Python values as rules see them: plain ones, those of case files, and google-cloud-firestore's by their shape.

google-cloud-firestore is never imported here: its values are told by their class's name and read by attribute.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from firewarden.errors import FirewardenError
from firewarden.indexes.notation import values as notation
from firewarden.rules.environment import root
from firewarden.rules.requests import DocumentPath
from firewarden.values import LatLng, Path, Timestamp, Vector

SERVER_TIMESTAMP = notation.ServerTime()
"""A field that gets the time of the request."""
DELETE_FIELD = notation.DeleteField()
"""A field that an update or a merge removes."""


@dataclass(frozen=True, slots=True)
class Maximum:
    """Keeps the larger of the stored number and this one."""

    amount: int | float


@dataclass(frozen=True, slots=True)
class Minimum:
    """Keeps the smaller of the stored number and this one."""

    amount: int | float


def ArrayUnion(values: Any) -> notation.ArrayUnion:  # noqa: N802 - named like the client library's
    """Adds the values that the stored list lacks."""
    return notation.ArrayUnion(tuple(values))


def ArrayRemove(values: Any) -> notation.ArrayRemove:  # noqa: N802 - named like the client library's
    """Removes every one of the values from the stored list."""
    return notation.ArrayRemove(tuple(values))


def engine_value(value: Any, now: datetime, where: str = "the value") -> Any:
    """The value as documents hold it. `where` names it in an error; `now` is what a `Now` is relative to."""
    convert = _CONVERT.get(type(value))
    if convert:
        return convert(value, now, where)
    if isinstance(value, Mapping):
        return engine_fields(value, now, where)
    if isinstance(value, list | tuple):
        return [engine_value(each, now, f"{where}[{index}]") for index, each in enumerate(value)]
    if isinstance(value, datetime):
        return _moment(value, where)
    foreign = _FOREIGN.get(type(value).__name__)
    if foreign:
        return foreign(value)
    raise FirewardenError(
        f"{where} is a {type(value).__name__}, which no Firestore document can hold.",
        hint="Use None, bool, int, float, str, bytes, datetime, list, dict, GeoPoint, Vector or a document reference.",
    )


def engine_fields(data: Mapping[str, Any], now: datetime, where: str = "") -> dict[str, Any]:
    """A map of values."""
    above = f"{where}." if where else ""
    return {str(key): engine_value(each, now, f"{above}{key}") for key, each in data.items()}


def document_path(path: Any) -> DocumentPath:
    """The segments of a document's path, given as text or as a reference."""
    text = getattr(path, "path", path)
    segments = tuple(text.strip("/").split("/")) if isinstance(text, str) else ()
    if not segments or len(segments) % 2 or "" in segments:
        raise FirewardenError(
            f"{path!r} is no path of a document.",
            hint="It has an even number of segments, such as events/e1 or events/e1/rsvps/ana.",
        )
    return segments


def _moment(value: datetime, where: str) -> Timestamp:
    if value.tzinfo is None:
        raise FirewardenError(
            f"{where} is a datetime without a time zone: {value}.", hint="Add one, such as tzinfo=UTC."
        )
    whole = Timestamp.of(value)
    nanos = getattr(value, "nanosecond", 0)  # the client library's datetimes have them
    return Timestamp(whole.nanos + nanos % 1000) if nanos else whole


def _as_is(value: Any, _now: datetime, _where: str) -> Any:
    return value


_CONVERT: Mapping[type, Callable[[Any, datetime, str], Any]] = {
    **dict.fromkeys((type(None), bool, int, float, str, bytes, Timestamp, LatLng, Path, Vector), _as_is),
    datetime: lambda value, _, where: _moment(value, where),
    notation.Now: lambda value, now, _: Timestamp.of(now + value.offset),
    notation.GeoPoint: lambda value, _now, _where: LatLng(value.latitude, value.longitude),
    notation.Reference: lambda value, _now, _where: Path(root("(default)") + document_path(value.path)),
}
_FOREIGN: Mapping[str, Callable[[Any], Any]] = {
    "GeoPoint": lambda value: LatLng(float(value.latitude), float(value.longitude)),
    "DocumentReference": lambda value: Path(root("(default)") + document_path(value.path)),
    "AsyncDocumentReference": lambda value: Path(root("(default)") + document_path(value.path)),
    "Vector": lambda value: Vector(tuple(map(float, value))),
}
