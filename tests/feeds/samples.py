"""Events as clients store them, for the tests of the feeds; each sample is one case that calendars get wrong."""

from datetime import UTC, datetime, timedelta
from typing import Any

from gather.events.model import Event, parse_event
from gather.feeds.origin import Origin

ORIGIN = Origin(domain="events.example.org", public_url="https://events.example.org")
NOW = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)


def utc(text: str) -> datetime:
    """Return the instant of an ISO 8601 text, in UTC unless it says otherwise."""
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def document(**fields: Any) -> dict[str, Any]:
    """Return a public event as a client stores it, with these fields instead; None leaves one out."""
    stored = {
        "title": "Picnic",
        "startAt": utc("2026-06-06T16:00"),
        "visibility": "public",
        "published": True,
        "createdBy": "ana",
        "createdAt": utc("2026-04-01T08:00"),
        "updatedAt": utc("2026-04-02T09:30"),
        "sequence": 2,
        **fields,
    }
    return {name: value for name, value in stored.items() if value is not None}


def event(event_id: str = "picnic", **fields: Any) -> Event:
    """Return the event that readers make of `document(**fields)`, which must not be malformed."""
    found = parse_event(event_id, document(**fields))
    assert found.faults == ()
    return found


# Weekly in New York across the autumn change of the clocks: one evening cancelled, one moved, one called off.
WEEKLY: dict[str, Any] = {
    "title": "Choir; bring water, and a friend",
    "description": "Doors at six.\nBackslash \\ and, comma; semicolon.",
    "startAt": utc("2026-10-13T22:00"),
    "endAt": utc("2026-10-13T23:30"),
    "timezone": "America/New_York",
    "location": "Town hall, room 2",
    "tags": ["music", "choir, mixed"],
    "recurrence": {"rrule": "FREQ=WEEKLY;COUNT=6", "exdates": [utc("2026-10-20T22:00")]},
    "overrides": {
        "20261103T230000Z": {
            "startAt": utc("2026-11-04T15:00"),
            "endAt": utc("2026-11-04T17:00"),
            "title": "Choir, in the morning",
            "location": "Library",
        },
        "20261110T230000Z": {"canceled": True},
    },
}
HOLIDAY: dict[str, Any] = {
    "title": "Summer camp",
    "allDay": True,
    "timezone": "Europe/Berlin",
    "startAt": utc("2026-07-05T22:00"),
    "endAt": utc("2026-07-10T22:00"),
}
YEARLY_DAY: dict[str, Any] = {
    "title": "Founders' day",
    "allDay": True,
    "timezone": "Asia/Tokyo",
    "startAt": utc("2025-11-02T15:00"),
    "recurrence": {"rrule": "FREQ=YEARLY;UNTIL=20301103", "exdates": [utc("2027-11-02T15:00")]},
    "overrides": {"20281103": {"startAt": utc("2028-11-05T15:00"), "title": "Founders' day, a little later"}},
}
SAMPLES: dict[str, Event] = {
    "single_without_zone": event("single", endAt=utc("2026-06-06T18:00")),
    "single_in_a_zone": event("kyoto", title="Tea 🍵 お茶会", timezone="Asia/Tokyo", description="茶" * 60),
    "weekly_with_changes": event("choir", **WEEKLY),
    "all_day_of_several_days": event("camp", **HOLIDAY),
    "all_day_yearly": event("founders", **YEARLY_DAY),
    "canceled": event("off", canceled=True, cancelReason="Rain", timezone="Europe/London"),
}


def many(count: int) -> list[Event]:
    """Return that many different events, a tenth of them weekly."""
    made = []
    for number in range(count):
        start = NOW + timedelta(hours=number)
        fields: dict[str, Any] = {
            "title": f"Event number {number}",
            "description": f"Agenda of {number}. " * 12,
            "startAt": start,
            "endAt": start + timedelta(hours=2),
            "timezone": ("Europe/Berlin", "America/New_York", "Asia/Tokyo", "Australia/Sydney")[number % 4],
            "location": f"Room {number % 50}",
            "tags": ["talk", f"track-{number % 8}"],
        }
        if number % 10 == 0:
            fields["recurrence"] = {"rrule": "FREQ=WEEKLY"}
        made.append(parse_event(f"event-{number:05}", document(**fields)))
    return made
