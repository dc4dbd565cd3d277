"""RSVPs and their seats in Firestore: each function is one transaction (or a row of them) around a pure decision.

Reads come first and are what the decision sees; only what differs is written.
"""

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Any

from google.cloud.firestore_v1.base_query import FieldFilter

from gather.attendance.commit import Decision, carry_out, decide, settle_claims
from gather.attendance.ledger import seat_of
from gather.attendance.model import SeatState
from gather.attendance.opening import Draft, Opening, claim_in, claim_of, document_of, open_event, refs, stakes_of
from gather.attendance.repair import audit_repair, with_sound_history
from gather.attendance.settle import Outcome, Settlement
from gather.transactions import Transact, read, read_all, read_query, run_transaction

EVERYONE_PAGE = 50  # RSVPs settled again by one transaction, besides the line
OFFERS_PAGE = 50  # offers that are over, settled by one transaction, besides the line


def settle_rsvp(
    client: Any,
    event_id: str,
    uid: str,
    *,
    now: datetime,
    before: Any | None = None,
    cause: str | None = None,
    transact: Transact = run_transaction,
) -> Outcome | None:
    """Bring one RSVP, its ledger entry and the event's counts into agreement with what the RSVP says now.

    `before` is the trigger's before-image (a snapshot): entries of its statusHistory that were lost since are put
    back and audited under an id derived from `cause`. Returns None where the event is gone: then its ledger entry,
    if any, goes too.
    """

    def body(transaction: Any) -> Outcome | None:
        found = open_rsvp(transaction, client, event_id, uid, now=now, before=before, cause=cause)
        if found is None:
            return None
        opening, decision = found
        carry_out(transaction, client, opening, decision)
        return decision.outcome_of(uid)

    return transact(client, body, contend_on=f"events/{event_id}")


def open_rsvp(
    transaction: Any,
    client: Any,
    event_id: str,
    uid: str,
    *,
    now: datetime,
    before: Any | None,
    cause: str | None,
) -> tuple[Opening, Decision] | None:
    """Read one person's stake and decide it; None where the event is gone, whose ledger entry is deleted.

    Of the settlement nothing is written yet; what was wrong with the history is audited.
    """
    event, stakes = stakes_of(transaction, client, event_id, [uid])
    stake = stakes[uid]
    if not event.exists:
        if stake.seat.exists:
            transaction.delete(stake.seat.reference)
        return None
    desired, problem = with_sound_history(stake.rsvp, before, now)
    opening = open_event(transaction, event, now=now)
    stored = document_of(stake)
    draft = Draft(stored=stored, desired=desired)
    decision = decide(transaction, client, opening, {uid: draft}, [claim_in(stake, opening, desired)])
    if problem is not None:
        audit_repair(transaction, event.reference, uid, problem, stored or {}, cause=cause)
    return opening, decision


def settle_event(client: Any, event_id: str, *, now: datetime, transact: Transact = run_transaction) -> int:
    """End the offers that are over and serve the line; returns how many got seats.

    After a change of capacity, policy or cancellation, and by the sweep. So many are served per transaction, until
    nobody more can be.
    """
    served_in_all = 0
    while True:
        page = partial(_serve, client=client, event_id=event_id, now=now)
        served, ended = transact(client, page, contend_on=f"events/{event_id}")
        served_in_all += served
        if served == 0 and ended == 0:
            return served_in_all


def _serve(transaction: Any, *, client: Any, event_id: str, now: datetime) -> tuple[int, int]:
    event = read(transaction, client.document("events", event_id))
    if not event.exists:
        return 0, 0
    opening = open_event(transaction, event, now=now)
    offers = read_query(transaction, offers_that_end(client, opening).limit(OFFERS_PAGE))
    rsvps = read_all(transaction, [refs(client, event_id, seat.id)[1] for seat in offers])
    settlement = settle_found(transaction, client, opening, rsvps, offers)
    return _served(settlement), _ended(settlement)


def offers_that_end(client: Any, opening: Opening) -> Any:
    """Offers to look at: those whose time is over; all of them where the event takes nobody or costs nothing."""
    held = (
        client.collection("events", opening.event.id, "seats")
        .where(filter=FieldFilter("state", "==", SeatState.HELD.value))
        .where(filter=FieldFilter("source", "==", "rsvp"))
    )
    if opening.room.open and opening.room.is_paid:
        held = held.where(filter=FieldFilter("expiresAt", "<=", opening.now))
    return held.order_by("expiresAt")


def _served(settlement: Settlement) -> int:
    """How many of the line got seats."""
    return sum(
        outcome.seat is not None
        and outcome.seat.counts
        and outcome.claim.seat is not None
        and not outcome.claim.seat.counts
        for outcome in settlement.outcomes
    )


def _ended(settlement: Settlement) -> int:
    """How many offers are none any more."""
    return sum(
        outcome.claim.seat is not None
        and outcome.claim.seat.is_offer
        and (outcome.seat is None or not outcome.seat.is_offer)
        for outcome in settlement.outcomes
    )


def settle_everyone(client: Any, event_id: str, *, now: datetime, transact: Transact = run_transaction) -> None:
    """Settle every RSVP of the event: after a change of what a party counts for, or of whether seats cost money."""
    after: str | None = None
    while True:
        page = partial(_settle_page, client=client, event_id=event_id, now=now, after=after)
        after = transact(client, page, contend_on=f"events/{event_id}")
        if after is None:
            return


def _settle_page(transaction: Any, *, client: Any, event_id: str, now: datetime, after: str | None) -> str | None:
    """Settle the next RSVPs in order of uid; returns the last uid, None when there was none."""
    event = read(transaction, client.document("events", event_id))
    if not event.exists:
        return None
    page = read_query(transaction, rsvps_in_order(client, event_id, after=after))
    if not page:
        return None
    seats = read_all(transaction, [refs(client, event_id, rsvp.id)[2] for rsvp in page])
    settle_found(transaction, client, open_event(transaction, event, now=now), page, seats)
    return str(page[-1].id)


def settle_found(
    transaction: Any, client: Any, opening: Opening, rsvps: Sequence[Any], seats: Sequence[Any]
) -> Settlement:
    """Settle RSVPs and ledger entries that have been read in this transaction, in the same order."""
    drafts: dict[str, Draft] = {}
    claims = []
    for rsvp, seat in zip(rsvps, seats, strict=True):
        document = rsvp.to_dict() if rsvp.exists else None
        drafts[rsvp.id] = Draft(stored=document, desired=document)
        held = seat_of(seat, opening.snapshot)
        claims.append(claim_of(rsvp.id, document, written_at=rsvp.update_time or opening.now, seat=held))
    return settle_claims(transaction, client, opening, drafts, claims)


def rsvps_in_order(client: Any, event_id: str, *, after: str | None) -> Any:
    """The next page of an event's RSVPs in order of uid."""
    rsvps = client.collection("events", event_id, "rsvps")
    query = rsvps.order_by("__name__").limit(EVERYONE_PAGE)
    return query if after is None else query.start_after({"__name__": rsvps.document(after)})
