"""Which IANA zone a calendar program meant by a TZID: names, Windows names, vendor prefixes, custom definitions.

A zone that cannot be named is not guessed at: the caller is told why.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

from calendars.source import Component
from calendars.vtimezone import Definition, read_definition

# Names that zoneinfo offers and no calendar means.
_NOT_PLACES = {"Factory", "localtime", "posixrules"}
_IANA_SHAPE = re.compile(r"[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+){0,2}")
_SAMPLES = [datetime(2020, 1, 1, 12) + timedelta(days=5 * step) for step in range(8 * 73)]  # noqa: DTZ001  # wall clock


@dataclass(frozen=True, slots=True)
class Resolved:
    """`zone` is an IANA name, or None when none is right; `remark` says what was read into the TZID."""

    zone: str | None
    remark: str | None = None


@dataclass(frozen=True, slots=True)
class Zones:
    """The zones of one calendar: its VTIMEZONEs by TZID, and the zone for times that name none."""

    default: str
    definitions: Mapping[str, Definition]

    def resolve(self, tzid: str) -> Resolved:
        """A TZID is its IANA name where it has one; else the zone whose clocks agree with its VTIMEZONE."""
        if name := zone_name(tzid):
            return Resolved(name, None if name == tzid else f"zone {tzid!r} is {name}")
        definition = self.definitions.get(tzid)
        if definition is None:
            return Resolved(None, f"zone {tzid!r} is unknown and the file does not define it")
        if definition.location and (name := zone_name(definition.location)):
            return Resolved(name, f"zone {tzid!r} is {name}, as its X-LIC-LOCATION says")
        if name := _zone_like(definition):
            return Resolved(name, f"zone {tzid!r} was read as {name}: the same offsets from 2020 to 2027")
        return Resolved(None, f"no known zone has the offsets that the file gives {tzid!r}")


def zones_of(calendar: Component, *, default: str) -> Zones:
    """The calendar's own X-WR-TIMEZONE, where it names a known zone, goes before `default`."""
    named = [zone_name(line.value.strip()) for line in calendar.named("X-WR-TIMEZONE")]
    definitions = {one.tzid: one for part in calendar.inside("VTIMEZONE") if (one := read_definition(part))}
    return Zones(next((name for name in named if name), default), definitions)


@lru_cache(maxsize=4096)
def zone_name(tzid: str) -> str | None:
    """The IANA name that a TZID spells, possibly behind a vendor's prefix or as Windows calls it."""
    cleaned = tzid.strip().strip('"')
    windows = WINDOWS_TO_OLSON.get(cleaned)
    if windows and cleaned not in _known_zones():
        return str(windows)
    segments = cleaned.strip("/").split("/")
    # /vendor.example/20070129_1/America/New_York: the longest ending that is a zone.
    for start in range(len(segments)):
        ending = "/".join(segments[start:])
        # A single word at the end of a path could be anything; alone it is a name such as UTC.
        if (start == 0 or len(segments) - start > 1) and ending in _known_zones():
            return ending
    return None


@lru_cache(maxsize=1)
def _known_zones() -> frozenset[str]:
    return frozenset(name for name in available_timezones() - _NOT_PLACES if _IANA_SHAPE.fullmatch(name))


@lru_cache(maxsize=256)
def _zone_like(definition: Definition) -> str | None:
    wanted = [(sample, definition.offset_at(sample)) for sample in _SAMPLES]
    for name in _candidates():
        zone = ZoneInfo(name)
        if all(sample.replace(tzinfo=zone).utcoffset() == offset for sample, offset in wanted):
            return name
    return None


@lru_cache(maxsize=1)
def _candidates() -> tuple[str, ...]:
    places = sorted({str(name) for name in WINDOWS_TO_OLSON.values()} & _known_zones())
    fixed = [f"Etc/GMT{hours:+d}" for hours in range(-14, 13) if hours]
    # Fixed offsets first: a place that has none of its own today may have daylight saving time tomorrow.
    return ("UTC", *fixed, *places)
