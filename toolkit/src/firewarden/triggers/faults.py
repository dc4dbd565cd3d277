"""What a network and a platform do to deliveries, as probabilities. Which of it happens when, a seed decides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from random import Random

from firewarden.triggers.choices import Choices
from firewarden.triggers.cloudevents import FirestoreEvent

HELD_BACK_S_MAX = 1.0
"""How long real threads hold an event back that others are to overtake."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultPlan:
    """How likely it is, each from 0 to 1, that something happens to a delivery. Nothing does by default.

    A delivery that is **lost** never reaches the function and comes again after a back-off, whether the function is
    retried or not. A run that **crashes** dies at one of its writes, which then has happened or has not; only functions
    that are retried are run again. Promises nothing about order: neither does production.
    """

    duplicate: float = 0.0
    """A second copy of the event comes, too."""
    delay: float = 0.0
    """A copy comes later, by up to `delay_s_max`."""
    reorder: float = 0.0
    """Events of later changes may overtake a copy."""
    lose: float = 0.0
    """An attempt is lost, and made again."""
    crash: float = 0.0
    """A run dies at a write: asked before each, so a run of many writes dies more often."""
    orphan: float = 0.0
    """A run that crashes leaves its transaction open, and locked what it has read, until that expires."""
    delay_s_max: float = 120.0

    def __post_init__(self) -> None:
        for each in fields(self):
            value = getattr(self, each.name)
            if each.name != "delay_s_max" and not 0 <= value < 1:
                raise ValueError(f"{each.name} is {value!r}; a probability is at least 0 and less than 1")

    @classmethod
    def everything(cls) -> FaultPlan:
        """Each fault often enough that a few dozen deliveries meet all of them."""
        return cls(duplicate=0.15, delay=0.15, reorder=0.3, lose=0.1, crash=0.1, orphan=0.05)

    def __call__(self, event: FirestoreEvent, rng: Random) -> Sequence[float]:
        """The delays of an event's copies, for a host that serves functions over HTTP."""
        del event
        copies = 2 if rng.random() < self.duplicate else 1
        return [self._delay_s(rng) for _ in range(copies)]

    def _delay_s(self, rng: Random) -> float:
        late = rng.uniform(0, self.delay_s_max) if rng.random() < self.delay else 0.0
        held = rng.uniform(0, HELD_BACK_S_MAX) if rng.random() < self.reorder else 0.0
        return late + held


@dataclass(frozen=True, slots=True)
class Copy:
    """One copy of an event as the plan has it come; `delay_s` from now, `is_held` if others may overtake it."""

    delay_s: float = 0.0
    is_held: bool = False


def copies(plan: FaultPlan, choices: Choices) -> list[Copy]:
    """The copies of one event for one function."""
    number = 1 + choices.happens(plan.duplicate)
    return [_copy(plan, choices) for _ in range(number)]


def _copy(plan: FaultPlan, choices: Choices) -> Copy:
    is_held = choices.happens(plan.reorder)
    delay_s = choices.fraction() * plan.delay_s_max if choices.happens(plan.delay) else 0.0
    return Copy(delay_s, is_held)
