"""Stripe on a schedule: it answers late or not at all, and tells of events late, twice, in any order or never.

What it does is the model's (`tests/support/model_stripe`). Each delivery of an event is a run beside all others, so
that the schedule's choices decide the order; what fails is delivered again for days, as Stripe does.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from firewarden.testing import Laboratory
from gather.payments.facts import GatewayDownError
from tests.support.model_stripe import ModelStripe

ANSWERS_S = 0.05
"""What a call to Stripe takes, in which others do something."""
DOWN, CRASH, OUTAGE = 0.03, 0.02, 0.01
"""Of calls, before and after Stripe has done its work: no answer; whoever asked dies; nobody answers for a while."""
OUTAGES_S = (60, 600, 3 * 3600)
DUPLICATE, LOST, LATE, VERY_LATE = 0.2, 0.15, 0.2, 0.15
LATE_S, VERY_LATE_S = 300, 3 * 24 * 3600
AGAIN_S = (60, 3600, 6 * 3600, 24 * 3600, 36 * 3600)
"""After each failed attempt to deliver; then Stripe gives up."""
BANK_S = (3600, 24 * 3600, 48 * 3600, 3 * 24 * 3600)
FAILS, FAILS_AFTER_ALL = 0.15, 0.3
"""Of refunds that take time: the bank does not take them, or sends them back after it has."""
FAILS_LATER_S = 24 * 3600
HTTP_FAILED = 500


class ServerCrash(BaseException):
    """The process that asked Stripe is gone; who called it learns nothing."""


@dataclass(slots=True)
class StripeAccount:
    """The account that the event's tickets are paid into. `post` delivers an event and returns the answer's status."""

    lab: Laboratory
    model: ModelStripe
    post: Callable[[Mapping[str, Any]], int]
    is_faulty: bool = True
    down_until: float = 0.0
    _told: int = 0
    _sessions: set[str] = field(default_factory=set)
    _refunds: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.model.fault = self.answers

    def answers(self, method: str, moment: str) -> None:
        """What may happen before and after Stripe has done something."""
        lab = self.lab
        if moment == "after":
            self.tells()
        lab.sleep(ANSWERS_S)
        fault = lab.choices.weighted((DOWN, CRASH, OUTAGE)) if self.is_faulty else 0
        now = lab.clock.monotonic()
        if fault == 3:
            self.down_until = max(self.down_until, now + OUTAGES_S[lab.choices.pick(len(OUTAGES_S))])
        if fault == 2:
            raise ServerCrash(f"{moment} {method}")
        if fault or (self.is_faulty and now < self.down_until):
            raise GatewayDownError(method)

    def tells(self) -> None:
        """Have what is new delivered; what banks and Stripe's clock do later is on its way from here on."""
        events = self.model.events[self._told :]
        self._told = len(self.model.events)
        for event in events:
            self._send(event)
        for session in list(self.model.sessions.values()):
            if session.id not in self._sessions:
                self._sessions.add(session.id)
                left = (session.expires_at - self.lab.clock.now()).total_seconds()
                self._later(f"{session.id} ends", left, self.model.expire_due)
        for refund in list(self.model.refunds.values()):
            if refund.id not in self._refunds and refund.status == "pending":
                self._banks_refund(refund.id)
            self._refunds.add(refund.id)

    def settles(self, session_id: str, *, after_s: float, succeeds: bool) -> None:
        """The bank of somebody who pays by a method that takes days decides."""
        self._later(f"the bank on {session_id}", after_s, partial(self.model.settle, session_id, succeeds=succeeds))

    def _banks_refund(self, refund_id: str) -> None:
        choices = self.lab.choices
        ends = (("succeeded",), ("failed",), ("succeeded", "failed"))[choices.weighted((FAILS, FAILS_AFTER_ALL))]
        seconds = BANK_S[choices.pick(len(BANK_S))]
        for number, status in enumerate(ends):
            finish = partial(self.model.finish_refund, refund_id, status)
            self._later(f"{refund_id} has {status}", seconds + number * FAILS_LATER_S, finish)

    def _later(self, name: str, seconds: float, work: Callable[[], object]) -> None:
        def happens() -> None:
            self.lab.sleep(max(0.0, seconds))
            work()
            self.tells()

        self.lab.start(f"Stripe: {name}", happens)

    def _send(self, event: Mapping[str, Any]) -> None:
        choices = self.lab.choices
        copies = 1 + choices.happens(DUPLICATE) if not choices.happens(LOST) else 0
        for _ in range(copies):
            late = choices.weighted((LATE, VERY_LATE))
            delay_s = choices.fraction() * (0, LATE_S, VERY_LATE_S)[late] if late else 0.0
            self._deliver(event, delay_s, attempt=1)

    def _deliver(self, event: Mapping[str, Any], delay_s: float, *, attempt: int) -> None:
        def delivers() -> None:
            self.lab.sleep(delay_s)
            try:
                is_done = self.post(event) < HTTP_FAILED
            except ServerCrash:
                is_done = False
            except BaseException:  # the laboratory's crash
                self._again(event, attempt)
                raise
            if not is_done:
                self._again(event, attempt)

        self.lab.start(f"Stripe tells {event['type']} {event['id']}", delivers, crash=CRASH)

    def _again(self, event: Mapping[str, Any], attempt: int) -> None:
        if attempt <= len(AGAIN_S):
            self._deliver(event, AGAIN_S[attempt - 1], attempt=attempt + 1)
