"""RSVPs and seats as values: what a stored RSVP asks for and what the ledger holds for it. No decisions, no I/O.

The ledger `events/{eventId}/seats/{uid}` is the only source of attendingCount (admitted and held seats) and
waitlistCount (entries in line); the RSVP document only shows its owner the outcome.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Literal

PARTY_SIZE_MAX = 50  # shared with the rules: rsvps.rules refuses more
KIDS_MAX = 50


class Status(StrEnum):
    """What the attendee says: the field `status`, and each entry of `statusHistory`."""

    GOING = "going"
    MAYBE = "maybe"
    NOT_GOING = "not-going"


class SeatState(StrEnum):
    """What the functions decided: the field `seatState` of an RSVP, `state` in the ledger (never `declined` there)."""

    ADMITTED = "admitted"
    HELD = "held"
    WAITLISTED = "waitlisted"
    DECLINED = "declined"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rsvp:
    """An RSVP as every reader sees it: malformed sizes read as 1 and 0, a malformed status as not going."""

    uid: str
    status: Status
    party_size: int = 1
    kids: int = 0
    waitlisted: bool = False
    seat_state: str | None = None
    has_waitlisted_at: bool = False
    written_at: datetime

    @property
    def wants_seat(self) -> bool:
        """A seat is wanted by who is going, and by who waits in line (shown as maybe, waitlisted)."""
        return self.status is Status.GOING or (self.status is Status.MAYBE and self.waitlisted)


@dataclass(frozen=True, slots=True, kw_only=True)
class Purchase:
    """A purchase of tickets whose seats stand in the ledger under `registration_id`."""

    registration_id: str
    ticket_type_id: str
    state: SeatState
    payment_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """A ledger entry: `seats` taken (or waited for) since `since`, and the party they were given to.

    Of `source` registration there is one for each purchase of tickets, under the registration's id, and one without
    seats under the buyer's, which names the `purchases`. `before` is what the buyer had when they went to pay, and
    has again if they do not. `discount_id` is the code by which the seats of an RSVP cost nothing.
    """

    seats: int
    state: SeatState
    since: datetime
    party_size: int = 1
    kids: int = 0
    source: Literal["rsvp", "registration", "payment"] = "rsvp"
    expires_at: datetime | None = None
    event_created_at: datetime | None = None
    admit_over_capacity: bool = False
    payment_id: str | None = None
    ticket_type_id: str | None = None
    pool_id: str | None = None
    discount_id: str | None = None
    purchases: tuple[Purchase, ...] = ()
    before: "Seat | None" = None

    @property
    def counts(self) -> bool:
        """Admitted and held seats are taken; those waited for are not."""
        return self.state in {SeatState.ADMITTED, SeatState.HELD}

    @property
    def is_offer(self) -> bool:
        """Seats held out of the line for somebody to take; a checkout's hold is the payment's, and no offer."""
        return self.state is SeatState.HELD and self.source == "rsvp"

    @property
    def is_purchased(self) -> bool:
        """Only a payment, or the registration, gives or frees these seats; settlements of RSVPs leave them alone."""
        return self.source != "rsvp"

    @property
    def at_the_event_alone(self) -> "Seat":
        """The same seats without their places of a ticket type and of a pool, which others may take meanwhile."""
        return replace(self, ticket_type_id=None, pool_id=None, discount_id=None)


def parse_rsvp(uid: str, data: Mapping[str, Any], *, written_at: datetime) -> Rsvp:
    """Read a stored RSVP without ever raising; `written_at` is the document's update time."""
    status = data.get("status")
    return Rsvp(
        uid=uid,
        status=Status(status) if isinstance(status, str) and status in set(Status) else Status.NOT_GOING,
        party_size=_bounded(data.get("partySize"), low=1, high=PARTY_SIZE_MAX),
        kids=_bounded(data.get("kids"), low=0, high=KIDS_MAX),
        waitlisted=data.get("waitlisted") is True,
        seat_state=data.get("seatState") if isinstance(data.get("seatState"), str) else None,
        has_waitlisted_at="waitlistedAt" in data or "waitlisted" in data,
        written_at=written_at,
    )


