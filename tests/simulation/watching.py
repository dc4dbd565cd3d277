"""What must hold after every commit (`spec`, "Settling seats"), held against what the commit before left.

- attendingCount and waitlistCount are the ledger's.
- Nobody is given seats that do not fit, except by an admin; who holds seats keeps them when the capacity falls.
- A history only grows, and its last entry says the status.
- Nobody is told more often than something has happened.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from firewarden.testing import Laboratory
from tests.simulation.acting import EVENT
from tests.simulation.world import BUYERS, CREATOR, GUESTS

TAKEN = ("admitted", "held")
Told = tuple[str, str, str]
"""A notification's type, whom it is for and who is its actor."""
Document = Mapping[str, Any]


@dataclass(slots=True)
class Watch:
    """What was stored when it was last looked at, and what has happened since the beginning."""

    lab: Laboratory
    event: Document | None = None
    created_at: datetime | None = None
    first_created_at: datetime | None = None
    rsvps: dict[str, Document] = field(default_factory=dict)
    seats: dict[str, Document] = field(default_factory=dict)
    causes: Counter[Told] = field(default_factory=Counter)
    """How often somebody had to be told of something."""

    def looks(self) -> None:
        """Called after every commit."""
        lab = self.lab
        event, rsvps = lab.stored(EVENT), lab.stored_in(f"{EVENT}/rsvps")
        if event is not None and self.event is None:
            self.created_at = lab.firestore.as_owner().document(EVENT).get().create_time
            self.first_created_at = self.first_created_at or self.created_at
        seats = self.own(lab.stored_in(f"{EVENT}/seats"))
        if event is not None:
            _counts_are_the_ledgers(event, seats)
            _what_is_given_fits(event, self.seats if self.event is not None else {}, seats)
        for uid, rsvp in rsvps.items():
            _history_grows(uid, self.rsvps.get(uid), rsvp)
            self.causes += _causes(uid, self.rsvps.get(uid), rsvp)
        self.causes += self._announced(event)
        self.event, self.rsvps, self.seats = event, rsvps, seats
        self._nobody_is_told_more_than_happened()

    def own(self, seats: Mapping[str, Document]) -> dict[str, Document]:
        """The ledger of the event as it is now: entries of one that was deleted before it say so."""
        return {uid: seat for uid, seat in seats.items() if seat["eventCreatedAt"] == self.created_at}

    def told(self) -> Counter[Told]:
        """How often who was told what, by the outbox."""
        return Counter((each["type"], each["to"], each["actor"]) for each in self.lab.stored_in("mail").values())

    def _nobody_is_told_more_than_happened(self) -> None:
        excess = self.told() - self.causes
        assert not excess, f"told too often: {dict(excess)}"

    def _announced(self, event: Document | None) -> Counter[Told]:
        """Cancellations and moves are told to whoever is going when the announcement comes to them."""
        if event is None or self.event is None or event.get("sequence", 0) == self.event.get("sequence", 0):
            return Counter()
        kind = "event_canceled" if event.get("canceled", False) else "event_changed"
        return Counter((kind, uid, "system") for uid in {*GUESTS, *BUYERS})


def taken(seats: Mapping[str, Document]) -> int:
    """Σ admitted and held."""
    return sum(seat["seats"] for seat in seats.values() if seat["state"] in TAKEN)


def is_bought(seat: Document) -> bool:
    """Whether an entry is a purchase of tickets, which stands under the registration and not under a person."""
    return seat["source"] == "registration" and not seat.get("purchases")


def waiting(seats: Mapping[str, Document]) -> int:
    """How many are in line."""
    return sum(seat["state"] == "waitlisted" for seat in seats.values())


def brief(seats: Mapping[str, Document]) -> str:
    """The ledger in few words."""
    return ", ".join(f"{uid} {seat['seats']} {seat['state']}" for uid, seat in seats.items()) or "empty"


def _counts_are_the_ledgers(event: Document, seats: Mapping[str, Document]) -> None:
    counts = (event.get("attendingCount", 0), event.get("waitlistCount", 0))
    ledger = (taken(seats), waiting(seats))
    assert counts == ledger, (
        f"the counts (seats taken, people in line) are {counts}, the ledger's {ledger}: {brief(seats)}"
    )


def _what_is_given_fits(event: Document, before: Mapping[str, Document], after: Mapping[str, Document]) -> None:
    given = [uid for uid, seat in after.items() if _held(seat) > _held(before.get(uid)) and not _overbooked(seat)]
    total, seats = taken(after), event["maxAttendees"]
    assert not given or total <= seats, f"oversold: {given} got seats, {total} of {seats} are taken: {brief(after)}"


def _held(seat: Document | None) -> int:
    return seat["seats"] if seat is not None and seat["state"] in TAKEN else 0


def _overbooked(seat: Document) -> bool:
    return seat.get("admitOverCapacity") is True


def _history_grows(uid: str, before: Document | None, after: Document) -> None:
    history = after["statusHistory"]
    if before is not None and before["createdAt"] == after["createdAt"]:
        earlier = before["statusHistory"]
        assert history[: len(earlier)] == earlier, f"the history of {uid} was {earlier} and is {history}"
    assert history[-1]["status"] == after["status"], f"{uid}: {after}"


def _causes(uid: str, before: Document | None, after: Document) -> Counter[Told]:
    """What this change of an RSVP is told for."""
    was, state = (before or {}).get("seatState"), after.get("seatState")
    found: Counter[Told] = Counter()
    if state == was:
        return found
    if state == "admitted":
        found["rsvp_going", CREATOR, uid] += 1
    if (was, state) == ("waitlisted", "admitted"):
        found["seat_promoted", uid, "system"] += 1
    if state == "held" and "offerExpiresAt" in after:  # else somebody is about to pay
        found["seat_offered", uid, "system"] += 1
    if (was, state) == ("held", "declined") and "offerExpiresAt" in (before or {}):
        found["seat_offer_expired", uid, "system"] += 1
    return found
