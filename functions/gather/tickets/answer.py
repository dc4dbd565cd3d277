"""What the RSVP of somebody who buys says, and what their own ledger entry points to. Pure.

Whoever goes to pay is going; who does not pay in the end has what they had before, or is declined.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Literal

from gather.attendance.history import SYSTEM, entry, valid_entries
from gather.attendance.model import Purchase, Seat, SeatState, Status

PaymentShown = Literal["required", "pending", "paid", "refunded", "failed"]
_LINE_FIELDS = {"waitlisted", "waitlistedAt", "offerExpiresAt"}


def going(stored: Mapping[str, Any] | None, *, by: str, at: datetime) -> dict[str, Any]:
    """An RSVP that says going, out of line, whatever it said before."""
    document = {name: value for name, value in (stored or {"createdAt": at}).items() if name not in _LINE_FIELDS}
    return _saying(document, Status.GOING, by=by, at=at)


def given_up(stored: Mapping[str, Any], *, at: datetime) -> dict[str, Any]:
    """An RSVP whose seats are gone: declined, unless its owner has said themselves that they do not come."""
    if stored.get("status") == Status.NOT_GOING:
        return {name: value for name, value in stored.items() if name != "seatState"}
    document = {name: value for name, value in stored.items() if name not in _LINE_FIELDS}
    return _saying(document, Status.MAYBE, by=SYSTEM, at=at) | {"seatState": SeatState.DECLINED.value}


def waiting_again(stored: Mapping[str, Any], seat: Seat, *, at: datetime) -> dict[str, Any]:
    """An RSVP whose owner has again what they had before they went to pay: a seat, an offer or their place in line."""
    if stored.get("status") == Status.NOT_GOING:
        return dict(stored)
    if seat.state is SeatState.ADMITTED:
        return _saying(stored, Status.GOING, by=SYSTEM, at=at)
    in_line = {"waitlisted": True, "waitlistedAt": seat.since, "seatState": seat.state.value}
    return _saying(stored, Status.MAYBE, by=SYSTEM, at=at) | in_line


def with_payment(document: Mapping[str, Any], shown: PaymentShown, *, intent_id: str | None = None) -> dict[str, Any]:
    """An RSVP that says how its payment stands."""
    known = {} if intent_id is None else {"paymentIntentId": intent_id}
    return {**document, "requiresPayment": True, "paymentStatus": shown, **known}


def pointing_to(own: Seat | None, purchase: Purchase, *, at: datetime, event_created_at: datetime | None) -> Seat:
    """The buyer's own entry with this purchase among those it names; what they had before is remembered until paid."""
    others = tuple(each for each in own.purchases if each.registration_id != purchase.registration_id) if own else ()
    purchases = tuple(sorted((*others, purchase), key=lambda each: each.registration_id))
    is_admitted = any(each.state is SeatState.ADMITTED for each in purchases)
    before = own.at_the_event_alone if own is not None and not own.is_purchased else own and own.before
    return Seat(
        seats=0,
        state=SeatState.ADMITTED if is_admitted else SeatState.HELD,
        since=own.since if own is not None and own.is_purchased else at,
        source="registration",
        event_created_at=event_created_at,
        purchases=purchases,
        before=None if is_admitted else before,
    )


def not_pointing_to(own: Seat | None, registration_id: str) -> Seat | None:
    """The buyer's own entry once a purchase is gone; after the last one what they had before."""
    if own is None or not own.purchases:
        return own
    purchases = tuple(each for each in own.purchases if each.registration_id != registration_id)
    if not purchases:
        return own.before
    is_admitted = any(each.state is SeatState.ADMITTED for each in purchases)
    return replace(own, purchases=purchases, state=SeatState.ADMITTED if is_admitted else SeatState.HELD)


def _saying(document: Mapping[str, Any], status: Status, *, by: str, at: datetime) -> dict[str, Any]:
    history = valid_entries(document.get("statusHistory"))
    if document.get("status") == status and history:
        return dict(document)
    return {**document, "status": status.value, "statusHistory": [*history, entry(status, at=at, by=by)]}
