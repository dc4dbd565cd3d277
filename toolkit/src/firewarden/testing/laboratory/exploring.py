"""Many schedules of one scenario: each from a seed of its own, and what fails made as small as it still fails."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from firewarden.errors import FirewardenError
from firewarden.testing.in_process import Firestore
from firewarden.testing.laboratory.laboratory import Laboratory
from firewarden.testing.laboratory.shrinking import shrunk
from firewarden.triggers import Function, Manifest
from firewarden.triggers.choices import Choices, parsed, written
from firewarden.triggers.faults import FaultPlan

Scenario = Callable[[Laboratory], object]
SHRINKING_TRIES = 300
_STEPS_SHOWN_MAX = 120


@dataclass(frozen=True, slots=True)
class Explored:
    """What was tried: so many schedules, from the first seed on."""

    schedules: int
    seed: int
    deliveries: int
    faults: int
    calls: int

    def __str__(self) -> str:
        return f"{self.schedules} schedules, {self.deliveries} deliveries, {self.faults} faults, {self.calls} calls"


class ScheduleFailed(FirewardenError, AssertionError):  # noqa: N818 - what happened, not a mistake of the caller
    """A schedule on which a scenario fails: its `seed`, its `choices` for `replay`, and what happened."""

    def __init__(self, message: str, *, seed: int, choices: str) -> None:
        super().__init__(message)
        self.seed = seed
        self.choices = choices


@dataclass(slots=True)
class _Played:
    """One schedule that was played."""

    laboratory: Laboratory
    failure: Exception | None


@dataclass(frozen=True, slots=True)
class _Stage:
    """What all schedules of an exploration have in common."""

    scenario: Scenario
    firestore: Firestore
    functions: Manifest | Iterable[Function]
    plan: FaultPlan
    settings: dict[str, Any]

    def play(self, choices: Choices) -> _Played:
        self.firestore.renew()
        laboratory = Laboratory(self.firestore, self.functions, plan=self.plan, choices=choices, **self.settings)
        try:
            with laboratory:
                self.scenario(laboratory)
        except Exception as failure:  # noqa: BLE001 - of any kind, it is the scenario's judgement
            return _Played(laboratory, failure)
        return _Played(laboratory, None)


def explore(
    scenario: Scenario,
    firestore: Firestore,
    functions: Manifest | Iterable[Function],
    *,
    plan: FaultPlan | None = None,
    schedules: int = 100,
    seed: int = 1,
    simplify: bool = True,
    **settings: Any,
) -> Explored:
    """Plays the scenario on so many schedules, with the seeds from `seed` on; the database is new for each.

    Raises `ScheduleFailed` at the first that fails, after making it simpler unless `simplify` is False: fewer faults,
    fewer changes of turn. The database must have a virtual clock. `settings` are the other arguments of `Laboratory`.
    """
    stage = _Stage(scenario, firestore, functions, plan or FaultPlan.everything(), settings)
    deliveries = faults = calls = 0
    for each in range(seed, seed + schedules):
        played = stage.play(Choices(each))
        deliveries += len(played.laboratory.log)
        faults += sum(len(one.faults) for one in played.laboratory.log)
        calls += played.laboratory.calls
        if played.failure is not None:
            raise _failed(stage, played, each, simplify=simplify) from played.failure
    return Explored(schedules, seed, deliveries, faults, calls)


def replay(
    scenario: Scenario,
    firestore: Firestore,
    functions: Manifest | Iterable[Function],
    *,
    seed: int,
    choices: str | None = None,
    plan: FaultPlan | None = None,
    **settings: Any,
) -> Laboratory:
    """Plays one schedule again, by its seed or by the choices that a failure printed, and raises what it raises."""
    stage = _Stage(scenario, firestore, functions, plan or FaultPlan.everything(), settings)
    played = stage.play(Choices(seed, None if choices is None else parsed(choices)))
    if played.failure is not None:
        raise played.failure
    return played.laboratory


def _failed(stage: _Stage, first: _Played, seed: int, *, simplify: bool) -> ScheduleFailed:
    kind = type(first.failure)
    best = [first]

    def still_fails(given: Sequence[int]) -> Sequence[int] | None:
        played = stage.play(Choices(seed, given))
        if type(played.failure) is not kind:
            return None
        best[0] = played
        return played.laboratory.choices.made

    if simplify:
        shrunk(first.laboratory.choices.made, still_fails, tries_max=SHRINKING_TRIES)
    return _told(best[0], seed, before=first)


def _told(played: _Played, seed: int, *, before: _Played) -> ScheduleFailed:
    laboratory, failure = played.laboratory, played.failure
    choices = written(laboratory.choices.made)
    steps = laboratory.steps
    shown = steps[-_STEPS_SHOWN_MAX:]
    what = "".join(traceback.format_exception_only(failure)).strip()
    sizes = (
        f"Seed {seed}: {_size(before.laboratory)}; made simpler: {_size(laboratory)}."
        f"\nAgain: replay(..., seed={seed}, choices={choices!r})"
    )
    left_out = [f"  ... {len(steps) - len(shown)} calls before"] if len(shown) < len(steps) else []
    text = "\n".join([what, "", sizes, "", "Calls:", *left_out, *shown, "", f"Deliveries: {laboratory.log!r}"])
    return ScheduleFailed(text, seed=seed, choices=choices)


def _size(laboratory: Laboratory) -> str:
    faults = sum(len(each.faults) for each in laboratory.log)
    return f"{laboratory.calls} calls, {len(laboratory.log)} deliveries, {faults} faults"
