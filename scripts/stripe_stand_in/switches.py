"""What goes wrong: asked for once, or drawn with a probability from a seed.

Off by default. `switches.once(ApiFault.LOST_ANSWER)` spoils the next request;
`switches.rates[Mischief.DUPLICATE] = 0.2` spoils a fifth of all deliveries.
"""

import random
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

DAY_S = 86_400.0


class ApiFault(StrEnum):
    """What becomes of a request to the API."""

    UNAVAILABLE = "unavailable"
    """503; nothing was done, nothing is kept for its key."""
    RATE_LIMITED = "rate_limited"
    """429; nothing was done."""
    LOST_REQUEST = "lost_request"
    """The connection ends before anything was done."""
    LOST_ANSWER = "lost_answer"
    """Everything was done, and the connection ends before the answer; it is kept for its key."""
    ERROR_AFTER = "error_after"
    """Everything was done, the answer is a 500, and that is what is kept for its key."""
    SLOW = "slow"
    """It takes `slow_s` seconds; meanwhile the same key is refused with 409."""


class Mischief(StrEnum):
    """What becomes of the delivery of an event."""

    DUPLICATE = "duplicate"
    """It is delivered once more."""
    REORDER = "reorder"
    """It overtakes, or is overtaken by, others that are due."""
    DELAY = "delay"
    """It comes up to `delay_s` later."""
    LOSE = "lose"
    """It never arrives and is not tried again."""
    LOSE_ANSWER = "lose_answer"
    """It arrives, its answer does not, and so it is tried again."""


class Settlement(StrEnum):
    """What becomes of money that is on its way: delayed payments and refunds."""

    DECLINE = "decline"
    """A card is declined, whatever its number."""
    DELAYED_FAILS = "delayed_fails"
    """A delayed payment fails when it is settled."""
    REFUND_PENDING = "refund_pending"
    """A refund is pending at first, and succeeds later."""
    REFUND_FAILS = "refund_fails"
    """A refund succeeds at first, and fails later."""


Fault = ApiFault | Mischief | Settlement


@dataclass(frozen=True, slots=True)
class _Wanted:
    fault: Fault
    path: str | None
    method: str | None

    def fits(self, path: str | None, method: str | None) -> bool:
        return (self.path is None or (path or "").startswith(self.path)) and self.method in (None, method)


class Switches:
    """The same seed and the same history of requests give the same faults."""

    def __init__(self, seed: int = 0, rates: Mapping[Fault, float] | None = None) -> None:
        self.rates: dict[Fault, float] = dict(rates or {})
        self.delay_s = 3 * DAY_S
        self.settle_after_s = 3 * DAY_S
        self.slow_s = 1.0
        self.sleep: Callable[[float], None] = time.sleep
        """How a slow request waits."""
        self._random = random.Random(seed)  # noqa: S311 - repeatable on purpose
        self._wanted: deque[_Wanted] = deque()

    def once(self, fault: Fault, *, times: int = 1, path: str | None = None, method: str | None = None) -> None:
        """The next requests, deliveries or payments get this fault; `path` is how the request's path begins."""
        self._wanted.extend([_Wanted(fault, path, method)] * times)

    def clear(self) -> None:
        """Nothing goes wrong from now on."""
        self.rates.clear()
        self._wanted.clear()

    def strikes(self, fault: Fault, *, path: str | None = None, method: str | None = None) -> bool:
        """Whether this fault happens now."""
        for wanted in self._wanted:
            if wanted.fault is fault and wanted.fits(path, method):
                self._wanted.remove(wanted)
                return True
        rate = self.rates.get(fault, 0.0)
        # Nothing is drawn for a fault that is off, so that turning one on does not change the others.
        return rate > 0 and self._random.random() < rate

    def delay(self) -> float:
        """How much later a delivery comes."""
        return self._random.uniform(0, self.delay_s)

    def place(self, count: int) -> int:
        """Which of so many comes next."""
        return self._random.randrange(count)
