"""What happens in a world, one thing after the other: who does something is drawn by the world's dice.

Each action picks whom it is about; one that has nobody to be about does nothing.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from gather.attendance.write import RsvpRefusedError
from gather.payments import holds
from gather.payments.facts import GatewayDownError, GatewayRefusedError
from gather.payments.intake import receive
from gather.payments.ordering import PurchaseRefusedError
from gather.payments.reconcile import reconcile
from gather.payments.refunds import RefundRefusedError, carry_out
from gather.tickets.setup import SetupRefusedError
from gather.tickets.write import RegistrationRefusedError
from gather.transactions import ContentionError
from tests.payments.soak import subjects
from tests.payments.soak.attending import Attending
from tests.payments.soak.buying import Buying
from tests.payments.soak.organizing import Organizing
from tests.payments.soak.subjects import picked
from tests.payments.soak.world import CarryOut, Crash, World
from tests.support.stripe_payloads import body_of, signature_of

SAID_NO = (
    PurchaseRefusedError, RefundRefusedError, GatewayRefusedError, RsvpRefusedError, RegistrationRefusedError,
    SetupRefusedError,
)  # fmt: skip
BROKE = (Crash, GatewayDownError, ContentionError)
ROUNDS = 5
"""Of the schedules, at most: after these nothing may be left to be done."""
LONG = (1, 10, 35, 60 * 30, 60 * 24 * 4)
COMES_TWICE = 0.25
OURS = {"deliver": 12, "lose": 1, "sweep": 2, "reconcile": 1, "wait": 4}
"""How often an event of Stripe's arrives, a schedule runs, and time passes."""


@dataclass(slots=True)
class Actions:
    """All of them, in a world; `depth` counts who has come in between whom."""

    world: World
    receive: Callable[..., Any] = receive
    carry_out: CarryOut = carry_out
    depth: int = 0
    weights: Mapping[str, int] = field(default_factory=dict)
    """How often each happens; those that are not named never do."""
    _parts: list[Any] = field(default_factory=list)

    def __post_init__(self) -> None:
        organizing = Organizing(self.world, self._carried_out)
        self._parts = [self, Buying(self.world), Attending(self.world), organizing]
        self.weights = OURS | {name: many for part in self._parts[1:] for name, many in part.weights().items()}

    def one(self) -> None:
        """Somebody does something; what fails, fails alone."""
        world = self.world
        names = list(self.weights)
        name = world.rng.choices(names, [self.weights[each] for each in names])[0]
        world.log.append(f"{'  ' * self.depth}{name}")
        self.depth += 1
        try:
            self._action(name)()
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

    # --- Deliveries and schedules ----------------------------------------------------------------------------

    def deliver(self) -> None:
        """Any event of those not delivered yet, in any order; some come twice."""
        for event in picked(self.world, self.world.mailbox):
            self._deliver(event)
            if self.world.rng.random() >= COMES_TWICE and event in self.world.mailbox:
                self.world.mailbox.remove(event)

    def lose(self) -> None:
        for event in picked(self.world, self.world.mailbox):
            self.world.mailbox.remove(event)

    def sweep(self) -> None:
        holds.sweep(self.world.found)

    def reconcile(self) -> None:
        reconcile(self.world.found)

    def wait(self) -> None:
        self.world.clock.advance(minutes=self.world.rng.choice(LONG))
        self.world.stripe.expire_due()

    # --- The end ---------------------------------------------------------------------------------------------

    def come_to_rest(self) -> None:
        """Nothing fails any more: banks decide, whatever was sent arrives, and the schedules run in their time."""
        world = self.world
        world.is_faulty = False
        _, buying, attending, _ = self._parts
        buying.come_to_rest()
        for number in range(ROUNDS):
            if number == 1:
                buying.come_after_all()
            for refund_id in subjects.refunds(world, "pending"):
                world.stripe.finish_refund(refund_id, "succeeded")
            world.collect_mail()
            world.rng.shuffle(world.mailbox)
            for event in world.mailbox:
                self._deliver(event)
            world.mailbox.clear()
            world.clock.advance(minutes=40)
            world.stripe.expire_due()
            for payment_id, refund_id in subjects.stored_refunds(world):
                self.carry_out(world.found, payment_id, refund_id)
            holds.sweep(world.found)
            reconcile(world.found)
            attending.come_to_rest()
            world.collect_mail()
            if number and not world.mailbox and not world.outbox and not self._is_left():
                return

    def _action(self, name: str) -> Callable[[], None]:
        found: Callable[[], None] = next(getattr(part, name) for part in self._parts if hasattr(part, name))
        return found

    def _carried_out(self, *refund: Any) -> object:
        """By what a control has put there since."""
        return self.carry_out(*refund)

    def _deliver(self, event: Mapping[str, Any]) -> None:
        found, body = self.world.found, body_of(event)
        header = signature_of(body, found.settings.stripe_webhook_secrets[0], at=found.now())
        self.receive(found, body, header)

    def _is_left(self) -> bool:
        """Whether the schedules have something to do yet."""
        firestore = self.world.firestore
        is_kept = any(event["state"] == "received" for event in firestore.stored_in("stripe_events").values())
        refunds = subjects.stored_refunds(self.world)
        wanted = [firestore.stored(f"payments/{one}/refunds/{other}") or {} for one, other in refunds]
        is_wanted = any(refund["status"] == "pending" for refund in wanted)
        return is_kept or is_wanted or any(payment.is_open for payment in subjects.payments(self.world))


def _is_broken(failure: BaseException) -> bool:
    return isinstance(failure, BROKE)
