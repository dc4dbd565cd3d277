"""Many schedules, in as many processes as there are workers. Each has a database of its own; seeds are dealt out."""

import multiprocessing
import re
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from dataclasses import dataclass, field
from functools import cache, partial

from firewarden import Firestore
from firewarden.testing import Laboratory, ScheduleFailed, explore
from tests.simulation.controls import CONTROLS, SCHEDULES_MAX
from tests.simulation.scenarios import seats_are_settled
from tests.simulation.stage import EVERYTHING, gather_firestore

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
    seeds = range(first_seed, first_seed + schedules)
    parts = [seeds[start : start + SEEDS_AT_ONCE] for start in range(0, schedules, SEEDS_AT_ONCE)]
    if workers == 0:
        with gather_firestore() as firestore:
            yield from map(partial(control, firestore), CONTROLS)
            yield from map(partial(play, firestore), parts)
        return
    # Started anew, not forked: a copy of a process that has used Google's libraries need not work.
    pool = ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn"))
    try:
        waiting: list[Future[Part]] = [pool.submit(_controlled, name) for name in CONTROLS]
        waiting += [pool.submit(_played, part) for part in parts]
        for done in as_completed(waiting):
            yield done.result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _played(seeds: range) -> Part:
    return play(_firestore(), seeds)


def _controlled(name: str) -> Part:
    return control(_firestore(), name)


@cache
def _firestore() -> Firestore:
    """This process's database, for as long as it lives."""
    return gather_firestore()
