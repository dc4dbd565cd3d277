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


def shown(document: Mapping[str, Any], outcome: Outcome, *, now: datetime) -> dict[str, Any]:
    """Return the RSVP document as it must read after `outcome`; equal to `document` when nothing changes."""
    after = {key: value for key, value in document.items() if key not in _OWNED}
    state = _state(outcome)
    if state is None:
        return after
    after["seatState"] = state.value
    if outcome.seat is not None and state is SeatState.WAITLISTED:
        after |= {"waitlisted": True, "waitlistedAt": outcome.seat.since}
    if outcome.seat is not None and outcome.refused_growth:
        after |= {"partySize": outcome.seat.party_size, "kids": outcome.seat.kids}
    status = _STATUS_SHOWN[state]
    if document.get("status") != status:
        after["status"] = status.value
        history = valid_entries(document.get("statusHistory"))
        after["statusHistory"] = [*history, entry(status, at=now, by=SYSTEM)]
    return after


_OWNED = {"seatState", "waitlisted", "waitlistedAt"}


def _state(outcome: Outcome) -> SeatState | None:
    if outcome.seat is not None:
        return outcome.seat.state
    return SeatState.DECLINED if outcome.declined else None
