"""VTIMEZONE against `zoneinfo`: every zone of tzdata says the same offset at the same instant."""

import random
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from zoneinfo import ZoneInfo

import icalendar
import pytest
from dateutil.rrule import rrulestr

from gather.feeds.posixzone import PosixZone, Regime, parse_posix_zone
from gather.feeds.vtimezone import footer, vtimezone
from tests.feeds.rfc_linter import Component, parse

ZONES = (files("tzdata") / "zones").read_text("utf-8").split()
FIRST = datetime(2020, 1, 1, tzinfo=UTC)
LAST = datetime(2040, 1, 1, tzinfo=UTC)
# Zones whose rule reaches into other days, whose country changed its mind since 2020, or both.
PECULIAR = (
    "Africa/Cairo",
    "Africa/Casablanca",
    "America/Asuncion",
    "America/Mexico_City",
    "America/Nuuk",
    "America/Santiago",
    "Antarctica/Troll",
    "Asia/Almaty",
    "Asia/Gaza",
    "Asia/Jerusalem",
    "Asia/Tehran",
    "Australia/Lord_Howe",
    "Europe/Dublin",
    "Pacific/Apia",
    "Pacific/Chatham",
)


def changes_of(name: str) -> list[tuple[datetime, timedelta]]:
    """Read a VTIMEZONE as a calendar program does: every onset until 2041 in UTC, with the offset it brings."""
    (zone,) = parse(f"BEGIN:VCALENDAR\r\n{vtimezone(name)}END:VCALENDAR\r\n".encode()).inside
    return sorted(change for observance in zone.inside for change in onsets_of(observance))


def onsets_of(observance: Component) -> list[tuple[datetime, timedelta]]:
    values = {name: value for name, _, value in observance.properties}
    start = datetime.strptime(values["DTSTART"], "%Y%m%dT%H%M%S")  # noqa: DTZ007 - local time is meant
    onsets = [start]
    if "RDATE" in values:
        onsets += [datetime.strptime(text, "%Y%m%dT%H%M%S") for text in values["RDATE"].split(",")]  # noqa: DTZ007
    if "RRULE" in values:
        onsets = list(rrulestr(values["RRULE"], dtstart=start).between(start, datetime(2041, 1, 1), inc=True))  # noqa: DTZ001
        assert onsets[0] == start, "DTSTART is the first onset of its rule"
    before, after = offset(values["TZOFFSETFROM"]), offset(values["TZOFFSETTO"])
    return [((onset - before).replace(tzinfo=UTC), after) for onset in onsets]


def offset(text: str) -> timedelta:
    size = timedelta(hours=int(text[1:3]), minutes=int(text[3:5]), seconds=int(text[5:7] or 0))
    return -size if text[0] == "-" else size


def assert_agrees(name: str, instants: list[datetime]) -> None:
    zone, changes = ZoneInfo(name), changes_of(name)
    for instant in instants:
        said = [after for onset, after in changes if onset <= instant][-1]
        assert said == instant.astimezone(zone).utcoffset(), f"{name} at {instant}"


def test_every_zone_agrees_on_a_sample_of_instants() -> None:
    chance = random.Random(2020)
    for name in ZONES:
        seconds = [chance.randrange(int((LAST - FIRST).total_seconds())) for _ in range(40)]
        assert_agrees(name, [FIRST + timedelta(seconds=each) for each in seconds])


@pytest.mark.parametrize("name", PECULIAR)
def test_peculiar_zones_agree_in_every_hour_around_their_changes(name: str) -> None:
    hour = timedelta(hours=1)
    instants = [FIRST + hour * step for step in range(0, (LAST - FIRST) // hour, 24)]
    around = [onset for onset, _ in changes_of(name) if FIRST < onset < LAST]
    instants += [onset + delta for onset in around for delta in (-hour, -timedelta(seconds=1), timedelta(), hour)]
    assert_agrees(name, instants)


def test_ordinary_zones_are_two_yearly_rules() -> None:
    """That is all that Outlook understands."""
    for name in ("America/New_York", "Europe/Berlin", "Australia/Sydney", "Europe/Dublin", "Asia/Jerusalem"):
        text = vtimezone(name)
        assert (text.count("RRULE"), text.count("RDATE"), text.count("BEGIN:DAYLIGHT")) == (2, 0, 1)


def test_nearly_all_zones_of_today_need_no_list_of_dates() -> None:
    listed = {name for name in ZONES if "RDATE" in vtimezone(name)}
    assert len(listed) < len(ZONES) / 8
    assert {"Africa/Casablanca", "Asia/Gaza"} <= listed


def test_no_definition_is_long() -> None:
    assert max(len(vtimezone(name)) for name in ZONES) < 2_000


def test_the_footer_of_every_zone_is_understood() -> None:
    """tzdata uses only the forms that `posixzone` reads; a release that uses another one fails here."""
    assert [name for name in ZONES if parse_posix_zone(footer(name)) is None] == []


@pytest.mark.parametrize(
    "text", ["", "EST5EDT", "EST5EDT,J60/2,J300/2", "EST5EDT,M3.6.0,M11.1.0", "E5", "EST5EDT,M3.2.0"]
)
def test_other_rules_are_not_guessed_at(text: str) -> None:
    assert parse_posix_zone(text) is None


def test_a_rule_without_daylight_time() -> None:
    assert parse_posix_zone("<+0545>-5:45") == PosixZone(Regime("+0545", timedelta(hours=5, minutes=45)))


@pytest.mark.parametrize("name", ["America/New_York", "Asia/Kolkata", "Africa/Cairo", "Asia/Almaty"])
def test_icalendar_builds_the_same_zone_from_the_text(name: str) -> None:
    parsed = icalendar.Calendar.from_ical(f"BEGIN:VCALENDAR\r\n{vtimezone(name)}END:VCALENDAR\r\n")
    (component,) = parsed.timezones
    zone = component.to_tz(lookup_tzid=False)
    for month in range(1, 13):
        local = datetime(2026, month, 15, 12)  # noqa: DTZ001 - given two zones below
        assert local.replace(tzinfo=zone).utcoffset() == local.replace(tzinfo=ZoneInfo(name)).utcoffset()
