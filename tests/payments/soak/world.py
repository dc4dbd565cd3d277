"""A world of buyers, a Stripe and our functions, in which calls fail, processes crash and others come in between.

Everything is drawn from one seed and happens in one thread, so a seed is a history. What the functions do is their
own code; only the way to Firestore and to Stripe is ours.
"""

import itertools
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any, TypeVar

from firewarden import Firestore
from firewarden.firestore.commits import Changed
from firewarden.server.database import Committed
from firewarden.testing import VirtualClock
from firewarden.testing.in_process.plain import plain
from gather.events.triggers import is_only_counting
from gather.payments.facts import GatewayDownError
from gather.runtime import Runtime
from gather.transactions import run_transaction
from tests.conftest import settings_for
from tests.payments.soak.setting import Setting
from tests.support.deliveries import image
from tests.support.model_stripe import ModelStripe
from tests.support.runtimes import runtime_for

T = TypeVar("T")

CRASHES = 0.02
"""Of commits, and of calls to Stripe, before and after each."""
DOWN = 0.05
"""Of calls to Stripe, before and after each: nobody knows what became of it."""
BETWEEN = 0.15
"""Of calls to Stripe: somebody else does something before its answer is worked on."""


CarryOut = Callable[[Runtime, str, str], object]
"""How a refund is carried out."""


class Crash(BaseException):
    """The process is gone; what was committed stays."""


@dataclass(frozen=True, slots=True, eq=False)
class Delivery:
    """A change that a trigger is told of: of somebody's RSVP, or without `uid` of the event."""

    id: str
    uid: str | None
    before: Any
    after: Any


@dataclass(slots=True)
class World:
    """One history."""

    firestore: Firestore
    clock: VirtualClock
    rng: Random
    found: Runtime
    stripe: ModelStripe
    setting: Setting
    is_faulty: bool = True
    interleaves: float = BETWEEN
    between: Callable[[], None] | None = None
    """What somebody else does while a call to Stripe is on its way."""
    mailbox: list[dict[str, Any]] = field(default_factory=list)
    outbox: list[Delivery] = field(default_factory=list)
    """Changes of which the triggers have not heard."""
    log: list[str] = field(default_factory=list)
    applied: Counter[str] = field(default_factory=Counter)
    """How often each of Stripe's events was applied, by its id."""
    _seen: int = 0
    _deliveries: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    @classmethod
    def of(cls, firestore: Firestore, clock: VirtualClock, seed: int, setting: Setting) -> "World":
        """A world in which nothing has been written yet."""
        firestore.renew()
        model = ModelStripe(clock.now, refunds_take_time=setting.refunds_take_time)
        found = runtime_for(
            settings_for(firestore.project),
            firestore.as_owner(),
            now=clock.now,
            gateway=model,
            transact=lambda client, body, contend_on=None: _transact(clock, client, body),
            sleep=lambda seconds: clock.advance(seconds=seconds),
        )
        world = cls(firestore=firestore, clock=clock, rng=Random(seed), found=found, stripe=model, setting=setting)
        model.fault = world.ask_stripe
        return world

    def around(self, call: Any, timeout: float | None) -> Sequence[bytes]:
        """Make a call of a client of Firestore, or crash before or after a commit."""
        is_commit = type(call.request).__name__ == "CommitRequest"
        self._may_crash(is_commit)
        answer: Sequence[bytes] = call.made(timeout)
        self._may_crash(is_commit)
        return answer

    def ask_stripe(self, method: str, moment: str) -> None:
        """What may happen before and after Stripe has done something."""
        if not self.is_faulty:
            return
        if moment == "after" and self.between is not None and self.rng.random() < self.interleaves:
            self.between()
        if self.rng.random() < DOWN:
            self.log.append(f"    Stripe does not answer {method}, {moment} it has done it")
            raise GatewayDownError(method)
        self._may_crash()

    def collect_mail(self) -> None:
        """What Stripe wants to tell is in the mailbox until it is delivered or lost."""
        self.mailbox += self.stripe.events[self._seen :]
        self._seen = len(self.stripe.events)

    def watch(self, committed: Committed) -> None:
        """Keep what a commit has changed for the triggers of attendance and of events."""
        for change in committed.changes:
            is_rsvp = change.path[:3] == ("events", "e", "rsvps") and len(change.path) == 4
            if is_rsvp or (change.path == ("events", "e") and not _is_counting(change)):
                uid = change.path[3] if is_rsvp else None
                name = f"delivery-{next(self._deliveries)}"
                self.outbox.append(Delivery(name, uid, _image(change.before), _image(change.after)))

    def _may_crash(self, is_a_risk: object = True) -> None:
        if self.is_faulty and is_a_risk and self.rng.random() < CRASHES:
            self.log.append("    crash")
            raise Crash


def _is_counting(change: Changed) -> bool:
    before, after = change.before, change.after
    return before is not None and after is not None and is_only_counting(plain(before.fields), plain(after.fields))


def _image(stored: Any) -> Any:
    if stored is None:
        return None
    times = {name: getattr(stored, name).moment() for name in ("create_time", "update_time")}
    return image(plain(stored.fields), **times)


def _transact(clock: VirtualClock, client: Any, body: Callable[[Any], T]) -> T:
    return run_transaction(
        client,
        body,
        monotonic=clock.monotonic,
        sleep=lambda seconds: clock.advance(seconds=seconds),
        jitter=lambda: 0.5,
    )
