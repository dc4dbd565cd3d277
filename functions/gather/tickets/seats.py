"""Purchased seats in Firestore: one transaction moves the ledger, the counters and the buyer's RSVP together.

`open_holding` reads, `plan` decides and reads the line (what is freed is offered on at once), `carry_out` writes.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from gather.attendance import commit
from gather.attendance.ledger import seat_of
from gather.attendance.model import Purchase, Seat, SeatState, seat_document
from gather.attendance.opening import Draft, Opening, claim_of, open_event
from gather.tickets.answer import (
    PaymentShown,
    given_up,
    going,
    not_pointing_to,
    pointing_to,
    waiting_again,
    with_payment,
)
from gather.tickets.counters import Move, counts_of, room_change
from gather.tickets.store import pools_of, types_of
from gather.transactions import Transact, read, read_all, read_query, run_transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """What a purchase has: its entry of the ledger, the buyer's own (the same one for an RSVP), and their RSVP."""

    opening: Opening
    key: str
    uid: str
    entry: Seat | None
    own: Seat | None
    rsvp: Any
    counted: Mapping[str, Any]
    """Documents with counters that were read, by path: the ticket type and the pool, there or not."""

    @property
    def is_of_rsvp(self) -> bool:
        """Whether the seats are the RSVP's own: bought without a registration."""
        return self.key == self.uid

    @property
    def stored_rsvp(self) -> Mapping[str, Any] | None:
        """The RSVP as it is stored; None: there is none."""
        document: Mapping[str, Any] | None = self.rsvp.to_dict() if self.rsvp.exists else None
        return document


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is to be written."""

    holding: Holding
    moves: tuple[Move, ...]
    counters: commit.Counters
    decision: commit.Decision


def open_holding(
    transaction: Any,
    client: Any,
    event_id: str,
    *,
    uid: str,
    key: str,
    type_id: str | None = None,
    pool_id: str | None = None,
    now: datetime,
) -> Holding | None:
    """Read what a purchase has; None where the event is gone, and all seats with it."""
    event_ref = client.document("events", event_id)
    keys = list(dict.fromkeys([key, uid]))
    seats = [event_ref.collection("seats").document(each) for each in keys]
    counters = _counter_refs(event_ref, type_id, pool_id)
    rsvp_ref = event_ref.collection("rsvps").document(uid)
    event, rsvp, *found = read_all(transaction, [event_ref, rsvp_ref, *seats, *counters])
    if not event.exists:
        return None
    entries = [seat_of(seat, event) for seat in found[: len(seats)]]
    return Holding(
        opening=open_event(transaction, event, now=now),
        key=key,
        uid=uid,
        entry=entries[0],
        own=entries[-1],
        rsvp=rsvp,
        counted={each.reference.path: each for each in found[len(seats) :]},
    )


def plan_seats(
    transaction: Any,
    client: Any,
    holding: Holding,
    target: Seat | None,
    *,
    shows: PaymentShown | None,
    says_going: bool,
    intent_id: str | None = None,
    changes: Mapping[str, Any] | None = None,
) -> Plan:
    """Decide what the purchase's entry becoming `target` comes to; reads the line, so it belongs in the read phase.

    `shows`: what the RSVP says of the payment, None: nothing. `says_going`: the buyer goes by this, whatever the RSVP
    said; otherwise an RSVP with seats is left as its owner has it. `changes` are fields the buyer sends with it.
    """
    own = _own_after(holding, target)
    moves = [Move(key=holding.key, before=holding.entry, after=target)]
    if not holding.is_of_rsvp:
        moves.append(Move(key=holding.uid, before=holding.own, after=own))
    elif target is None and own is not None:
        moves = [Move(key=holding.key, before=holding.entry, after=own)]
    own = _that_fits(holding, moves, own)
    moves[-1] = replace(moves[-1], after=own)
    stored = holding.stored_rsvp
    desired = _rsvp_after(holding, own, shows=shows, says_going=says_going, intent_id=intent_id)
    desired = desired if desired is None else {**desired, **(changes or {})}
    opening = _with_room(holding.opening, moves)
    written_at = holding.rsvp.update_time or holding.opening.now
    claim = claim_of(holding.uid, desired, written_at=written_at, seat=own)
    drafts = {holding.uid: Draft(stored=stored, desired=desired)}
    decision = commit.decide(transaction, client, opening, drafts, [claim])
    event_ref = client.document("events", opening.event.id)
    counters = commit.read_counters(transaction, event_ref, moves, holding.counted)
    return Plan(holding=replace(holding, opening=opening), moves=tuple(moves), counters=counters, decision=decision)


def carry_out(transaction: Any, client: Any, plan: Plan) -> None:
    """Write the ledger, the counters, the RSVPs and the event's counts, where they differ."""
    holding = plan.holding
    event_ref = client.document("events", holding.opening.event.id)
    commit.carry_out(transaction, client, holding.opening, plan.decision)
    settled = {outcome.claim.uid: outcome for outcome in plan.decision.settlement.outcomes}
    for move in plan.moves:
        outcome = settled.get(move.key)
        if outcome is not None and outcome.seat != outcome.claim.seat:
            continue  # the settlement has moved it on, and written it
        _write_seat(transaction, event_ref.collection("seats").document(move.key), move)
    commit.write_counters(transaction, plan.counters)


