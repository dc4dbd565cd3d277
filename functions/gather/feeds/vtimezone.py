"""VTIMEZONE components (RFC 5545, 3.6.5) for IANA zones, as Outlook too understands them.

Outlook reads yearly RRULE observances and ignores dates listed one by one, so the zone's own rule for the years
to come is written as RRULEs without an end. Changes since 2020 that the rule does not explain (a country changed
its mind, Ramadan in Morocco) come before it, listed. What was before 2020 is not told: readers know IANA zones.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from importlib import resources
from itertools import count
from pathlib import Path
from zoneinfo import TZPATH, ZoneInfo

from gather.feeds.posixzone import LAST_WEEK, Onset, PosixZone, Regime, parse_posix_zone
from gather.feeds.text import content

HISTORY_FIRST_YEAR = 2020
# Where the yearly rule does not hold (Ramadan in Morocco and Palestine), changes are listed up to here.
CHANGES_LAST_YEAR = 2050
# The start of a regime that has held for as long as this component tells.
EVER = datetime(1970, 1, 1)  # noqa: DTZ001 - observances start on the local clock
# No two changes of a zone lie closer together (Ramadan is the closest), and all are on the minute.
_STEP = timedelta(days=21)
_MINUTE = timedelta(minutes=1)
_SUNDAY_FIRST = ("SU", "MO", "TU", "WE", "TH", "FR", "SA")


@dataclass(frozen=True, slots=True)
class Change:
    """The clock of a zone jumps at the instant `at` (UTC) from one offset to another."""

    at: datetime
    offset_from: timedelta
    regime: Regime

    @property
    def local(self) -> datetime:
        """Return the instant on the clock in force before it, as observances are dated."""
        return (self.at + self.offset_from).replace(tzinfo=None)


@dataclass(slots=True)
class Observance:
    """One STANDARD or DAYLIGHT part: the first local time it began, and how it repeats."""

    offset_from: timedelta
    regime: Regime
    daylight: bool
    starts: datetime
    rule: str | None = None
    dates: list[datetime] = field(default_factory=list)


@lru_cache(maxsize=1024)
def vtimezone(name: str) -> str:
    """VTIMEZONE tells every offset of the zone from 2020 on; before, as if nothing had ever changed."""
    lines = ["BEGIN:VTIMEZONE", f"TZID:{name}"]
    for observance in _observances(name):
        lines += _lines(observance)
    return content([*lines, "END:VTIMEZONE"])


def footer(name: str) -> str:
    """Return the last line of the zone's TZif file, found where `zoneinfo` finds it: system, then tzdata."""
    for folder in TZPATH:
        path = Path(folder, name)
        if path.is_file():
            return _last_line(path.read_bytes())
    package, _, last = f"tzdata/zoneinfo/{name}".rpartition("/")
    return _last_line(resources.files(package.replace("/", ".")).joinpath(last).read_bytes())


def _last_line(tzif: bytes) -> str:
    return tzif.rstrip(b"\n").rpartition(b"\n")[2].decode("ascii", errors="replace")


def _observances(name: str) -> list[Observance]:
    zone = ZoneInfo(name)
    changes = list(_changes(zone))
    rule = parse_posix_zone(footer(name))
    steady_from = _steady_from(changes, rule)
    listed = [change for change in changes if change.local.year < steady_from]
    always_steady = steady_from == HISTORY_FIRST_YEAR
    observances: list[Observance] = []
    if not always_steady or rule is None or rule.daylight is None:
        observances.append(_first(zone))
    observances += _listed(listed)
    if rule is not None and steady_from <= CHANGES_LAST_YEAR:
        observances += _ruled(rule, EVER.year if always_steady else steady_from)
    return observances


def _changes(zone: ZoneInfo) -> Iterator[Change]:
    """Find every change by asking the zone itself, in steps no two changes fit into."""
    instant = datetime(HISTORY_FIRST_YEAR, 1, 1, tzinfo=UTC)
    offset = _offset_at(zone, instant)
    last = datetime(CHANGES_LAST_YEAR + 1, 1, 1, tzinfo=UTC)
    while instant < last:
        following = instant + _STEP
        if (offset_after := _offset_at(zone, following)) != offset:
            at = _bisect(zone, instant, following)
            yield Change(at, offset, _regime(at.astimezone(zone)))
        instant, offset = following, offset_after


def _bisect(zone: ZoneInfo, low: datetime, high: datetime) -> datetime:
    offset = _offset_at(zone, low)
    while high - low > _MINUTE:
        middle = low + (high - low) // _MINUTE // 2 * _MINUTE
        if _offset_at(zone, middle) == offset:
            low = middle
        else:
            high = middle
    return high


def _offset_at(zone: ZoneInfo, instant: datetime) -> timedelta:
    return instant.astimezone(zone).utcoffset() or timedelta()


def _regime(local: datetime) -> Regime:
    return Regime(local.tzname() or "LMT", local.utcoffset() or timedelta())


