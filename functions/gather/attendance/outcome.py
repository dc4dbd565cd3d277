"""What an RSVP document shows of a settlement: status, seatState, waitlist fields, history. Pure.

Notes are never touched. `updatedAt` is the store's to set, when anything changes at all.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from gather.attendance.history import SYSTEM, entry, valid_entries
from gather.attendance.model import SeatState, Status
from gather.attendance.settle import Outcome

_STATUS_SHOWN = {
    SeatState.ADMITTED: Status.GOING,
    SeatState.HELD: Status.GOING,
    SeatState.WAITLISTED: Status.MAYBE,
    SeatState.DECLINED: Status.MAYBE,
}
_OWNED = {"seatState", "waitlisted", "waitlistedAt", "offerExpiresAt"}


def shown(document: Mapping[str, Any], outcome: Outcome, *, now: datetime) -> dict[str, Any]:
    """Return the RSVP document as it must read after `outcome`; equal to `document` when nothing changes.

    Who is offered seats stays in line (`maybe`, waitlisted) until they say going themselves; then they have to pay.
    Who has purchased seats may say what they like.
    """
    after = {key: value for key, value in document.items() if key not in _OWNED}
    state = _state(outcome)
    if state is None:
        return after
    after["seatState"] = state.value
    seat = outcome.seat
    if seat is not None and seat.is_purchased:
        return after | ({"partySize": seat.party_size, "kids": seat.kids} if outcome.refused_growth else {})
    is_untaken = seat is not None and seat.is_offer and document.get("status") != Status.GOING
    if seat is not None and (state is SeatState.WAITLISTED or is_untaken):
        after |= {"waitlisted": True, "waitlistedAt": seat.since}
    if seat is not None and seat.is_offer:
        after["offerExpiresAt"] = seat.expires_at
        if not is_untaken:
            after = {"paymentStatus": "required", **after, "requiresPayment": True}
    if seat is not None and outcome.refused_growth:
        after |= {"partySize": seat.party_size, "kids": seat.kids}
    status = Status.MAYBE if is_untaken else _STATUS_SHOWN[state]
    if document.get("status") != status:
        after["status"] = status.value
        history = valid_entries(document.get("statusHistory"))
        after["statusHistory"] = [*history, entry(status, at=now, by=SYSTEM)]
    return after


def _state(outcome: Outcome) -> SeatState | None:
    if outcome.seat is not None:
        return outcome.seat.state
    return SeatState.DECLINED if outcome.declined else None
