"""How long one decision takes in process, and what it takes of the budgets of the rules. Prints nothing."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median, quantiles

from firewarden.rules import CompiledRules, Request, compile_rules, decide
from firewarden.rules.explain import explain
from firewarden.rules.lookups import Read

_ROUND = 20
"""Decisions that are timed together: one alone is not much longer than reading the clock."""
_WARM_UP = 50
_LOADS = 5
_MICROSECONDS = 1e6


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """One request: how it is decided, what its dearest document takes of the budgets, microseconds per decision."""

    case: str
    allowed: bool
    expressions: int
    lookups: int
    lookups_max: int
    median_us: float
    p95_us: float

    @property
    def per_second(self) -> float:
        """Decisions per second."""
        return _MICROSECONDS / self.median_us


def timing(case: str, rules: CompiledRules, request: Request, read: Read, *, seconds: float) -> Timing:
    """Decide again and again for about so many seconds, after a warm-up."""
    explanation = explain(rules, request, read)
    used = [each.usage for each in explanation.parts]
    for _ in range(_WARM_UP):
        decide(rules, request, read)
    times: list[float] = []
    end = time.perf_counter() + seconds
    while len(times) < 2 or time.perf_counter() < end:
        times.append(_seconds(lambda: [decide(rules, request, read) for _ in range(_ROUND)]) / _ROUND * _MICROSECONDS)
    return Timing(
        case=case,
        allowed=explanation.decision.allowed,
        expressions=max((each.expressions for each in used), default=0),
        lookups=max((each.lookups for each in used), default=0),
        lookups_max=max((each.lookups_max for each in used), default=0),
        median_us=median(times),
        p95_us=quantiles(times, n=20, method="inclusive")[-1],
    )


def load_ms(text: str) -> float:
    """Milliseconds that a ruleset takes to load: the best of a few attempts."""
    return min(_seconds(lambda: compile_rules(text)) for _ in range(_LOADS)) * 1000


def _seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start
