"""What everybody does in a world: buyers, their banks, organizers, Stripe's deliveries, and our schedules.

Each action picks whom it is about by the world's dice; one that has nobody to be about does nothing.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from gather.events.model import Event, Viewer
from gather.payments import holds
from gather.payments.checkout import buy, cancel, refresh
from gather.payments.facts import GatewayDownError, GatewayRefusedError
from gather.payments.intake import receive
from gather.payments.model import CAPTURED, Payment, PaymentForm, parse_payment
from gather.payments.ordering import Buyer, Party, PurchaseRefusedError, Wish
from gather.payments.reconcile import reconcile
from gather.payments.refunds import RefundRefusedError, Wanted, carry_out, reserve
from gather.tickets.order import Order
from gather.transactions import ContentionError
from tests.payments.soak.world import Crash, World
from tests.support.stripe_payloads import body_of, signature_of

BUYERS = ("ana", "ben", "cy", "dee")
ATTENDEE = "dee"
"""Pays for the seat of an RSVP; the others buy tickets."""
SAID_NO = (PurchaseRefusedError, RefundRefusedError, GatewayRefusedError)
BROKE = (Crash, GatewayDownError, ContentionError)
ROUNDS = 4
"""Of the schedules, at most: after these nothing may be left to be done."""
LONG = (1, 10, 35, 60 * 30, 60 * 24 * 4)


@dataclass(slots=True)
class Actions:
    """All of them, in a world; `depth` counts who has come in between whom."""

    world: World
    receive: Callable[..., Any] = receive
    carry_out: Callable[..., Any] = carry_out
    depth: int = 0
    wishes: dict[str, int] = field(default_factory=dict)
    weights: Mapping[str, int] = field(
        default_factory=lambda: {
            "order": 6, "pay": 6, "pay_later": 2, "decline": 1, "settle": 3, "come_back": 3, "give_up": 1,
            "deliver": 12, "lose": 1, "refund": 3, "refund_in_dashboard": 2, "finish_refund": 2, "fail_refund": 1,
            "dispute": 1, "close_dispute": 1, "carry": 3, "sweep": 2, "reconcile": 1, "wait": 4,
        }
    )  # fmt: skip

    def one(self) -> None:
        """Somebody does something; what fails, fails alone."""
        world = self.world
        names = list(self.weights)
        name = world.rng.choices(names, [self.weights[each] for each in names])[0]
        world.log.append(f"{'  ' * self.depth}{name}")
        self.depth += 1
        try:
            getattr(self, name)()
        except SAID_NO as refused:
            world.log.append(f"    refused: {refused}")
        except BROKE:
            pass
        except ExceptionGroup as group:
            if group.split(_is_broken)[1] is not None:
                raise
        finally:
            self.depth -= 1
        world.collect_mail()

    def between(self) -> None:
        """Somebody else comes in between; nobody between those."""
        if self.depth == 1:
            self.one()

    # --- Buyers and their banks ----------------------------------------------------------------------------

    def order(self) -> None:
        rng = self.world.rng
        uid = rng.choice(BUYERS)
        quantity = self.wishes.setdefault(uid, rng.choice([1, 1, 2]))
        party = Party(party_size=1, kids=0) if uid == ATTENDEE else None
        order = Order(ticket_type="adult", quantity=quantity if party is None else 1)
        wish = Wish(order=order, party=party, form=PaymentForm.SESSION, key=uid)
        buy(self.world.found, "e", Buyer(uid=uid, email=f"{uid}@example.org"), wish, viewer_of=_member(uid))

    def pay(self) -> None:
        for session_id in self._pick(self._sessions("open")):
            self.world.stripe.pay(session_id)

    def pay_later(self) -> None:
        for session_id in self._pick(self._sessions("open")):
            self.world.stripe.pay_later(session_id)

    def decline(self) -> None:
        for session_id in self._pick(self._sessions("open")):
            self.world.stripe.decline(session_id)

    def settle(self) -> None:
        for session_id in self._pick(self._undecided()):
            self.world.stripe.settle(session_id, succeeds=self.world.rng.random() < 0.6)

    def come_back(self) -> None:
        for payment in self._pick(self._payments()):
            refresh(self.world.found, payment)

    def give_up(self) -> None:
        for payment in self._pick(self._payments()):
            cancel(self.world.found, payment)

    # --- Organizers, the dashboard, banks --------------------------------------------------------------------

    def refund(self) -> None:
        rng = self.world.rng
        for payment in self._pick([each for each in self._payments() if each.status in CAPTURED]):
            wanted = Wanted(
                refund_id=f"{payment.id}-{rng.randrange(3)}",
                amount_cents=rng.choice([None, 500, 500, 2_000]),
                reason="ill",
                ticket_ids=(),
                requested_by="olga",
            )
            reserve(self.world.found, payment.id, wanted)
            self.carry_out(self.world.found, payment.id, wanted.refund_id)

    def refund_in_dashboard(self) -> None:
        paid = [each.id for each in self.world.stripe.intents.values() if each.received_cents]
        for intent_id in self._pick(paid):
            self.world.stripe.refund_in_dashboard(intent_id, self.world.rng.choice([300, 300, 2_000]))

    def finish_refund(self) -> None:
        for refund_id in self._pick(self._refunds("pending")):
            self.world.stripe.finish_refund(refund_id, "succeeded")

    def fail_refund(self) -> None:
        for refund_id in self._pick(self._refunds("pending", "succeeded")):
            self.world.stripe.finish_refund(refund_id, "failed")

    def dispute(self) -> None:
        for intent_id in self._pick([each.id for each in self.world.stripe.intents.values() if each.received_cents]):
            self.world.stripe.dispute(intent_id)

    def close_dispute(self) -> None:
        for dispute_id in self._pick(list(self.world.stripe.disputes)):
            self.world.stripe.close_dispute(dispute_id, self.world.rng.choice(["won", "lost"]))

    # --- Deliveries and schedules ----------------------------------------------------------------------------

    def deliver(self) -> None:
        """Any event of those not delivered yet, in any order; some come twice."""
        for event in self._pick(self.world.mailbox):
            self._deliver(event)
            if self.world.rng.random() < 0.75 and event in self.world.mailbox:
                self.world.mailbox.remove(event)

    def lose(self) -> None:
        for event in self._pick(self.world.mailbox):
            self.world.mailbox.remove(event)

    def carry(self) -> None:
        """The trigger of a refund, late or again."""
        for payment_id, refund_id in self._pick(self._stored_refunds()):
            self.carry_out(self.world.found, payment_id, refund_id)

    def sweep(self) -> None:
        holds.sweep(self.world.found)

    def reconcile(self) -> None:
        reconcile(self.world.found)

    def wait(self) -> None:
        self.world.clock.advance(minutes=self.world.rng.choice(LONG))
        self.world.stripe.expire_due()

    # --- The end ---------------------------------------------------------------------------------------------

    def come_to_rest(self) -> None:
        """Nothing fails any more: banks decide, what is in the mailbox arrives, and the schedules run in their time."""
        world = self.world
        world.is_faulty = False
        for session_id in self._undecided():
            world.stripe.settle(session_id, succeeds=world.rng.random() < 0.6)
        for _ in range(ROUNDS):
            for refund_id in self._refunds("pending"):
                world.stripe.finish_refund(refund_id, "succeeded")
            world.collect_mail()
            world.rng.shuffle(world.mailbox)
            for event in world.mailbox:
                self._deliver(event)
            world.mailbox.clear()
            world.clock.advance(minutes=40)
            world.stripe.expire_due()
            for payment_id, refund_id in self._stored_refunds():
                self.carry_out(world.found, payment_id, refund_id)
            holds.sweep(world.found)
            reconcile(world.found)
            world.collect_mail()
            if not world.mailbox and not self._is_left():
                return

    # --- Whom it is about ------------------------------------------------------------------------------------

    def _deliver(self, event: Mapping[str, Any]) -> None:
        found, body = self.world.found, body_of(event)
        header = signature_of(body, found.settings.stripe_webhook_secrets[0], at=found.now())
        self.receive(found, body, header)

    def _is_left(self) -> bool:
        """Whether the schedules have something to do yet."""
        firestore = self.world.firestore
        is_kept = any(event["state"] == "received" for event in firestore.stored_in("stripe_events").values())
        wanted = [firestore.stored(f"payments/{one}/refunds/{other}") or {} for one, other in self._stored_refunds()]
        is_wanted = any(refund["status"] == "pending" for refund in wanted)
        return is_kept or is_wanted or any(payment.is_open for payment in self._payments())

    def _pick(self, among: list[Any]) -> list[Any]:
        """One of them, or none where there is none."""
        return [self.world.rng.choice(among)] if among else []

    def _sessions(self, status: str) -> list[str]:
        """Sessions whose address a buyer has."""
        stored = self.world.firestore.stored_in("payments").values()
        known = {payment.get("sessionId") for payment in stored}
        return [each.id for each in self.world.stripe.sessions.values() if each.status == status and each.id in known]

    def _undecided(self) -> list[str]:
        intents, sessions = self.world.stripe.intents, self.world.stripe.sessions
        undecided = {intent.id for intent in intents.values() if intent.status == "processing"}
        return [each.id for each in sessions.values() if each.payment_intent_id in undecided]

    def _payments(self) -> list[Payment]:
        stored = self.world.firestore.stored_in("payments")
        return [parse_payment(name, fields) for name, fields in stored.items()]

    def _refunds(self, *statuses: str) -> list[str]:
        return [each.id for each in self.world.stripe.refunds.values() if each.status in statuses]

    def _stored_refunds(self) -> list[tuple[str, str]]:
        firestore = self.world.firestore
        return [
            (payment_id, refund_id)
            for payment_id in firestore.stored_in("payments")
            for refund_id in firestore.stored_in(f"payments/{payment_id}/refunds")
        ]


def _is_broken(failure: BaseException) -> bool:
    return isinstance(failure, BROKE)


def _member(uid: str) -> Callable[[Any, Event], Viewer]:
    return lambda _transaction, _event: Viewer(uid, "member")
