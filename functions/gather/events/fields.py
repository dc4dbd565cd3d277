"""Reads typed values out of a stored map that may hold anything; what cannot be used becomes a `Fault`.

Knows types and bounds, nothing about events. No method raises, whatever Firestore returned. Faults are logged, so
none quotes what was stored.
"""

import math
from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from typing import Any

from gather.events.event import Fault

CALENDAR_YEARS = (2, 9997)
"""Times are kept this far inside the calendar, so that zones and durations cannot lead out of it."""


class FieldReader:
    """One stored map being read; `faults` grows with each value that had to be replaced by its default.

    An explicit null counts as absent, except in the `deciding` fields, where it is malformed.
    """

    def __init__(self, data: Mapping[str, Any], *, deciding: Collection[str] = ()) -> None:
        self.data = data
        self.deciding = deciding
        self.faults: list[Fault] = []

    def fault(self, name: str, problem: str) -> None:
        """Record what is wrong with a field; the same said again, of another of its items, is recorded once."""
        fault = Fault(name, problem)
        if fault not in self.faults:
            self.faults.append(fault)

    def missing(self, name: str) -> None:
        """Record that a field is needed and there is none, unless it is known already why it was not usable."""
        if all(fault.field != name for fault in self.faults):
            self.fault(name, "is missing or empty")

    def value(self, name: str) -> Any:
        """What is stored; None when that is nothing, or a null (a fault where it is malformed)."""
        if self._is_malformed_null(name):
            self.fault(name, "is null; a field without a value is left out")
        return self.data.get(name)

    def text(self, name: str, length_max: int) -> str | None:
        """A string without blanks around it, cut at its bound; None when absent or empty."""
        value = self.value(name)
        if value is None:
            return None
        if not isinstance(value, str):
            self.fault(name, f"is {_kind(value)}, not a string")
            return None
        if len(value.strip()) > length_max:
            self.fault(name, f"is longer than {length_max} characters and was cut")
        return value.strip()[:length_max] or None

    def https(self, name: str, length_max: int) -> str | None:
        """A string that is an https address as far as its beginning tells."""
        url = self.text(name, length_max)
        if url is not None and not url.startswith("https://"):
            self.fault(name, "does not start with https://")
            return None
        return url

    def document_id(self, name: str, length_max: int) -> str | None:
        """A string that can name a Firestore document; never trimmed or cut, which would name another one."""
        value = self.value(name)
        if value is None:
            return None
        if not isinstance(value, str):
            self.fault(name, f"is {_kind(value)}, not a string")
            return None
        if len(value) > length_max or not is_document_id(value):
            self.fault(name, f"cannot name a document, or is longer than {length_max} characters")
            return None
        return value

    def flag(self, name: str, default: bool, *, when_malformed: bool | None = None) -> bool:  # noqa: FBT001
        """A boolean; a value of another type is the default, or `when_malformed` where that is the safer side."""
        value = self.value(name)
        if isinstance(value, bool):
            return value
        if value is None and not self._is_malformed_null(name):
            return default
        if value is not None:
            self.fault(name, f"is {_kind(value)}, not a boolean")
        return default if when_malformed is None else when_malformed

    def whole(self, name: str, minimum: int) -> int | None:
        """A whole number not below its minimum; a finite fraction is rounded down, so that it still limits."""
        value = self.value(name)
        if value is None:
            return None
        if isinstance(value, float) and math.isfinite(value):
            self.fault(name, "is a floating-point number and was rounded down")
            value = math.floor(value)
        if isinstance(value, bool) or not isinstance(value, int):
            self.fault(name, f"is {_kind(value)}, not a whole number")
            return None
        if value < minimum:
            self.fault(name, f"is below {minimum}")
            return None
        return value

    def moment(self, name: str) -> datetime | None:
        """A timestamp in UTC."""
        value = self.value(name)
        return None if value is None else self.moment_value(name, value)

    def moment_value(self, name: str, value: object) -> datetime | None:
        """A timestamp in UTC out of a value found somewhere below the named field."""
        if not isinstance(value, datetime):
            self.fault(name, f"is {_kind(value)}, not a timestamp")
            return None
        if not CALENDAR_YEARS[0] <= value.year <= CALENDAR_YEARS[1]:
            self.fault(name, f"is outside the years {CALENDAR_YEARS[0]} to {CALENDAR_YEARS[1]}")
            return None
        if value.tzinfo is None:
            self.fault(name, "has no time zone and was read as UTC")
            value = value.replace(tzinfo=UTC)
        in_utc = value.astimezone(UTC)
        # Firestore hands out a subclass with nanoseconds; a plain value compares and prints like any other.
        return datetime.combine(in_utc.date(), in_utc.timetz())

    def texts(self, name: str, count_max: int, length_max: int) -> tuple[str, ...]:
        """A list of distinct strings in stored order; what does not fit is left out."""
        value = self.value(name)
        if value is None:
            return ()
        if not isinstance(value, list | tuple):
            self.fault(name, f"is {_kind(value)}, not a list")
            return ()
        good = [item for item in value if isinstance(item, str) and 0 < len(item) <= length_max]
        kept = list(dict.fromkeys(good))[:count_max]
        if len(kept) < len(value):
            self.fault(name, f"holds items that are not distinct strings of 1 to {length_max} characters, or too many")
        return tuple(kept)

    def mapping(self, name: str) -> Mapping[str, Any] | None:
        """A map."""
        value = self.value(name)
        if value is None or isinstance(value, Mapping):
            return value
        self.fault(name, f"is {_kind(value)}, not a map")
        return None

    def _is_malformed_null(self, name: str) -> bool:
        return name in self.deciding and name in self.data and self.data[name] is None


def is_document_id(text: str) -> bool:
    """Firestore's own rule: 1 to 1,500 bytes, no slash, not a dot or two, not __reserved__."""
    is_reserved = text in (".", "..") or (len(text) >= 4 and text.startswith("__") and text.endswith("__"))
    return 0 < len(text.encode(errors="replace")) <= 1_500 and "/" not in text and not is_reserved


def _kind(value: object) -> str:
    return f"a {type(value).__name__}"