def _steady_from(changes: list[Change], rule: PosixZone | None) -> int:
    """Return the first year from which on the rule explains every change; past the last if it never does."""
    happened = {(change.local, change.offset_from, change.regime.offset) for change in changes}
    for year in range(CHANGES_LAST_YEAR, HISTORY_FIRST_YEAR - 1, -1):
        of_year = {change for change in happened if change[0].year == year}
        if rule is None or of_year != _explained(rule, year):
            return year + 1
    return HISTORY_FIRST_YEAR


def _explained(rule: PosixZone, year: int) -> set[tuple[datetime, timedelta, timedelta]]:
    return {(onset.local(year), before.offset, after.offset) for onset, before, after in _switches(rule)}


def _switches(rule: PosixZone) -> list[tuple[Onset, Regime, Regime]]:
    if rule.daylight is None or rule.daylight_begins is None or rule.daylight_ends is None:
        return []
    return [
        (rule.daylight_begins, rule.standard, rule.daylight),
        (rule.daylight_ends, rule.daylight, rule.standard),
    ]


def _first(zone: ZoneInfo) -> Observance:
    regime = _regime(datetime(HISTORY_FIRST_YEAR, 1, 1, tzinfo=UTC).astimezone(zone))
    return Observance(regime.offset, regime, daylight=False, starts=EVER)


def _listed(changes: list[Change]) -> list[Observance]:
    """Gather changes of one kind in one observance: its DTSTART is the first, its RDATEs are the others."""
    found: dict[tuple[timedelta, Regime], Observance] = {}
    for change in changes:
        key = (change.offset_from, change.regime)
        if key in found:
            found[key].dates.append(change.local)
        else:
            daylight = change.regime.offset > change.offset_from
            found[key] = Observance(*key, daylight=daylight, starts=change.local)
    return list(found.values())


def _ruled(rule: PosixZone, year: int) -> list[Observance]:
    """Write both switches; Ireland's winter time is POSIX daylight time, so the later clock decides."""
    found = []
    for onset, before, after in _switches(rule):
        for text, starts in _yearly(onset, year):
            daylight = after.offset > before.offset
            found.append(Observance(before.offset, after, daylight=daylight, starts=starts, rule=text))
    return sorted(found, key=lambda observance: (observance.daylight, observance.starts))


def _yearly(onset: Onset, year: int) -> Iterator[tuple[str, datetime]]:
    """Yield RRULEs that together name the onset once a year, each with its first local time from `year` on.

    `time` may reach into other days (Cairo: Thursday 24:00), so the seven candidate days are moved with it; where
    they straddle two months, each month gets a rule, and in each year exactly one of the two applies.
    """
    days_moved = onset.time // timedelta(days=1)
    weekday = _SUNDAY_FIRST[(onset.weekday + days_moved) % 7]
    if days_moved == 0:
        nth = -1 if onset.week == LAST_WEEK else onset.week
        yield f"FREQ=YEARLY;BYMONTH={onset.month};BYDAY={nth}{weekday}", onset.local(year)
        return
    for month, days in _candidate_days(onset, days_moved).items():
        text = f"FREQ=YEARLY;BYMONTH={month};BYMONTHDAY={','.join(map(str, days))};BYDAY={weekday}"
        onsets = (onset.local(candidate) for candidate in count(year))
        yield text, next(local for local in onsets if local.month == month)


def _candidate_days(onset: Onset, days_moved: int) -> dict[int, list[int]]:
    """Return the seven days on which the moved onset can fall, by month; no zone switches around February."""
    common_year = 2023
    if onset.week == LAST_WEEK:
        after = date(common_year + onset.month // 12, onset.month % 12 + 1, 1)
        first = after - timedelta(days=7)
    else:
        first = date(common_year, onset.month, 1 + 7 * (onset.week - 1))
    found: dict[int, list[int]] = {}
    for number in range(7):
        day = first + timedelta(days=days_moved + number)
        found.setdefault(day.month, []).append(day.day)
    return found


def _lines(observance: Observance) -> list[str]:
    kind = "DAYLIGHT" if observance.daylight else "STANDARD"
    lines = [
        f"BEGIN:{kind}",
        f"DTSTART:{observance.starts:%Y%m%dT%H%M%S}",
        f"TZOFFSETFROM:{_offset(observance.offset_from)}",
        f"TZOFFSETTO:{_offset(observance.regime.offset)}",
        f"TZNAME:{observance.regime.name}",
    ]
    if observance.rule is not None:
        lines.append(f"RRULE:{observance.rule}")
    if observance.dates:
        lines.append("RDATE:" + ",".join(f"{local:%Y%m%dT%H%M%S}" for local in observance.dates))
    return [*lines, f"END:{kind}"]


def _offset(offset: timedelta) -> str:
    sign = "-" if offset < timedelta() else "+"
    hours, rest = divmod(abs(offset), timedelta(hours=1))
    minutes, seconds = divmod(rest, timedelta(minutes=1))
    tail = f"{seconds.seconds:02}" if seconds else ""
    return f"{sign}{hours:02}{minutes:02}{tail}"
