"""Many schedules, in as many processes as there are workers. Each has a database of its own; seeds are dealt out."""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial

from firewarden import Firestore
from firewarden.testing import Laboratory, ScheduleFailed, explore
from tests.simulation.controls import CONTROLS, SCHEDULES_MAX
from tests.simulation.scenarios import seats_are_settled
from tests.simulation.stage import EVERYTHING, gather_firestore
from tests.support.parts import dealt, in_parts

SEEDS_AT_ONCE = 10


@dataclass(frozen=True, slots=True)
class Violation:
    """A schedule on which something did not hold: what happened, and the choices that make it happen again."""

    seed: int
    choices: str
    text: str


@dataclass(slots=True)
class Played:
    """What so many schedules came to."""

    schedules: int = 0
    calls: int = 0
    deliveries: int = 0
    faults: int = 0
    done: Counter[str] = field(default_factory=Counter)
    """What people did that was not refused."""
    violations: list[Violation] = field(default_factory=list)

    def add(self, other: "Played") -> None:
        """Take in what others have played."""
        self.schedules += other.schedules
        self.calls += other.calls
        self.deliveries += other.deliveries
        self.faults += other.faults
        self.done += other.done
        self.violations += other.violations


@dataclass(frozen=True, slots=True)
class Controlled:
    """What became of a negative control: the first line of how it failed, None where it did not as it must."""

    name: str
    seed: int
    how: str | None


Part = Played | Controlled


def play(firestore: Firestore, seeds: range, *, simplify: bool = False) -> Played:
    """Play the schedules of these seeds, whatever becomes of any."""
    found = Played(schedules=len(seeds))

    def scenario(lab: Laboratory) -> None:
        found.done.update(map(str, seats_are_settled(lab).done))

    for seed in seeds:
        try:
            explored = explore(scenario, firestore, EVERYTHING, schedules=1, seed=seed, simplify=simplify)
        except ScheduleFailed as failed:
            found.violations.append(Violation(seed, failed.choices, str(failed)))
        else:
            found.calls += explored.calls
            found.deliveries += explored.deliveries
            found.faults += explored.faults
    return found


def control(firestore: Firestore, name: str) -> Controlled:
    """Play a negative control until it fails as it must."""
    chosen = CONTROLS[name]
    for seed in range(1, SCHEDULES_MAX + 1):
        try:
            explore(chosen.scenario, firestore, chosen.functions, schedules=1, seed=seed, simplify=False)
        except ScheduleFailed as failed:
            how = str(failed).partition("\n")[0]
            if re.search(chosen.shows, how):
                return Controlled(name, seed, how)
    return Controlled(name, SCHEDULES_MAX, None)


def play_all(schedules: int, first_seed: int, *, workers: int) -> Iterator[Part]:
    """Play so many schedules and all controls; parts come as they are done. Without workers this process does it."""
    work: list[Callable[[Firestore], Part]] = [partial(control, name=name) for name in CONTROLS]
    work += [partial(play, seeds=seeds) for seeds in dealt(schedules, first_seed, at_once=SEEDS_AT_ONCE)]
    return in_parts(work, gather_firestore, workers=workers)
