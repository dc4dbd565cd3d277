"""The JSON representations: their shapes, what they keep to themselves, and that they repeat as the calendar does."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from dateutil.rrule import DAILY, MONTHLY, WEEKLY, YEARLY, rrule, weekday

from gather.events.model import Event, parse_event
from gather.feeds.event_json import event_json
from gather.feeds.fragment import public_fragment
from gather.feeds.jscalendar import jscalendar_event
from gather.feeds.json_feed import Page, jscalendar, jsonfeed, plain
from gather.feeds.paging import decode_cursor, encode_cursor
from gather.recurrence import Override, Recurrence, Series, expand, parse_rrule
from tests.feeds.samples import NOW, ORIGIN, SAMPLES, document, event, utc

WINDOW = (utc("2026-01-01"), utc("2031-01-01"))
RULES = (
    "FREQ=DAILY;INTERVAL=3;COUNT=20",
    "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,WE,FR;COUNT=30;WKST=SU",
    "FREQ=WEEKLY;BYDAY=MO;UNTIL=20270301",
    "FREQ=WEEKLY;BYDAY=MO;UNTIL=20270301T230000Z",
    "FREQ=MONTHLY;BYDAY=1MO,-1FR;COUNT=24",
    "FREQ=MONTHLY;BYMONTHDAY=1,-1;COUNT=24",
    "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=1;COUNT=12",
    "FREQ=YEARLY;BYMONTH=6,9;BYDAY=1MO;COUNT=6",
)


def page_of(*events: Event, next_url: str | None = None) -> Page:
    fragments = [public_fragment(each, now=NOW, origin=ORIGIN) for each in events]
    assert None not in fragments
    return Page(
        name="Town",
        origin=ORIGIN,
        url="https://events.example.org/feeds/public.json",
        fragments=[each for each in fragments if each is not None],
        next_url=next_url,
    )


def series() -> Iterator[Event]:
    """The samples, and each rule of the subset on a day it names (a Monday, the first of June 2026), both ways."""
    yield from SAMPLES.values()
    for number, rule in enumerate(RULES):
        yield event(f"timed-{number}", startAt=utc("2026-06-01T23:00"), timezone="America/New_York",
                    recurrence={"rrule": rule})  # fmt: skip
        yield event(f"days-{number}", startAt=utc("2026-05-31T22:00"), timezone="Europe/Berlin", allDay=True,
                    recurrence={"rrule": rule.replace("T230000Z", "")})  # fmt: skip


def test_what_an_event_tells_and_what_it_keeps_to_itself() -> None:
    stored = document(
        invitedUsers=[], attendingCount=4, waitlistCount=1, maxAttendees=8, tags=["a"], isPaid=True, priceCents=0,
        currency="eur", guestListVisible=False, organizationId="club",
    )  # fmt: skip
    assert event_json(parse_event("picnic", stored), ORIGIN) == {
        "id": "picnic",
        "uid": "picnic@events.example.org",
        "url": "https://events.example.org/events/picnic",
        "title": "Picnic",
        "startAt": "2026-06-06T16:00:00Z",
        "endAt": "2026-06-06T17:00:00Z",
        "allDay": False,
        "tags": ["a"],
        "isPaid": True,
        "priceCents": 0,
        "currency": "EUR",
        "maxAttendees": 8,
        "organizationId": "club",
        "canceled": False,
        "sequence": 2,
        "createdAt": "2026-04-01T08:00:00Z",
        "updatedAt": "2026-04-02T09:30:00Z",
    }


def test_all_day_events_also_tell_their_local_days() -> None:
    fields = event_json(SAMPLES["all_day_of_several_days"], ORIGIN)
    assert (fields["startDate"], fields["endDate"]) == ("2026-07-06", "2026-07-11")


def test_the_plain_list_is_the_stored_text() -> None:
    page = page_of(*SAMPLES.values(), next_url="https://events.example.org/feeds/public.json?cursor=x")
    feed = json.loads(plain(page))
    assert list(feed) == ["name", "updatedAt", "nextPage", "events"]
    assert feed["events"] == [event_json(each, ORIGIN) for each in SAMPLES.values()]
    assert json.loads(plain(page_of())) == {"name": "Town", "events": []}


def test_json_feed_has_what_version_1_1_demands() -> None:
    feed = json.loads(jsonfeed(page_of(*SAMPLES.values())))
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert feed["feed_url"].startswith("https://")
    for item in feed["items"]:
        assert isinstance(item["id"], str)
        assert item["content_text"]
        assert set(item) <= {
            "id", "url", "title", "content_text", "image", "date_published", "date_modified", "tags", "_event",
        }  # fmt: skip
    assert len({item["id"] for item in feed["items"]}) == len(SAMPLES)


def test_a_jscalendar_group() -> None:
    group = json.loads(jscalendar(page_of(*SAMPLES.values())))
    assert (group["@type"], len(group["entries"])) == ("Group", len(SAMPLES))
    choir = next(entry for entry in group["entries"] if entry["uid"].startswith("choir"))
    assert choir["recurrenceRules"] == [{"@type": "RecurrenceRule", "frequency": "weekly", "count": 6}]
    assert choir["recurrenceOverrides"] == {
        "2026-10-20T18:00:00": {"excluded": True},
        "2026-11-03T18:00:00": {
            "start": "2026-11-04T10:00:00",
            "duration": "PT2H",
            "title": "Choir, in the morning",
            "locations/1/name": "Library",
        },
        "2026-11-10T18:00:00": {
            "start": "2026-11-10T18:00:00",
            "duration": "PT1H30M",
            "status": "cancelled",
            "freeBusyStatus": "free",
        },
    }


@pytest.mark.parametrize("found", list(series()), ids=lambda found: found.id)
def test_plain_json_repeats_as_the_event_does(found: Event) -> None:
    """A client that knows only the JSON, and expands as we do, finds the same occurrences."""
    fields = json.loads(json.dumps(event_json(found, ORIGIN)))
    repeated = fields.get("recurrence")
    read = Series(
        start_at=datetime.fromisoformat(fields["startAt"]),
        end_at=datetime.fromisoformat(fields["endAt"]),
        all_day=fields["allDay"],
        timezone=fields.get("timezone"),
        recurrence=repeated
        and Recurrence(
            parse_rrule(repeated["rrule"]),
            tuple(datetime.fromisoformat(exdate) for exdate in repeated.get("exdates", ())),
        ),
        overrides={
            name: Override(
                start_at=datetime.fromisoformat(each["startAt"]), end_at=datetime.fromisoformat(each["endAt"])
            )
            for name, each in fields.get("overrides", {}).items()
        },
    )
    assert spans(expand(read, *WINDOW)) == spans(expand(found, *WINDOW))


@pytest.mark.parametrize("found", list(series()), ids=lambda found: found.id)
def test_jscalendar_repeats_as_the_event_does(found: Event) -> None:
    """An expansion written from RFC 8984 alone, on dateutil, finds the same occurrences."""
    fields = jscalendar_event(event_json(found, ORIGIN))
    assert expanded(json.loads(json.dumps(fields)), found) == spans(expand(found, *WINDOW))


def spans(occurrences: list[Any]) -> set[tuple[datetime, datetime]]:
    return {(each.start, each.end) for each in occurrences}


def expanded(fields: dict[str, Any], found: Event) -> set[tuple[datetime, datetime]]:
    """Expand a JSCalendar event; an all-day one floats, and is placed in the zone of `found` to be compared."""
    zone = ZoneInfo(fields.get("timeZone") or found.timezone or "UTC")
    starts = [datetime.fromisoformat(fields["start"])]
    for rule in fields.get("recurrenceRules", ()):
        starts = list(as_rrule(rule, starts[0]).between(starts[0], datetime(2031, 1, 1), inc=True))  # noqa: DTZ001
    result = set()
    for local in starts:
        patch = fields.get("recurrenceOverrides", {}).get(local.isoformat(), {})
        if patch.get("excluded"):
            continue
        start = datetime.fromisoformat(patch.get("start", local.isoformat())).replace(tzinfo=zone)
        result.add((start.astimezone(UTC), end_of(start, patch.get("duration", fields["duration"]))))
    return {(start, end) for start, end in result if start < WINDOW[1] and end > WINDOW[0]}


def as_rrule(rule: dict[str, Any], start: datetime) -> rrule:
    frequencies: dict[str, Any] = {"daily": DAILY, "weekly": WEEKLY, "monthly": MONTHLY, "yearly": YEARLY}
    names = ("mo", "tu", "we", "th", "fr", "sa", "su")
    days = [weekday(names.index(day["day"]), day.get("nthOfPeriod")) for day in rule.get("byDay", ())]
    return rrule(
        frequencies[rule["frequency"]],
        dtstart=start,
        interval=rule.get("interval", 1),
        count=rule.get("count"),
        until=datetime.fromisoformat(rule["until"]) if "until" in rule else None,
        byweekday=days or None,
        bymonthday=rule.get("byMonthDay"),
        bymonth=[int(month) for month in rule["byMonth"]] if "byMonth" in rule else None,
        bysetpos=rule.get("bySetPosition"),
        wkst=names.index(rule.get("firstDayOfWeek", "mo")),
    )


def end_of(start: datetime, duration: str) -> datetime:
    if duration.startswith("PT"):
        hours, _, minutes = duration.removeprefix("PT").rpartition("H")
        length = timedelta(hours=int(hours or 0), minutes=int(minutes.removesuffix("M") or 0))
        return start.astimezone(UTC) + length
    return (start + timedelta(days=int(duration[1:-1]))).astimezone(UTC)


def test_a_cursor_comes_back_as_it_was_and_nothing_else_is_one() -> None:
    place = (utc("2026-06-06T16:00:00.123456"), "ü with spaces")
    assert decode_cursor(encode_cursor(place)) == place
    for text in ("", "!", "AAAA", encode_cursor(place)[3:], "x" * 10_000):
        assert decode_cursor(text) is None
