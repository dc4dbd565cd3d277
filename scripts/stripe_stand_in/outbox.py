"""What is to be delivered, when, and how often it was tried. Sends nothing itself.

Live mode's promise: tried again with growing pauses for three days. https://docs.stripe.com/webhooks#retries
"""

import heapq
import itertools
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from stripe_stand_in.account import Object
from stripe_stand_in.signing import payload_of
from stripe_stand_in.switches import DAY_S, Mischief, Switches

RETRY_AFTER_S: tuple[float, ...] = (60, 300, 1800, 7200, 18_000, 36_000, 43_200, 43_200, 43_200, 43_200)
GIVE_UP_AFTER_S = 3 * DAY_S

Send = Callable[[bytes, dict[str, str]], int]
"""Delivers a body with its headers and returns the HTTP status that it got; raises OSError when it got none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """An endpoint that wants events: a URL, or a function that takes body and headers and returns a status."""

    secrets: Sequence[str]
    url: str = ""
    send: Send | None = None
    types: Sequence[str] = ("*",)
    connect: bool = False
    """It gets the events of connected accounts rather than the platform's own."""

    def wants(self, event: Object) -> bool:
        """Whether this event goes there."""
        return ("account" in event) == self.connect and ("*" in self.types or event["type"] in self.types)


@dataclass(slots=True, eq=False)
class Delivery:
    """One event on its way to one endpoint. The body is the same at each attempt, the signature is not."""

    event: Object
    webhook: Webhook
    payload: bytes
    due: float
    began: float
    attempts: int = 0
    statuses: list[int] = field(default_factory=list)
    """What the endpoint answered, 0 for nothing."""


class Outbox:
    """Deliveries in the order in which they are due, and what the switches make of them."""

    def __init__(self, webhooks: Sequence[Webhook], switches: Switches) -> None:
        self.webhooks = list(webhooks)
        self.done: list[Delivery] = []
        self.lost: list[Delivery] = []
        self.under_way = 0
        """Deliveries that were taken and not yet answered."""
        self._switches = switches
        self._later: list[tuple[float, int, Delivery]] = []
        self._due: deque[Delivery] = deque()
        self._numbers = itertools.count(1)

    @property
    def waiting(self) -> int:
        """How many deliveries there are still to make, now or later."""
        return len(self._later) + len(self._due)

    def put(self, event: Object, now: float) -> None:
        """The event goes to every endpoint that wants it."""
        for webhook in self.webhooks:
            if not webhook.wants(event):
                continue
            copies = 2 if self._switches.strikes(Mischief.DUPLICATE) else 1
            for _ in range(copies):
                event["pending_webhooks"] += 1
                self._put(Delivery(event, webhook, b"", now, now))

    def next(self, now: float) -> Delivery | None:
        """Take the delivery that comes next, if one is due."""
        if not self.is_due(now):
            return None
        place = 0
        if len(self._due) > 1 and self._switches.strikes(Mischief.REORDER):
            place = self._switches.place(len(self._due))
        delivery = self._due[place]
        del self._due[place]
        self.under_way += 1
        # The event is sent as it was recorded: its body is written once, at the first attempt.
        delivery.payload = delivery.payload or payload_of(delivery.event)
        return delivery

    def is_due(self, now: float) -> bool:
        """Whether there is one to deliver now."""
        while self._later and self._later[0][0] <= now:
            self._due.append(heapq.heappop(self._later)[2])
        return bool(self._due)

    def next_due(self) -> float | None:
        """When the next one is due."""
        if self._due:
            return self._due[0].due
        return self._later[0][0] if self._later else None

    def answered(self, delivery: Delivery, status: int, now: float) -> None:
        """A 2xx ends it; anything else is tried again later, until three days have passed."""
        self.under_way -= 1
        delivery.attempts += 1
        delivery.statuses.append(status)
        if 200 <= status < 300:
            self._end(delivery, self.done)
            return
        pause = RETRY_AFTER_S[min(delivery.attempts, len(RETRY_AFTER_S)) - 1]
        if now + pause - delivery.began > GIVE_UP_AFTER_S:
            self._end(delivery, self.lost)
            return
        delivery.due = now + pause
        self._wait(delivery)

    def _put(self, delivery: Delivery) -> None:
        if self._switches.strikes(Mischief.LOSE):
            self._end(delivery, self.lost)
            return
        if self._switches.strikes(Mischief.DELAY):
            delivery.due += self._switches.delay()
        self._wait(delivery)

    def _wait(self, delivery: Delivery) -> None:
        heapq.heappush(self._later, (delivery.due, next(self._numbers), delivery))

    def _end(self, delivery: Delivery, where: list[Delivery]) -> None:
        where.append(delivery)
        delivery.event["pending_webhooks"] -= 1
