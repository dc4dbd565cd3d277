"""Playing histories: one seed, one history; and the negative controls, which have to break a law."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random

from firewarden import Firestore
from firewarden.testing import VirtualClock
from tests.payments.soak.actions import Actions
from tests.payments.soak.laws import LawBrokenError, Laws, check_at_rest
from tests.payments.soak.world import World
from tests.support.purchases import on_sale

ROOT = Path(__file__).parents[3]
STEPS = (20, 60)
Change = Callable[[Actions], None]


@dataclass(frozen=True, slots=True)
class Played:
    """What a history came to, in figures that say whether it was worth playing."""

    payments: int
    captured: int
    refunds: int
    events: int


class HistoryError(AssertionError):
    """A history that broke a law, and how it went."""

    def __init__(self, seed: int, broken: str, log: list[str]) -> None:
        super().__init__(f"seed {seed}: {broken}")
        self.seed = seed
        self.history = "\n".join(log)


@contextmanager
def opened() -> Iterator[Firestore]:
    """A database with the project's indexes, and a clock that stands still."""
    indexes = ROOT / "indexes" / "firestore.indexes.json"
    with Firestore(indexes=indexes, project="demo-payments", clock=VirtualClock()) as firestore:
        yield firestore


def play(firestore: Firestore, seed: int, change: Change | None = None) -> Played:
    """Play one history; raise HistoryError if it breaks a law. `change` makes it a negative control."""
    clock, dice = firestore.clock, Random(-seed - 1)
    assert clock is not None, "histories need a clock that stands still"
    world = World.of(firestore, clock, seed, refunds_take_time=dice.random() < 0.3)
    laws = Laws(world)
    actions = Actions(world)
    if change is not None:
        change(actions)
    world.between = actions.between
    on_sale(world.found, seats=dice.choice([1, 2, 3, 4]))
    with firestore.telling(laws.watch), firestore.around(world.around):
        try:
            for _ in range(dice.randrange(*STEPS)):
                actions.one()
                laws.check()
            actions.come_to_rest()
            laws.check()
            check_at_rest(world)
        except LawBrokenError as broken:
            raise HistoryError(seed, str(broken), world.log) from broken
    return _played(world)


def _played(world: World) -> Played:
    payments = world.firestore.stored_in("payments")
    return Played(
        payments=len(payments),
        captured=sum(payment["capturedCents"] > 0 for payment in payments.values()),
        refunds=len(world.stripe.refunds),
        events=len(world.stripe.events),
    )
