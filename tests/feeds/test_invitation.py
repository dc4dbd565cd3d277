"""Invitations: the feed's entry for one person, which every calendar reads as that (RFC 5546)."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import icalendar
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gather.events.model import Event, parse_event
from gather.feeds.fragment import FRAGMENT_OCTETS_MAX
from gather.feeds.ical import vevents
from gather.feeds.invitation import Address, invitation
from gather.feeds.origin import Origin
from gather.feeds.text import LINE_OCTETS_MAX
from tests.feeds.rfc_linter import lint
from tests.support.events import event_document

ORIGIN = Origin(domain="events.example.org", public_url="https://events.example.org")
SELLER = Address(name="Acme Events GmbH", email="billing@example.org")
ANA = Address(name="Ana Example", email="ana@example.org")
SERIES: dict[str, Any] = {
    "startAt": datetime.fromisoformat("2026-06-01T18:00:00+02:00"),
    "timezone": "Europe/Berlin",
    "recurrence": {"rrule": "FREQ=WEEKLY;COUNT=3"},
    "overrides": {"20260608T160000Z": {"title": "Moved"}},
}


def event(**fields: Any) -> Event:
    return parse_event("concert", event_document(**fields))


def invited(given_event: Event, attendee: Address = ANA) -> Any:
    text = invitation(given_event, ORIGIN, organizer=SELLER, attendee=attendee)
    assert text is not None
    return icalendar.Calendar.from_ical(text)


def test_an_invitation_is_the_feed_s_entry_with_its_people() -> None:
    calendar = invited(event(sequence=4))
    (entry,) = calendar.walk("VEVENT")
    assert (calendar["METHOD"], entry["UID"], entry["SEQUENCE"]) == ("REQUEST", ORIGIN.uid("concert"), 4)
    assert (entry["ORGANIZER"], entry["ORGANIZER"].params["CN"]) == ("mailto:billing@example.org", "Acme Events GmbH")
    assert (entry["ATTENDEE"], entry["ATTENDEE"].params["PARTSTAT"]) == ("mailto:ana@example.org", "ACCEPTED")


def test_an_invitation_breaches_no_law_of_calendars() -> None:
    for each in (event(sequence=4), event(**SERIES)):
        text = invitation(each, ORIGIN, organizer=SELLER, attendee=ANA)
        assert text is not None
        # The linter is for feeds, which have no method.
        assert lint(text.encode()) == ["a subscribed calendar has no METHOD"]


def test_every_component_of_a_series_names_its_people_and_zones_are_defined() -> None:
    calendar = invited(event(**SERIES))
    entries = calendar.walk("VEVENT")
    assert [("RECURRENCE-ID" in entry, entry["ATTENDEE"]) for entry in entries] == [
        (False, "mailto:ana@example.org"),
        (True, "mailto:ana@example.org"),
    ]
    assert [zone["TZID"] for zone in calendar.walk("VTIMEZONE")] == ["Europe/Berlin"]


@pytest.mark.parametrize("fields", [{"canceled": True}, {"startAt": None}, {"startAt": "soon"}])
def test_what_does_not_take_place_invites_nobody(fields: dict[str, Any]) -> None:
    assert invitation(event(**fields), ORIGIN, organizer=SELLER, attendee=ANA) is None


def test_a_long_series_is_shortened_until_it_can_be_sent() -> None:
    start = datetime.fromisoformat("2026-01-01T12:00:00+00:00")
    overrides = {
        f"{start + timedelta(days=n):%Y%m%dT%H%M%SZ}": {"location": f"Room {n}"} for n in range(1, 300)
    }  # fmt: skip
    long = event(
        startAt=start, description="x" * 3_000, recurrence={"rrule": "FREQ=DAILY;COUNT=366"}, overrides=overrides
    )
    text = invitation(long, ORIGIN, organizer=SELLER, attendee=ANA)
    assert text is not None
    assert len(vevents(long, ORIGIN).encode()) > 2 * FRAGMENT_OCTETS_MAX > len(text.encode())


@given(st.text(max_size=80))
@settings(deadline=None)
def test_any_name_is_a_name(name: str) -> None:
    text = invitation(event(), ORIGIN, organizer=SELLER, attendee=replace(ANA, name=name))
    assert text is not None
    assert all(len(line.encode()) <= LINE_OCTETS_MAX for line in text.split("\r\n"))
    (entry,) = icalendar.Calendar.from_ical(text).walk("VEVENT")
    assert entry["ATTENDEE"] == "mailto:ana@example.org"


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("Ana", 'CN="Ana"'),
        ('A "B"', "CN=\"A ^'B^'\""),
        ("a^b", 'CN="a^^b"'),
        ("a\r\nb", 'CN="a^nb"'),
        ("a;b", 'CN="a;b"'),
    ],
)
def test_names_are_quoted(name: str, written: str) -> None:
    text = invitation(event(), ORIGIN, organizer=SELLER, attendee=replace(ANA, name=name))
    assert text is not None
    assert f"ATTENDEE;{written};" in text


def test_an_address_cannot_leave_its_line() -> None:
    text = invitation(event(), ORIGIN, organizer=SELLER, attendee=replace(ANA, email="a@b.example\r\nEVIL:1"))
    assert text is not None
    assert "\r\nEVIL" not in text
