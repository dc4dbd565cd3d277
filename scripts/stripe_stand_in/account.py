"""What one Stripe account holds, and the books of all accounts: everything the stand-in knows is here.

Whoever calls holds the stand-in's lock. Nothing here sends, waits or reads a clock of its own.
"""

import copy
import heapq
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from stripe_stand_in.clock import Clock
from stripe_stand_in.errors import no_such
from stripe_stand_in.identifiers import Identifiers
from stripe_stand_in.switches import Switches

Object = dict[str, Any]

KINDS = (
    "checkout.session", "payment_intent", "charge", "refund", "dispute", "payment_method", "price", "product", "coupon",
    "event",
)  # fmt: skip


def visible(made: Object) -> Object:
    """A copy as the API shows it, without what the stand-in keeps for itself."""
    return {name: copy.deepcopy(value) for name, value in made.items() if not name.startswith("_")}


@dataclass(slots=True)
class Books:
    """All accounts, what is to happen later, and the moment at which something happens now."""

    clock: Clock
    ids: Identifiers
    switches: Switches
    api_version: str
    pages_url: str
    """Where the pay pages are."""
    on_event: Callable[[Object], None]
    """Told of every event once it is recorded."""
    moment: float = 0.0
    request: dict[str, str | None] = field(default_factory=dict)
    """The API request that is being answered; empty when time or a customer causes what happens."""
    _due: list[tuple[float, int, Callable[[], None]]] = field(default_factory=list)
    _count: int = 0
    _events: int = 0

    def next_due(self) -> float | None:
        """When the next thing happens by itself."""
        return self._due[0][0] if self._due else None

    def count_event(self) -> int:
        """Events are numbered over all accounts."""
        self._events += 1
        return self._events

    def catch_up(self) -> None:
        """What was due until now happens, each at its own moment, in order."""
        now = self.clock.seconds()
        while self._due and self._due[0][0] <= now:
            self.moment, _, action = heapq.heappop(self._due)
            action()
        self.moment = now

    def at(self, moment: float, action: Callable[[], None]) -> None:
        """The action happens then, unless it finds that it no longer applies."""
        self._count += 1
        heapq.heappush(self._due, (moment, self._count, action))


@dataclass(slots=True)
class Account:
    """One account's objects by kind and identifier. `name` is None for the platform's own."""

    books: Books
    name: str | None
    objects: dict[str, dict[str, Object]] = field(default_factory=lambda: {kind: {} for kind in KINDS})
    line_items: dict[str, list[Object]] = field(default_factory=dict)

    @property
    def now(self) -> int:
        """The moment at which something happens, in whole seconds as Stripe writes them."""
        return int(self.books.moment)

    def add(self, made: Object) -> Object:
        """The object is there from now on."""
        self.objects[made["object"]][made["id"]] = made
        return made

    def get(self, kind: str, name: str, param: str) -> Object:
        """The object itself; the refusal that Stripe gives when it is not there."""
        found = self.objects[kind].get(name)
        if found is None:
            raise no_such(kind, name, param)
        return found

    def all(self, kind: str) -> list[Object]:
        """The newest first, as Stripe lists them."""
        return list(reversed(self.objects[kind].values()))

    def new_id(self, kind: str) -> str:
        """A new identifier."""
        return self.books.ids.new(kind)

    def at(self, moment: float, action: Callable[[], None]) -> None:
        """The action happens then."""
        self.books.at(moment, action)

    def tell(self, kind: str, about: Object, previous: Object | None = None) -> Object:
        """An event is recorded with the object as it is now, and goes to whoever listens."""
        data: Object = {"object": visible(about)}
        if previous:
            data["previous_attributes"] = previous
        event: Object = {
            "id": self.new_id("event"),
            "object": "event",
            "api_version": self.books.api_version,
            "created": self.now,
            "data": data,
            "livemode": False,
            "pending_webhooks": 0,
            "request": {
                "id": self.books.request.get("id"),
                "idempotency_key": self.books.request.get("idempotency_key"),
            },
            "type": kind,
        }
        if self.name is not None:
            event["account"] = self.name
        self.add(event)
        self.books.on_event(event)
        return event
