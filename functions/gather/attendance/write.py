"""An RSVP written over HTTP: the access law, the write and the settling of its seats in one transaction.

The same settling core as the trigger's; what a direct write would learn later, this caller learns at once, and a
refusal leaves everything as it was.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from google.cloud import firestore

from gather.attendance.access import Standing, refusal
from gather.attendance.commit import settle_claims
from gather.attendance.history import ENTRIES_MAX, entry, valid_entries
from gather.attendance.ledger import seat_of
from gather.attendance.model import SeatState, Status
from gather.attendance.opening import Draft, claim_of, open_event, refs
from gather.attendance.outcome import shown
from gather.attendance.settle import Outcome
from gather.events.model import Event, Viewer, can_read
from gather.transactions import Transact, read, read_all, run_transaction


class RsvpRefusedError(Exception):
    """The RSVP was not written; `code` is one of the client's error codes."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """The RSVP document as stored now, and the event's counts where its writer may see them."""

    document: Mapping[str, Any]
    counts: tuple[int, int] | None


ViewerOf = Callable[[Any, Event], Viewer]


def put_rsvp(
    client: Any,
    event_id: str,
    uid: str,
    *,
    status: Status,
    changes: Mapping[str, Any],
    viewer_of: ViewerOf,
    now: datetime,
    transact: Transact = run_transaction,
) -> Written:
    """Write the caller's RSVP and settle its seats; raise RsvpRefusedError, nothing changed, where that is not allowed.

    A `going` that neither fits nor can wait is refused (`sold_out`), and so is a party grown beyond the room
    (`capacity_exceeded`): a direct write would end declined or be put back.
    """

    def body(transaction: Any) -> Written:
        event_ref, rsvp_ref, seat_ref = refs(client, event_id, uid)
        event_found, rsvp, seat = read_all(transaction, [event_ref, rsvp_ref, seat_ref])
        if not event_found.exists:
            raise RsvpRefusedError("event_not_found")
        opening = open_event(transaction, event_found, now=now)
        viewer = viewer_of(transaction, opening.event)
        may_read = can_read(opening.event, viewer, now=now)
        standing = standing_of(transaction, client, opening.event, viewer, uid)
        code = refusal(opening.event, standing, status, is_new=not rsvp.exists, only_leaves=not changes, now=now)
        if code is not None:
            raise RsvpRefusedError(code)
        stored = rsvp.to_dict() if rsvp.exists else None
        desired = _desired(stored, uid, status, changes, now)
        # Seats of one who asks by HTTP are asked for now; a direct write asked when it was committed.
        claim = claim_of(uid, desired, written_at=now, seat=seat_of(seat, event_found))
        settlement = settle_claims(transaction, client, opening, {uid: Draft(stored=stored, desired=desired)}, [claim])
        outcome = next(found for found in settlement.outcomes if found.claim.uid == uid)
        _refuse_what_does_not_fit(
            outcome, newly_going=status is Status.GOING and (stored or {}).get("status") != status
        )
        return Written(
            document=shown(desired, outcome, now=now),
            counts=(settlement.attending_count, settlement.waitlist_count) if may_read else None,
        )

    return transact(client, body, contend_on=f"events/{event_id}")


def delete_rsvp(
    client: Any,
    event_id: str,
    uid: str,
    *,
    viewer_of: ViewerOf,
    now: datetime,
    transact: Transact = run_transaction,
) -> None:
    """Delete the caller's RSVP and free its seats; deleting what is not there changes nothing.

    One's own RSVP can always be deleted, at canceled and past events and after an invitation was withdrawn too;
    only without one does an unreadable event answer `event_not_found`.
    """

    def body(transaction: Any) -> None:
        event_ref, rsvp_ref, seat_ref = refs(client, event_id, uid)
        event_found, rsvp, seat = read_all(transaction, [event_ref, rsvp_ref, seat_ref])
        if not event_found.exists:
            raise RsvpRefusedError("event_not_found")
        opening = open_event(transaction, event_found, now=now)
        if not rsvp.exists and not seat.exists:
            viewer = viewer_of(transaction, opening.event)
            if not can_read(opening.event, viewer, now=now):
                raise RsvpRefusedError("event_not_found")
            return
        draft = Draft(stored=rsvp.to_dict() if rsvp.exists else None, desired=None)
        claim = claim_of(uid, None, written_at=now, seat=seat_of(seat, event_found))
        settle_claims(transaction, client, opening, {uid: draft}, [claim])

    transact(client, body, contend_on=f"events/{event_id}")


def standing_of(transaction: Any, client: Any, event: Event, viewer: Viewer, uid: str) -> Standing:
    """Read who has blocked whom; `uid` is the one who attends."""
    user_ref = client.document("users", uid)
    if event.created_by in {"", uid}:
        user = read(transaction, user_ref)
        blocks = False
    else:
        creator_ref = client.document("users", event.created_by)
        user, *found = read_all(
            transaction,
            [
                user_ref,
                creator_ref.collection("blocks").document(uid),
                user_ref.collection("blocks").document(event.created_by),
            ],
        )
        blocks = any(block.exists for block in found)
    # As in the rules: whatever is not plainly false blocks.
    blocked = user.exists and (user.to_dict() or {}).get("blockedFromRsvp", False) is not False
    return Standing(viewer=viewer, blocked_from_rsvp=blocked, blocked_with_creator=blocks)


def _desired(
    stored: Mapping[str, Any] | None, uid: str, status: Status, changes: Mapping[str, Any], now: datetime
) -> dict[str, Any]:
    document = dict(stored) if stored is not None else {"createdAt": firestore.SERVER_TIMESTAMP}
    history = valid_entries(document.get("statusHistory"))
    is_in_line = document.get("status") == Status.MAYBE and document.get("waitlisted") is True
    if is_in_line and status is Status.GOING and document.get("seatState") != SeatState.HELD:
        return {**document, **changes}  # who waits is going already, as soon as there is room
    steps_down = is_in_line and status is Status.MAYBE
    if document.get("status") != status or steps_down or not history:
        if len(history) >= ENTRIES_MAX and status is not Status.NOT_GOING:
            raise RsvpRefusedError("invalid_transition")
        history = [*history, entry(status, at=now, by=uid)]
    if steps_down:
        document = {name: value for name, value in document.items() if name not in {"waitlisted", "waitlistedAt"}}
    return {**document, **changes, "status": status.value, "statusHistory": history}


def _refuse_what_does_not_fit(outcome: Outcome, *, newly_going: bool) -> None:
    # Who was going already, by a direct write not settled yet, is told what the settlement says instead.
    if outcome.declined and newly_going:
        raise RsvpRefusedError("sold_out")
    if outcome.refused_growth:
        raise RsvpRefusedError("capacity_exceeded")
