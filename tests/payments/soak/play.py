"""Playing histories: one seed, one history; and the negative controls, which have to break a law."""

from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from random import Random
from typing import Any

from firewarden import Firestore
from firewarden.testing import VirtualClock
from gather.payments.outcome import NO_ROOM
from tests.payments.soak.actions import Actions
from tests.payments.soak.laws import LawBrokenError, Laws
from tests.payments.soak.rest import check_at_rest
from tests.payments.soak.setting import Setting
from tests.payments.soak.world import World

ROOT = Path(__file__).parents[3]
STEPS = (30, 65)
Change = Callable[[Actions], None]
Arrange = Callable[[Setting], Setting]


class HistoryError(AssertionError):
    """A history that broke a law, and how it went."""

    def __init__(self, seed: int, broken: str, log: list[str]) -> None:
        super().__init__(f"seed {seed}: {broken}")
        self.seed = seed
        self.history = "\n".join(log)


def database() -> Firestore:
    """A database with the project's indexes, and a clock that stands still."""
    indexes = ROOT / "indexes" / "firestore.indexes.json"
    return Firestore(indexes=indexes, project="demo-payments", clock=VirtualClock())


def play(firestore: Firestore, seed: int, change: Change | None = None, arrange: Arrange | None = None) -> Counter[str]:
    """Play one history and return its figures; raise HistoryError if it breaks a law.

    `change` makes it a negative control, for which `arrange` makes of the setting one that it is about.
    """
    clock, dice = firestore.clock, Random(-seed - 1)
    assert clock is not None, "histories need a clock that stands still"
    setting = Setting.drawn(dice)
    world = World.of(firestore, clock, seed, setting if arrange is None else arrange(setting))
    laws, actions = Laws(world), Actions(world)
    if change is not None:
        change(actions)
    world.between = actions.between
    with firestore.telling(laws.watch), firestore.telling(world.watch):
        world.setting.put_on_sale(world.found)
        world.outbox.clear()
        with firestore.around(world.around):
            _play(world, laws, actions, seed, dice.randrange(*STEPS))
    return _figures(world)


def _play(world: World, laws: Laws, actions: Actions, seed: int, steps: int) -> None:
    try:
        for _ in range(steps):
            actions.one()
            laws.check()
        actions.come_to_rest()
        laws.check()
        check_at_rest(world)
    except LawBrokenError as broken:
        raise HistoryError(seed, str(broken), world.log) from broken


def _figures(world: World) -> Counter[str]:
    """What a history came to, in figures that say whether it was worth playing."""
    stored = world.firestore.stored_in
    payments = stored("payments")
    captured = {name: payment for name, payment in payments.items() if payment["capturedCents"]}
    refunds = [refund for name in payments for refund in stored(f"payments/{name}/refunds").values()]
    return Counter(
        {
            "payments": len(payments),
            "captured": len(captured),
            "captured in the client's page": sum(each["form"] == "intent" for each in captured.values()),
            "captured with a pool": sum("poolId" in each for each in captured.values()),
            "captured with a discount": sum("discountId" in each for each in captured.values()),
            "paid after they had lapsed": sum(_came_late(each) for each in captured.values()),
            "free registrations": sum("paymentId" not in each for each in stored("registrations").values()),
            "refunds": len(refunds),
            "refunds for want of room": sum(each["reason"] == NO_ROOM for each in refunds),
            "refunds of named tickets": sum(bool(each["ticketIds"]) for each in refunds),
            "RSVPs": len(stored("events/e/rsvps")),
            "entries in line": sum(each["state"] == "waitlisted" for each in stored("events/e/seats").values()),
            "events of Stripe's": len(world.stripe.events),
        }
    )


def _came_late(payment: Mapping[str, Any]) -> bool:
    return any(entry["status"] in {"expired", "failed"} for entry in payment["history"])
