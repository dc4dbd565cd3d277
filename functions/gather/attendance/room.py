"""The event as seats see it: its capacity, its rules, what is taken, and until when an offer would hold. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from gather.attendance.model import Rsvp
from gather.events.model import Event, is_past, last_end

OFFER_LASTS = timedelta(hours=24)


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """What decides who gets a seat. `open`: new seats may be given; `offers_until`: when an offer made now lapses."""

    created_at: datetime | None = None
    open: bool
    max_attendees: int | None
    count_party_size: bool
    is_waitlist_enabled: bool
    waitlist_policy: Literal["strict", "skip"]
    is_paid: bool
    attending_count: int
    waitlist_count: int
    offers_until: datetime | None = None

    def fits(self, seats: int, *, taken: int) -> bool:
        """Seats fit when capacity is unlimited or they and all taken ones stay within it."""
        return self.max_attendees is None or taken + seats <= self.max_attendees


def room_of(event: Event, *, now: datetime, created_at: datetime | None) -> Room:
    """Reduce an event to what seats depend on.

    Canceled and past events are closed, and so is one whose capacity cannot be read: to take it for unlimited would
    admit the whole line.
    """
    is_readable = all(fault.field != "maxAttendees" for fault in event.faults)
    return Room(
        created_at=created_at,
        open=not event.canceled and not is_past(event, now) and is_readable,
        max_attendees=event.max_attendees,
        count_party_size=event.count_party_size,
        is_waitlist_enabled=event.is_waitlist_enabled,
        waitlist_policy=event.waitlist_policy,
        is_paid=event.is_paid,
        attending_count=event.attending_count,
        waitlist_count=event.waitlist_count,
        offers_until=_offers_until(event, now),
    )


def seats_of(rsvp: Rsvp, room: Room) -> int:
    """A party takes partySize + kids seats, or one where the event does not count party sizes."""
    return rsvp.party_size + rsvp.kids if room.count_party_size else 1


def _offers_until(event: Event, now: datetime) -> datetime | None:
    """An offer lasts a day and never past the start; once a series (or an event) runs, never past its end."""
    start, end = event.start_at, last_end(event)
    bound = start if start is not None and start > now else end
    return None if bound is None or bound <= now else min(now + OFFER_LASTS, bound)
