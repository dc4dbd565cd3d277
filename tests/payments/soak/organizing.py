"""What organizers do, here and in Stripe's dashboard, and what banks do about money that was paid."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gather.payments.model import CAPTURED, Payment
from gather.payments.refunds import Wanted, reserve
from gather.tickets import write
from gather.tickets.setup import Organizer, change_type, put_pool
from tests.payments.soak import subjects
from tests.payments.soak.people import Person
from tests.payments.soak.setting import CREATOR
from tests.payments.soak.subjects import picked
from tests.payments.soak.world import CarryOut, World

CAPACITIES = (1, 2, 3, 4, 5)


@dataclass(slots=True)
class Organizing:
    """Whoever gives money back, lets people in, or changes how many the event takes."""

    world: World
    carry_out: CarryOut

    def weights(self) -> Mapping[str, int]:
        """How often each happens."""
        always = {
            "refund": 3, "refund_in_dashboard": 2, "finish_refund": 2, "fail_refund": 1, "dispute": 1,
            "close_dispute": 1, "carry": 3, "check_in": 1, "undo_check_in": 1,
        }  # fmt: skip
        rearranging = {"resize_event": 2, "resize_pool": 1, "resize_type": 1}
        return always | (rearranging if self.world.setting.is_rearranged else {})

    # --- Money -----------------------------------------------------------------------------------------------

    def refund(self) -> None:
        rng = self.world.rng
        captured = [each for each in subjects.payments(self.world) if each.status in CAPTURED]
        for payment in picked(self.world, captured):
            wanted = Wanted(
                refund_id=f"{payment.id}-{rng.randrange(3)}",
                amount_cents=rng.choice([None, 500, 500, 2_000]),
                reason="ill",
                ticket_ids=self._some_tickets(payment),
                requested_by="olga",
            )
            reserve(self.world.found, payment.id, wanted)
            self.carry_out(self.world.found, payment.id, wanted.refund_id)

    def refund_in_dashboard(self) -> None:
        for intent_id in picked(self.world, subjects.paid_intents(self.world)):
            self.world.stripe.refund_in_dashboard(intent_id, self.world.rng.choice([300, 300, 2_000]))

    def finish_refund(self) -> None:
        for refund_id in picked(self.world, subjects.refunds(self.world, "pending")):
            self.world.stripe.finish_refund(refund_id, "succeeded")

    def fail_refund(self) -> None:
        for refund_id in picked(self.world, subjects.refunds(self.world, "pending", "succeeded")):
            self.world.stripe.finish_refund(refund_id, "failed")

    def dispute(self) -> None:
        for intent_id in picked(self.world, subjects.paid_intents(self.world)):
            self.world.stripe.dispute(intent_id)

    def close_dispute(self) -> None:
        for dispute_id in picked(self.world, list(self.world.stripe.disputes)):
            self.world.stripe.close_dispute(dispute_id, self.world.rng.choice(["won", "lost"]))

    def carry(self) -> None:
        """The trigger of a refund, late or again."""
        for payment_id, refund_id in picked(self.world, subjects.stored_refunds(self.world)):
            self.carry_out(self.world.found, payment_id, refund_id)

    # --- The door --------------------------------------------------------------------------------------------

    def check_in(self) -> None:
        found = self.world.found
        for code, _ in picked(self.world, subjects.registrations(self.world, "confirmed")):
            write.check_in(found.firestore, code, Person(CREATOR), now=found.now(), transact=found.transact)

    def undo_check_in(self) -> None:
        found = self.world.found
        for code, _ in picked(self.world, subjects.registrations(self.world, "checked_in")):
            write.undo_check_in(found.firestore, code, Person(CREATOR), now=found.now(), transact=found.transact)

    # --- How many may come -------------------------------------------------------------------------------------

    def resize_event(self) -> None:
        """Written directly, as the rules allow; the trigger serves the line when it hears of it."""
        event = self.world.found.firestore.document("events/e")
        event.update({"maxAttendees": self.world.rng.choice(CAPACITIES)})

    def resize_pool(self) -> None:
        for pool_id in picked(self.world, list(self.world.setting.pools)):
            put_pool(self._organizer(), "e", pool_id, {"capacity": self.world.rng.choice(CAPACITIES)})

    def resize_type(self) -> None:
        for kind in picked(self.world, self.world.setting.kinds):
            change_type(self._organizer(), "e", kind.id, {"totalQuantity": self.world.rng.choice([None, *CAPACITIES])})

    def _organizer(self) -> Organizer:
        found = self.world.found
        caller: Any = Person(CREATOR)
        return Organizer(client=found.firestore, caller=caller, now=found.now(), transact=found.transact)

    def _some_tickets(self, payment: Payment) -> tuple[str, ...]:
        """None of a payment's tickets, most often; else one of them."""
        tickets = self.world.firestore.stored_in("tickets")
        mine = [name for name, ticket in tickets.items() if ticket.get("paymentId") == payment.id]
        return tuple(picked(self.world, mine)) if self.world.rng.random() < 0.4 else ()
