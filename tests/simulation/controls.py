"""Negative controls: the same schedules with what makes seats or money right taken out. Each has to fail, and of that.

If one does not, the simulator is blind where it looks most.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import count
from typing import Any, TypeVar
from unittest.mock import patch

from firewarden.testing import Laboratory
from firewarden.triggers import Manifest
from gather.attendance.model import Seat, SeatState, parse_rsvp
from gather.attendance.opening import Opening, Stake, claim_of, document_of
from gather.attendance.room import seats_of
from gather.attendance.settle import Claim
from gather.notifications.causes import Cause
from gather.notifications.causes import notification_id as true_id
from gather.payments.facts import SessionFacts
from gather.payments.fold import Facts, fold_all
from gather.payments.fulfil import apply_facts
from gather.payments.model import Payment, Refund
from gather.runtime import Runtime
from gather.transactions import Contended
from tests.simulation.acting import EVENT, Actor, Story
from tests.simulation.guests import guest
from tests.simulation.naive import on_rsvp_counted
from tests.simulation.scenarios import seats_are_settled
from tests.simulation.stage import EVERYTHING, gather, manifest_of, protected
from tests.simulation.world import World
from tests.support.unprotected import Unprotected

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Control:
    """A scenario that must fail, with a message that `shows` what is missing (a regular expression)."""

    scenario: Callable[[Laboratory], object]
    shows: str
    functions: Manifest = EVERYTHING


def without_transactions(lab: Laboratory) -> None:
    """The same functions, settling seats without a transaction: what they have read may have changed."""
    proper = protected(lab)

    def unprotected(client: Any, body: Callable[[Any], T], *, contend_on: Contended = None) -> T:
        if contend_on != EVENT:
            return proper(client, body, contend_on=contend_on)
        transaction = Unprotected(client)
        result = body(transaction)
        transaction.commit()
        return result

    seats_are_settled(lab, transact=unprotected)


def without_the_ledger(lab: Laboratory) -> None:
    """What somebody holds is read from their RSVP, where its owner can change it, and which may be gone."""

    def claim_by_rsvp(stake: Stake, opening: Opening, document: Any) -> Claim:
        stored = document_of(stake)
        state = (stored or {}).get("seatState")
        seat = None
        if stored is not None and state in {SeatState.ADMITTED, SeatState.HELD, SeatState.WAITLISTED}:
            rsvp = parse_rsvp(stake.rsvp.id, stored, written_at=stake.rsvp.update_time)
            seat = Seat(
                seats=seats_of(rsvp, opening.room),
                state=SeatState(state),
                since=stored.get("waitlistedAt", stake.rsvp.create_time),
                expires_at=stored.get("offerExpiresAt"),
                event_created_at=opening.room.created_at,
            )
        return claim_of(stake.rsvp.id, document, written_at=stake.rsvp.update_time or opening.now, seat=seat)

    with (
        patch("gather.attendance.store.claim_in", claim_by_rsvp),
        patch("gather.attendance.pending.claim_in", claim_by_rsvp),
    ):
        seats_are_settled(lab)


def without_names_for_causes(lab: Laboratory) -> None:
    """What is told gets a new id every time, as `collection.add` gives one."""
    number = count()

    def new_id(cause: Cause, recipient: str) -> str:
        return f"{true_id(cause, recipient)}-{next(number)}"

    with patch("gather.notifications.store.notification_id", new_id):
        seats_are_settled(lab)


def counting_by_differences(lab: Laboratory) -> None:
    """A count that is kept by adding what each event says has changed; there are seats for everybody."""
    world, story = World.drawn(lab.choices), Story()
    with gather(lab) as app:
        lab.firestore.as_owner().document(EVENT).set(world.derived(lab.clock.now()))
        for uid, plan in world.guests.items():
            lab.start(uid, guest(Actor(lab, app, story, uid), plan.of_writes()))
        lab.settle()
    event = lab.stored(EVENT)
    assert event is not None
    going = sum(
        rsvp.get("partySize", 1) for rsvp in lab.stored_in(f"{EVENT}/rsvps").values() if rsvp["status"] == "going"
    )
    assert event["attendingCount"] == going, f"{going} are going, the count is {event['attendingCount']}"


def releasing_holds_unasked(lab: Laboratory) -> None:
    """What is held too long is free again, by our own clock: Stripe, which tells little here, is not asked."""

    def released(found: Runtime, payment: Payment) -> Payment:
        session = payment.session_id and _expired(payment)
        return apply_facts(found, payment.id, session=session or None).payment or payment

    with (
        patch("gather.payments.holds.end_hold", released),
        patch("gather.payments.checkout.end_hold", released),
        patch("tests.simulation.stripe_account.LOST", OFTEN),
    ):
        seats_are_settled(lab)


def _expired(payment: Payment) -> SessionFacts:
    """What Stripe would say of a session that nobody has paid in time."""
    return SessionFacts(
        id=payment.session_id or "",
        status="expired",
        payment_status="unpaid",
        payment_intent_id=None,
        expires_at=payment.hold_expires_at,
        livemode=payment.livemode,
        payment_id=payment.id,
        amount_cents=payment.amount_cents,
        currency=payment.currency,
    )


def adding_money_up(lab: Laboratory) -> None:
    """What was paid is added to what there is whenever it is told."""

    def added(
        payment: Payment, refunds: Mapping[str, Refund], facts: Facts, *, now: datetime
    ) -> tuple[Payment, dict[str, Refund]]:
        after, known = fold_all(payment, refunds, facts, now=now)
        received_cents = facts.intent.received_cents if facts.intent is not None else 0
        return replace(after, captured_cents=payment.captured_cents + received_cents), known

    with patch("gather.payments.fulfil.fold_all", added):
        seats_are_settled(lab)


def without_claims(lab: Laboratory) -> None:
    """An event of Stripe's is applied whenever it is told."""

    def never(_snapshot: Any) -> bool:
        return False

    with patch("gather.payments.fulfil.is_settled", never), patch("gather.payments.claims.is_settled", never):
        seats_are_settled(lab)


def without_idempotency_keys(lab: Laboratory) -> None:
    """Whoever asks Stripe a second time has it done a second time."""
    seats_are_settled(lab, forgets_keys=True)


CONTROLS = {
    "transaction off": Control(without_transactions, r"the counts|oversold|the history of"),
    "ledger off": Control(without_the_ledger, r"the counts|oversold|seats of nobody|the ledger says"),
    "counting by differences": Control(
        counting_by_differences, r"are going, the count is", manifest_of(on_rsvp_counted)
    ),
    "no dedupe": Control(without_names_for_causes, r"told too often"),
    "holds released unasked": Control(releasing_holds_unasked, r"can still be paid"),
    "adding money up": Control(adding_money_up, r"by Stripe"),
    "no claims": Control(without_claims, r"is applied again"),
    "no idempotency keys": Control(without_idempotency_keys, r"Stripe made refund|by Stripe"),
}
OFTEN = 0.9
"""Of what a control turns on, so that it need not be played for long."""
SCHEDULES_MAX = 100
"""Within so many each of them must fail."""