def recount_counters(client: Any, event_id: str, *, transact: Transact = run_transaction) -> int:
    """Make the counters of the event's types and pools what its ledger says; returns how many were not."""

    def body(transaction: Any) -> int:
        event_ref = client.document("events", event_id)
        event = read(transaction, event_ref)
        types = read_query(transaction, types_of(client, event_id))
        pools = read_query(transaction, pools_of(client, event_id))
        if not event.exists or not (types or pools):
            return 0
        entries = read_query(transaction, event_ref.collection("seats").order_by("__name__"))
        counts = counts_of(seat for entry in entries if (seat := seat_of(entry, event)) is not None)
        wanted = [(each, {"soldCount": counts.sold[each.id], "heldCount": counts.held[each.id]}) for each in types]
        wanted += [(each, {"takenCount": counts.taken[each.id]}) for each in pools]
        wrong = [(each, fields) for each, fields in wanted if _differs(each.to_dict(), fields)]
        for each, fields in wrong:
            transaction.update(each.reference, fields)
        return len(wrong)

    return transact(client, body, contend_on=f"events/{event_id}")


def _own_after(holding: Holding, target: Seat | None) -> Seat | None:
    if holding.is_of_rsvp:
        return target if target is not None else holding.own and holding.own.before
    if target is None:
        return not_pointing_to(holding.own, holding.key)
    if holding.own is not None and holding.own.is_purchased and not holding.own.purchases:
        return holding.own  # the RSVP's own seats are paid for: they say enough
    purchase = Purchase(
        registration_id=holding.key,
        ticket_type_id=target.ticket_type_id or "",
        state=target.state,
        payment_id=target.payment_id,
    )
    opening = holding.opening
    return pointing_to(holding.own, purchase, at=opening.now, event_created_at=opening.room.created_at)


def _that_fits(holding: Holding, moves: Sequence[Move], own: Seat | None) -> Seat | None:
    """What somebody had before they went to pay they have again where it still fits; else they wait again."""
    if own is None or own.is_purchased or not own.counts:
        return own
    room, (change, _) = holding.opening.room, room_change(moves)
    if room.fits(0, taken=room.attending_count + change):
        return own
    return replace(own, state=SeatState.WAITLISTED, expires_at=None) if room.is_waitlist_enabled else None


def _rsvp_after(
    holding: Holding, own: Seat | None, *, shows: PaymentShown | None, says_going: bool, intent_id: str | None
) -> dict[str, Any] | None:
    stored, now = holding.stored_rsvp, holding.opening.now
    others = [each for each in own.purchases if each.registration_id != holding.key] if own else []
    if says_going:
        document: dict[str, Any] | None = going(stored, by=holding.uid, at=now)
    elif stored is None:
        return None
    elif own is None:
        document = given_up(stored, at=now)
    elif own.is_purchased:
        document = dict(stored)
    else:
        document = waiting_again(stored, own, at=now)
    # Somebody who has paid for other tickets has paid, whatever becomes of this purchase.
    is_paid_otherwise = shows != "paid" and any(each.state is SeatState.ADMITTED for each in others)
    if document is None or shows is None or is_paid_otherwise:
        return document
    return with_payment(document, shows, intent_id=intent_id)


def _with_room(opening: Opening, moves: Iterable[Move]) -> Opening:
    taken, waiting = room_change(moves)
    room = opening.room
    in_line = max(0, room.waitlist_count + waiting)
    return replace(opening, room=replace(room, attending_count=room.attending_count + taken, waitlist_count=in_line))


def _write_seat(transaction: Any, reference: Any, move: Move) -> None:
    if move.after is None and move.before is not None:
        transaction.delete(reference)
    elif move.after is not None and move.after != move.before:
        transaction.set(reference, seat_document(move.after))


def _differs(stored: Mapping[str, Any], fields: Mapping[str, int]) -> bool:
    return any(stored.get(name, 0) != value for name, value in fields.items())


def _counter_refs(event_ref: Any, type_id: str | None, pool_id: str | None) -> list[Any]:
    wanted = (("ticketTypes", type_id), ("pools", pool_id))
    return [event_ref.collection(name).document(each) for name, each in wanted if each]
