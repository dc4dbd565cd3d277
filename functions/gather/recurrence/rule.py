"""One recurrence rule of the accepted subset of RFC 5545, as data, and its normalised text.

Not the reader of rule text (see `grammar`) and not the calendar arithmetic (see `dates`).
"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

TEXT_LENGTH_MAX = 500
INTERVAL_MAX = 999
COUNT_MAX = 1_000
WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
"""Positions are those of `date.weekday()`."""
PARTS = ("FREQ", "INTERVAL", "COUNT", "UNTIL", "BYMONTH", "BYMONTHDAY", "BYDAY", "BYSETPOS", "WKST")
_OWN_PARTS = frozenset({*PARTS, "RRULE", "occurrenceId", "window"})
"""The places named by us; any other name of a part is text of the rule that was refused."""


class RecurrenceError(ValueError):
    """A rule or a request about it was refused; `part` names the place and `reason` says why.

    Both may quote what was `found` there, for whoever wrote it. `unquoted` says the same without a word of the
    refused text, for logs.
    """

    def __init__(self, part: str, law: str, *, found: str = "") -> None:
        self.part = part
        self.reason = f"{found} {law}" if found else law
        self.unquoted = f"{part if part in _OWN_PARTS else 'a part of another name'}: {law}"
        super().__init__(f"{part}: {self.reason}")


class Frequency(StrEnum):
    """How long one period of the rule is."""

    DAILY = "DAILY"
    WEEKLY = "WEEKLY"
    MONTHLY = "MONTHLY"
    YEARLY = "YEARLY"


@dataclass(frozen=True, slots=True, order=True)
class Day:
    """A weekday of every week, or with `nth` only the nth (from the end if negative) of each month."""

    weekday: int
    nth: int = 0

    def __str__(self) -> str:
        return f"{self.nth or ''}{WEEKDAYS[self.weekday]}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A rule the grammar has accepted: values sorted and without repetition, None or () for absent.

    `until` keeps the form it was written in: a date, a local (naive) time, or an instant in UTC.
    """

    frequency: Frequency
    interval: int = 1
    count: int | None = None
    until: date | datetime | None = None
    by_month: tuple[int, ...] = ()
    by_month_day: tuple[int, ...] = ()
    by_day: tuple[Day, ...] = ()
    by_set_pos: tuple[int, ...] = ()
    week_start: int = 0

    @property
    def is_endless(self) -> bool:
        """A rule is endless when neither COUNT nor UNTIL ends it."""
        return self.count is None and self.until is None

    @property
    def text(self) -> str:
        """Equal rules have equal text: one order of the parts, and no part that says the default."""
        parts = {
            "FREQ": self.frequency.value,
            "INTERVAL": str(self.interval) if self.interval != 1 else "",
            "COUNT": str(self.count) if self.count is not None else "",
            "UNTIL": until_text(self.until) if self.until is not None else "",
            "BYMONTH": _joined(self.by_month),
            "BYMONTHDAY": _joined(self.by_month_day),
            "BYDAY": _joined(self.by_day),
            "BYSETPOS": _joined(self.by_set_pos),
            "WKST": WEEKDAYS[self.week_start] if self.week_start else "",
        }
        return ";".join(f"{name}={value}" for name, value in parts.items() if value)


def until_text(until: date | datetime) -> str:
    """RFC 5545 forms: DATE, DATE-TIME with local time, or DATE-TIME in UTC with a Z."""
    if not isinstance(until, datetime):
        return f"{until.year:04}{until:%m%d}"
    return f"{until.year:04}{until:%m%dT%H%M%S}" + ("Z" if until.tzinfo else "")


def _joined(values: tuple[object, ...]) -> str:
    return ",".join(str(value) for value in values)
