"""What buyers and their banks do: order, pay on Stripe's page or in the client's own, give up, come back."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from gather.events.model import Event, Viewer
from gather.payments.checkout import buy, cancel, refresh
from gather.payments.model import PaymentForm
from gather.payments.ordering import Buyer, Party, Wish
from gather.tickets import write
from gather.tickets.order import Order
from tests.payments.soak import subjects
from tests.payments.soak.people import Person
from tests.payments.soak.subjects import PAYABLE, picked
from tests.payments.soak.world import World

BUYERS = ("ana", "ben", "cy", "dee")
ATTENDEE = "dee"
"""Pays for the seats of an RSVP; the others buy tickets."""
ORDERS = 3
"""Of one buyer, each under a key of its own, at an event that sells more than one thing."""
SUCCEEDS = 0.6
"""Of payments that take days."""
COMES_AFTER_ALL = 0.5
"""Of those that failed, in the end."""


@dataclass(slots=True)
class Buying:
    """Buyers in a world. What a buyer has once wished for under a key they go on wishing for."""

    world: World
    wishes: dict[str, Wish] = field(default_factory=dict)

    def weights(self) -> Mapping[str, int]:
        """How often each happens."""
        always = {
            "order": 14, "pay": 18, "pay_later": 4, "decline": 1, "settle": 3, "come_back": 3, "give_up": 1,
            "pay_after_all": 3,
        }  # fmt: skip
        with_intents = {"pay_intent": 14, "pay_intent_later": 4, "decline_intent": 1, "settle_intent": 3}
        setting = self.world.setting
        return always | (with_intents if setting.has_intents else {}) | {"cancel": 1}

    def order(self) -> None:
        rng, setting = self.world.rng, self.world.setting
        uid = rng.choice(BUYERS)
        is_plain = len(setting.kinds) == 1 or uid == ATTENDEE
        key = uid if is_plain else f"{uid}-{rng.randrange(ORDERS)}"
        wish = self.wishes.setdefault(key, self._wish(uid, key))
        buyer = Buyer(uid=uid, email=f"{uid}@example.org")
        buy(self.world.found, "e", buyer, wish, viewer_of=member(uid))

    def pay(self) -> None:
        for session_id in picked(self.world, subjects.sessions(self.world, "open")):
            self.world.stripe.pay(session_id)

    def pay_later(self) -> None:
        for session_id in picked(self.world, subjects.sessions(self.world, "open")):
            self.world.stripe.pay_later(session_id)

    def decline(self) -> None:
        for session_id in picked(self.world, subjects.sessions(self.world, "open")):
            self.world.stripe.decline(session_id)

    def settle(self) -> None:
        for session_id in picked(self.world, subjects.undecided_sessions(self.world)):
            self.world.stripe.settle(session_id, succeeds=self._succeeds())

    def pay_after_all(self) -> None:
        """A bank that had said no has paid: the money is there when nobody waits for it any more."""
        for session_id in picked(self.world, subjects.failed_sessions(self.world)):
            self.world.stripe.settle(session_id, succeeds=True)

    def pay_intent(self) -> None:
        for intent_id in picked(self.world, subjects.intents(self.world, PAYABLE)):
            self.world.stripe.settle_intent(intent_id)

    def pay_intent_later(self) -> None:
        for intent_id in picked(self.world, subjects.intents(self.world, PAYABLE)):
            self.world.stripe.pay_intent_later(intent_id)

    def decline_intent(self) -> None:
        for intent_id in picked(self.world, subjects.intents(self.world, PAYABLE)):
            self.world.stripe.decline_intent(intent_id)

    def settle_intent(self) -> None:
        for intent_id in picked(self.world, subjects.intents(self.world, "processing")):
            self._decide(intent_id)

    def come_back(self) -> None:
        for payment in picked(self.world, subjects.payments(self.world)):
            refresh(self.world.found, payment)

    def give_up(self) -> None:
        for payment in picked(self.world, subjects.payments(self.world)):
            cancel(self.world.found, payment)

    def cancel(self) -> None:
        """Give a registration back; what was paid for is refused."""
        found = self.world.found
        for code, fields in picked(self.world, subjects.registrations(self.world, "confirmed")):
            write.cancel(found.firestore, code, Person(fields["uid"]), now=found.now(), transact=found.transact)

    def come_to_rest(self) -> None:
        """Whatever takes days is decided."""
        for session_id in subjects.undecided_sessions(self.world):
            self.world.stripe.settle(session_id, succeeds=self._succeeds())
        for intent_id in subjects.intents(self.world, "processing"):
            self._decide(intent_id)

    def come_after_all(self) -> None:
        """Banks that had said no pay, some of them: long after the seats were given back."""
        for session_id in subjects.failed_sessions(self.world):
            if self.world.rng.random() < COMES_AFTER_ALL:
                self.world.stripe.settle(session_id, succeeds=True)

    def _decide(self, intent_id: str) -> None:
        if self._succeeds():
            self.world.stripe.settle_intent(intent_id)
        else:
            self.world.stripe.decline_intent(intent_id)

    def _succeeds(self) -> bool:
        return self.world.rng.random() < SUCCEEDS

    def _wish(self, uid: str, key: str) -> Wish:
        rng, setting = self.world.rng, self.world.setting
        quantity, party = rng.choice([1, 1, 2]), None
        if uid == ATTENDEE:
            party = Party(party_size=quantity if setting.counts_parties else 1, kids=0)
            quantity = party.party_size
        kind = rng.choice(setting.kinds) if setting.kinds else None
        uses_discount = bool(setting.discounts) and rng.random() < 0.6
        order = Order(
            ticket_type=None if kind is None else kind.id,
            quantity=quantity,
            access_code=None if kind is None else "wrong" if rng.random() < 0.1 else kind.access_code,
            discount_code=rng.choice(list(setting.discounts)) if uses_discount else None,
        )
        form = PaymentForm.INTENT if setting.has_intents and rng.random() < 0.5 else PaymentForm.SESSION
        return Wish(order=order, party=party, form=form, key=key)


def member(uid: str) -> Callable[[Any, Event], Viewer]:
    """Who sees an event as a member does."""
    return lambda _transaction, _event: Viewer(uid, "member")