def parse_seat(data: Mapping[str, Any]) -> Seat | None:
    """Read a ledger entry; only the functions write it, and a damaged one reads as none: its seats are given anew."""
    seats, since, state = data.get("seats"), data.get("since"), data.get("state")
    purchases = _parse_purchases(data.get("purchases"))
    least = 0 if purchases else 1
    if isinstance(seats, bool) or not isinstance(seats, int) or seats < least or not isinstance(since, datetime):
        return None
    if not isinstance(state, str) or state not in {SeatState.ADMITTED, SeatState.HELD, SeatState.WAITLISTED}:
        return None
    source, expires_at, created_at = data.get("source"), data.get("expiresAt"), data.get("eventCreatedAt")
    return Seat(
        seats=seats,
        state=SeatState(state),
        since=since,
        party_size=_bounded(data.get("partySize"), low=1, high=PARTY_SIZE_MAX),
        kids=_bounded(data.get("kids"), low=0, high=KIDS_MAX),
        source=source if source in ("registration", "payment") else "rsvp",
        expires_at=expires_at if isinstance(expires_at, datetime) else None,
        event_created_at=created_at if isinstance(created_at, datetime) else None,
        admit_over_capacity=data.get("admitOverCapacity") is True,
        payment_id=_text(data.get("paymentId")),
        ticket_type_id=_text(data.get("ticketTypeId")),
        pool_id=_text(data.get("poolId")),
        discount_id=_text(data.get("discountId")),
        purchases=purchases,
        before=parse_seat(before) if isinstance(before := data.get("before"), Mapping) else None,
    )


def seat_document(seat: Seat) -> dict[str, Any]:
    """Write a ledger entry as the document that holds it."""
    document: dict[str, Any] = {
        "seats": seat.seats,
        "state": seat.state.value,
        "since": seat.since,
        "partySize": seat.party_size,
        "kids": seat.kids,
        "source": seat.source,
    }
    if seat.expires_at is not None:
        document["expiresAt"] = seat.expires_at
    if seat.event_created_at is not None:
        document["eventCreatedAt"] = seat.event_created_at
    if seat.admit_over_capacity:
        document["admitOverCapacity"] = True
    names = {
        "paymentId": seat.payment_id,
        "ticketTypeId": seat.ticket_type_id,
        "poolId": seat.pool_id,
        "discountId": seat.discount_id,
    }
    document |= {name: value for name, value in names.items() if value is not None}
    if seat.purchases:
        document["purchases"] = [_purchase_document(purchase) for purchase in seat.purchases]
    if seat.before is not None:
        document["before"] = seat_document(seat.before)
    return document


def _purchase_document(purchase: Purchase) -> dict[str, Any]:
    document = {
        "registrationId": purchase.registration_id,
        "ticketTypeId": purchase.ticket_type_id,
        "state": purchase.state.value,
        "paymentId": purchase.payment_id,
    }
    return {name: value for name, value in document.items() if value is not None}


def _parse_purchases(value: Any) -> tuple[Purchase, ...]:
    entries = value if isinstance(value, list) else []
    return tuple(
        Purchase(
            registration_id=entry["registrationId"],
            ticket_type_id=entry["ticketTypeId"],
            state=SeatState(entry["state"]),
            payment_id=_text(entry.get("paymentId")),
        )
        for entry in entries
        if isinstance(entry, Mapping)
        and _text(entry.get("registrationId"))
        and _text(entry.get("ticketTypeId"))
        and entry.get("state") in (SeatState.ADMITTED, SeatState.HELD)
    )


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def _bounded(value: Any, *, low: int, high: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        return low
    return min(max(value, low), high)
