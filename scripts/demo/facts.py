"""What is looked up after a step: each function returns a fact. They look with the owner's eyes or as a subscriber."""

from datetime import timedelta
from typing import Any

import icalendar
import recurring_ical_events

from demo.people import GUEST
from demo.steps import Fact
from demo.world import World

FEED = "/feeds/public.ics"


def seats(event: str, *, taken: int, waiting: int) -> Fact:
    """The counts on the event, and that the ledger they are derived from agrees."""

    def look(world: World) -> str:
        stored = world.stored(f"events/{event}") or {}
        ledger = [seat.to_dict() or {} for seat in world.owner.collection(f"events/{event}/seats").stream()]
        admitted = sum(seat["seats"] for seat in ledger if seat["state"] in {"admitted", "held"})
        return _seats_text(stored.get("attendingCount"), stored.get("waitlistCount"), admitted)

    return Fact("seats taken, parties waiting, ledger", look, _seats_text(taken, waiting, taken))


def rsvp(event: str, uid: str, *, status: str, seat: str | None) -> Fact:
    """What became of somebody's RSVP."""

    def look(world: World) -> str:
        stored = world.stored(f"events/{event}/rsvps/{uid}") or {}
        return _rsvp_text(stored.get("status"), stored.get("seatState"))

    return Fact(f"{uid}'s RSVP", look, _rsvp_text(status, seat))


def history(event: str, uid: str, *, entries: int) -> Fact:
    """The history of an RSVP only grows."""

    def look(world: World) -> int:
        return len((world.stored(f"events/{event}/rsvps/{uid}") or {}).get("statusHistory", []))

    return Fact(f"entries in {uid}'s history", look, entries)


def teaser(event: str, *, exists: bool) -> Fact:
    """Whether the public teaser is there."""
    return Fact("has a teaser", lambda world: world.stored(f"event_teasers/{event}") is not None, exists)


def in_feed(event: str, *, exists: bool) -> Fact:
    """Whether a subscriber of the public feed sees the event."""
    return Fact("in the public feed", lambda world: bool(_components(world, event)), exists)


def feed_status(event: str, status: str) -> Fact:
    """What the feed says of the event."""
    return Fact("STATUS in the feed", lambda world: [str(one["STATUS"]) for one in _components(world, event)], [status])


def occurrences(event: str, expected: list[str]) -> Fact:
    """When an independent calendar library, given the feed, shows the event; local times."""

    def look(world: World) -> list[str]:
        calendar = icalendar.Calendar.from_ical(_feed(world))
        calendar.subcomponents = [
            one
            for one in calendar.subcomponents
            if one.name == "VTIMEZONE" or str(one.get("UID")).startswith(f"{event}@")
        ]
        window = (world.began, world.began + timedelta(days=400))
        shown = recurring_ical_events.of(calendar).between(*window)
        return sorted(f"{one['DTSTART'].dt:%Y-%m-%d %H:%M} {one['SUMMARY']}" for one in shown)

    return Fact("a calendar program shows", look, expected)


def told(uid: str, event: str, kinds: list[str]) -> Fact:
    """What somebody has been told of an event, each with its mail, and that the unread counter counts it all."""

    def look(world: World) -> str:
        notifications = [
            found.to_dict() or {} for found in world.owner.collection(f"users/{uid}/notifications").stream()
        ]
        mails = [found.to_dict() or {} for found in world.owner.collection("mail").stream()]
        counter = (world.stored(f"users/{uid}/counters/notifications") or {}).get("unread")
        of_event = sorted(one["type"] for one in notifications if one["eventId"] == event)
        sent = sum(mail["to"] == uid and mail["eventId"] == event for mail in mails)
        is_counted = counter == len(notifications)
        return _told_text(of_event, sent, is_counted=is_counted)

    return Fact(f"{uid} has been told", look, _told_text(sorted(kinds), len(kinds), is_counted=True))


def below(path: str, *, documents: int) -> Fact:
    """How many documents a collection has left."""
    return Fact(f"documents in {path}", lambda world: len(list(world.owner.collection(path).stream())), documents)


def field(path: str, name: str, expected: Any) -> Fact:
    """One stored field."""
    return Fact(name, lambda world: (world.stored(path) or {}).get(name), expected)


def _components(world: World, event: str) -> list[Any]:
    calendar = icalendar.Calendar.from_ical(_feed(world))
    return [one for one in calendar.walk("VEVENT") if _is_of(one, event)]


def _is_of(component: Any, event: str) -> bool:
    return str(component.get("UID", "")).startswith(f"{event}@")


def _feed(world: World) -> bytes:
    return world.http(GUEST, "GET", FEED).content


def _seats_text(taken: Any, waiting: Any, ledger: int) -> str:
    return f"{taken} taken, {waiting} waiting, {ledger} in the ledger"


def _rsvp_text(status: Any, seat: Any) -> str:
    return f"{status}, {seat or 'no seat'}"


def _told_text(kinds: list[str], mails: int, *, is_counted: bool) -> str:
    return f"{', '.join(kinds)}; {mails} mails; {'counted' if is_counted else 'counted wrongly'}"
