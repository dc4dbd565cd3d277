"""Answering an offer, and seating somebody over capacity: what people decide about one person's seat over HTTP."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from google.cloud import firestore

from gather.attendance.access import refusal
from gather.attendance.commit import settle_claims
from gather.attendance.history import ENTRIES_MAX, entry, valid_entries
from gather.attendance.ledger import seat_of
from gather.attendance.model import Seat, Status
from gather.attendance.opening import Draft, Opening, Stake, claim_in, document_of, open_event, stakes_of
from gather.attendance.outcome import shown
from gather.attendance.settle import Claim
from gather.attendance.write import RsvpRefusedError, ViewerOf, Written, standing_of
from gather.events.model import can_read
from gather.transactions import Transact, run_transaction


def answer_offer(
    client: Any,
    event_id: str,
    uid: str,
    *,
    accepts: bool,
    viewer_of: ViewerOf,
    now: datetime,
    transact: Transact = run_transaction,
) -> Written:
    """Take the seats one has been offered, or let the next have them; raise RsvpRefusedError, nothing changed.

    Where there is no offer, or it has lapsed, the answer is `invalid_transition`. Accepting says going; the seats
    stay held until the offer ends, by when they have to be paid. Declining frees them at once, is always possible,
    and says not-going.
    """

    def body(transaction: Any) -> Written:
        event, stakes = stakes_of(transaction, client, event_id, [uid])
        stake, stored = stakes[uid], document_of(stakes[uid])
        if not event.exists:
            raise RsvpRefusedError("event_not_found")
        opening = open_event(transaction, event, now=now)
        viewer = viewer_of(transaction, opening.event)
        standing = standing_of(transaction, client, opening.event, viewer, uid)
        status = Status.GOING if accepts else Status.NOT_GOING
        code = refusal(opening.event, standing, status, is_new=stored is None, only_leaves=True, now=now)
        if code is not None:
            raise RsvpRefusedError(code)
        if stored is None or not _is_open(seat_of(stake.seat, event), now):
            raise RsvpRefusedError("invalid_transition")
        desired = _says(stored, status, by=uid, now=now)
        written = _settle_one(transaction, client, opening, stake, stored, desired)
        may_read = can_read(opening.event, viewer, now=now)
        return Written(document=written.document, counts=written.counts if may_read else None)

    return transact(client, body, contend_on=f"events/{event_id}")


def admit_over_capacity(
    client: Any,
    event_id: str,
    uid: str,
    *,
    by: str,
    viewer_of: ViewerOf,
    now: datetime,
    transact: Transact = run_transaction,
) -> Written:
    """Admit somebody who has asked for a seat, room or not, and keep in the audit who did it.

    The caller has seen that `by` is an admin. Closed events, and whoever is blocked, are refused as for anybody.
    """

    def body(transaction: Any) -> Written:
        event, stakes = stakes_of(transaction, client, event_id, [uid])
        stake, stored = stakes[uid], document_of(stakes[uid])
        if not event.exists or stored is None:
            raise RsvpRefusedError("event_not_found" if not event.exists else "rsvp_not_found")
        opening = open_event(transaction, event, now=now)
        standing = standing_of(transaction, client, opening.event, viewer_of(transaction, opening.event), uid)
        code = refusal(opening.event, standing, Status.GOING, is_new=False, only_leaves=False, now=now)
        if code is not None:
            raise RsvpRefusedError(code)
        desired = stored if stored.get("status") == Status.GOING else _says(stored, Status.GOING, by=by, now=now)
        written = _settle_one(transaction, client, opening, stake, stored, desired, over_capacity=True)
        audit = event.reference.collection("audit").document()
        entry_ = {"kind": "seat.over_capacity", "uid": uid, "actor": by, "at": firestore.SERVER_TIMESTAMP}
        transaction.set(audit, entry_)
        return written

    return transact(client, body, contend_on=f"events/{event_id}")


def _settle_one(
    transaction: Any,
    client: Any,
    opening: Opening,
    stake: Stake,
    stored: Mapping[str, Any],
    desired: Mapping[str, Any],
    *,
    over_capacity: bool = False,
) -> Written:
    claim = claim_in(stake, opening, desired)
    claim = Claim(uid=claim.uid, rsvp=claim.rsvp, seat=claim.seat, over_capacity=over_capacity)
    settlement = settle_claims(
        transaction, client, opening, {claim.uid: Draft(stored=stored, desired=desired)}, [claim]
    )
    outcome = next(found for found in settlement.outcomes if found.claim.uid == claim.uid)
    return Written(
        document=shown(desired, outcome, now=opening.now),
        counts=(settlement.attending_count, settlement.waitlist_count),
    )


def _is_open(seat: Seat | None, now: datetime) -> bool:
    return seat is not None and seat.is_offer and (seat.expires_at is None or seat.expires_at > now)


def _says(stored: Mapping[str, Any], status: Status, *, by: str, now: datetime) -> dict[str, Any]:
    history = valid_entries(stored.get("statusHistory"))
    if stored.get("status") == status:
        return dict(stored)
    if len(history) >= ENTRIES_MAX and status is not Status.NOT_GOING:
        raise RsvpRefusedError("invalid_transition")
    return {**stored, "status": status.value, "statusHistory": [*history, entry(status, at=now, by=by)]}
