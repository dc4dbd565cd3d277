"""Which zone a TZID means, and that an unknown one is said to be unknown."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

from calendars.source import Component, read_source
from calendars.vtimezone import read_definition
from calendars.zones import zone_name, zones_of
from tests.support.calendars import calendar_text


def vtimezone(tzid: str, *, winter: str, summer: str = "", rules: tuple[str, str] = ("", ""), extra: str = "") -> str:
    standard = (
        f"BEGIN:STANDARD\nDTSTART:16011104T030000\n{rules[0]}\nTZOFFSETFROM:{summer or winter}\nTZOFFSETTO:{winter}"
    )
    daylight = f"BEGIN:DAYLIGHT\nDTSTART:16010311T020000\n{rules[1]}\nTZOFFSETFROM:{winter}\nTZOFFSETTO:{summer}"
    parts = [standard + "\nEND:STANDARD"] + ([daylight + "\nEND:DAYLIGHT"] if summer else [])
    return "\n".join(["BEGIN:VTIMEZONE", f"TZID:{tzid}", extra, *parts, "END:VTIMEZONE"])


EU = ("RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10", "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3")
US = ("RRULE:FREQ=YEARLY;BYDAY=1SU;BYMONTH=11", "RRULE:FREQ=YEARLY;BYDAY=2SU;BYMONTH=3")


def calendar_of(*components: str, head: str = "") -> Component:
    return read_source("a.ics", calendar_text(*components, head=head).encode()).calendars[0]


@pytest.mark.parametrize(
    ("tzid", "zone"),
    [
        ("Europe/Berlin", "Europe/Berlin"),
        ("UTC", "UTC"),
        ("W. Europe Standard Time", "Europe/Berlin"),
        ("/freeassociation.sourceforge.net/Europe/Berlin", "Europe/Berlin"),
        ("/mozilla.org/20070129_1/America/Argentina/Salta", "America/Argentina/Salta"),
        ("/x.example/UTC", None),
        ("Customized Time Zone", None),
        ("../../etc/passwd", None),
        ("Factory", None),
        ("", None),
    ],
)
def test_names(tzid: str, zone: str | None) -> None:
    assert zone_name(tzid) == zone


def test_every_windows_name_is_known() -> None:
    assert [name for name in WINDOWS_TO_OLSON if zone_name(name) is None] == []


@pytest.mark.parametrize(
    ("definition", "like"),
    [
        (vtimezone("Odd", winter="+0100", summer="+0200", rules=EU), "Europe/Berlin"),
        (vtimezone("Odd", winter="-0500", summer="-0400", rules=US), "America/New_York"),
        (vtimezone("Odd", winter="+0530"), "Asia/Kolkata"),
        (vtimezone("Odd", winter="+0000"), "UTC"),
        (vtimezone("Odd", winter="+0300"), "Etc/GMT-3"),
        (vtimezone("Odd", winter="+0117", extra="X-LIC-LOCATION:Asia/Tokyo"), "Asia/Tokyo"),
    ],
)
def test_custom_zones_are_recognised_by_their_clocks(definition: str, like: str) -> None:
    """The zone found has the same offsets all year, whatever it is called."""
    found = zones_of(calendar_of(definition), default="UTC").resolve("Odd").zone
    assert found is not None
    for month in range(1, 13):
        at = datetime(2026, month, 15, 12)  # noqa: DTZ001  # wall clock
        assert at.replace(tzinfo=ZoneInfo(found)).utcoffset() == at.replace(tzinfo=ZoneInfo(like)).utcoffset()


@pytest.mark.parametrize(
    ("tzid", "remark"),
    [("Odd", "no known zone has the offsets"), ("Other", "is unknown and the file does not define it")],
)
def test_unknown_zones_are_not_guessed(tzid: str, remark: str) -> None:
    resolved = zones_of(calendar_of(vtimezone("Odd", winter="+0117")), default="UTC").resolve(tzid)
    assert resolved.zone is None
    assert remark in str(resolved.remark)


@pytest.mark.parametrize(
    "definition",
    [
        vtimezone("", winter="+0100"),
        vtimezone("Odd", winter="+9900"),
        vtimezone("Odd", winter="+0100", rules=("RRULE:FREQ=SECONDLY", "")),
        vtimezone("Odd", winter="+0100", rules=("RRULE:FREQ=DAILY", "")),
        "BEGIN:VTIMEZONE\nTZID:Odd\nEND:VTIMEZONE",
    ],
)
def test_definitions_that_are_not_understood_whole_are_none(definition: str) -> None:
    assert read_definition(calendar_of(definition).inside("VTIMEZONE")[0]) is None


def test_offsets_before_the_first_change_and_after_each() -> None:
    definition = read_definition(
        calendar_of(vtimezone("Odd", winter="+0100", summer="+0200", rules=EU)).inside("VTIMEZONE")[0]
    )
    assert definition is not None
    hours = [definition.offset_at(datetime(year, month, 1)) for year, month in ((1500, 1), (2026, 1), (2026, 7))]  # noqa: DTZ001
    assert hours[1:] == [timedelta(hours=1), timedelta(hours=2)]
    assert hours[0] in hours[1:]


@pytest.mark.parametrize(
    ("head", "zone"), [("X-WR-TIMEZONE:Asia/Tokyo", "Asia/Tokyo"), ("X-WR-TIMEZONE:Nowhere", "UTC"), ("", "UTC")]
)
def test_the_zone_of_a_calendar(head: str, zone: str) -> None:
    assert zones_of(calendar_of(head=head), default="UTC").default == zone
