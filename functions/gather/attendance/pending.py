"""Group commit: RSVPs to an event that is busy are marked, and many of them are settled by one transaction.

A marker says "this person's stake may have changed"; what they want stands in their RSVP. Each delivery makes its
own marker, so a marker is never changed, only deleted, and only after a transaction has read the RSVP it stands for:
whatever crashes, a marker that is left leads to a settlement that finds nothing to do. See docs/decisions/0031.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from google.cloud import firestore

from gather.attendance.commit import Decision, carry_out, decide, write_document
from gather.attendance.opening import Draft, Opening, claim_in, document_of, open_event, refs, stakes_of
from gather.attendance.pace import SMALL_GROUP_COST, WRITE_COST, is_hot, rest_before_group
from gather.attendance.settle import Claim
from gather.attendance.store import open_rsvp
from gather.events.fields import is_document_id
from gather.transactions import Transact, read, run_transaction

GROUP_MAX = 200
"""RSVPs settled by one transaction: two writes each, besides the event and what is served of the line."""


@dataclass(frozen=True, slots=True)
class Rest:
    """Nothing was written: the event has been written too often, as `busy_until` says; come back in a while.

    `oldest` names the marker that waits longest: if it is another one next time, somebody else has settled a group.
    """

    for_: timedelta
    busy_until: datetime
    oldest: str


def settle_or_mark(
    client: Any,
    event_id: str,
    uid: str,
    *,
    now: datetime,
    before: Any | None = None,
    cause: str | None = None,
    transact: Transact = run_transaction,
) -> bool:
    """Settle one RSVP, or, where the event is hot and its counts would change, leave a marker; True if it is left.

    Costs what settling costs: the transaction that would write the event writes the marker instead. Who was aborted
    has met others at the event and leaves a marker too, for which the event is only read: transactions that have
    all read what all want to write wait for each other, so long that the event would never become hot.
    """
    attempts = 0

    def body(transaction: Any) -> bool:
        nonlocal attempts
        attempts += 1
        found = open_rsvp(transaction, client, event_id, uid, now=now, before=before, cause=cause)
        if found is None:
            return False
        opening, decision = found
        if decision.changes_counts and (attempts > 1 or is_hot(opening.busy_until, now)):
            _mark(transaction, client, opening, decision, uid=uid, cause=cause)
            return True
        carry_out(transaction, client, opening, decision)
        return False

    return transact(client, body, contend_on=f"events/{event_id}")


def settle_next_group(
    client: Any,
    event_id: str,
    *,
    now: datetime,
    rested_from: datetime | None = None,
    may_rest: bool = True,
    transact: Transact = run_transaction,
) -> int | Rest:
    """Settle up to GROUP_MAX marked RSVPs, those marked first before others; returns how many markers went.

    Returns Rest where the event's document should not be written yet, unless the caller may rest no longer, or has
    rested from the very `busy_until` it still says, which a clock that is ahead could otherwise keep true for long.
    """
    markers = list(pending_markers(client, event_id).limit(GROUP_MAX).stream())
    if not markers:
        return 0
    body = partial(_settle_marked, client=client, event_id=event_id, markers=markers, now=now)
    rest = transact(client, partial(body, rested_from=rested_from, may_rest=may_rest), contend_on=f"events/{event_id}")
    if rest is not None:
        return rest
    batch = client.batch()
    for marker in markers:
        batch.delete(marker.reference)
    batch.commit()
    return len(markers)


def pending_markers(client: Any, event_id: str) -> Any:
    """The markers of an event, the oldest first."""
    return client.collection("events", event_id, "pending").order_by("at")


def _settle_marked(
    transaction: Any,
    *,
    client: Any,
    event_id: str,
    markers: Sequence[Any],
    now: datetime,
    rested_from: datetime | None,
    may_rest: bool,
) -> Rest | None:
    event = read(transaction, client.document("events", event_id))
    opening = open_event(transaction, event, now=now) if event.exists else None
    if may_rest and opening is not None and opening.busy_until is not None and opening.busy_until != rested_from:
        rest = rest_before_group(opening.busy_until, now)
        if rest:
            return Rest(rest, opening.busy_until, markers[0].id)
    uids = sorted({uid for marker in markers if is_document_id(uid := str(marker.get("uid")))})
    _, stakes = stakes_of(transaction, client, event_id, uids)
    if opening is None:
        for stake in stakes.values():
            if stake.seat.exists:
                transaction.delete(stake.seat.reference)
        return None
    drafts: dict[str, Draft] = {}
    claims: list[Claim] = []
    for uid, stake in stakes.items():
        document = document_of(stake)
        drafts[uid] = Draft(stored=document, desired=document)
        claims.append(claim_in(stake, opening, document))
    decision = decide(transaction, client, opening, drafts, claims)
    cost = WRITE_COST if len(markers) == GROUP_MAX else SMALL_GROUP_COST
    carry_out(transaction, client, opening, decision, cost=cost)
    return None


def _mark(transaction: Any, client: Any, opening: Opening, decision: Decision, *, uid: str, cause: str | None) -> None:
    """Leave a marker; a history that was repaired is written now, for the delivery that told of it will not return."""
    name = cause if cause is not None and is_document_id(cause) else None
    marker = client.collection("events", opening.event.id, "pending").document(name)
    transaction.set(marker, {"uid": uid, "at": firestore.SERVER_TIMESTAMP})
    draft = decision.drafts[uid]
    if draft.desired is not None:
        write_document(transaction, refs(client, opening.event.id, uid)[1], draft.stored, draft.desired)
