"""Many histories, in as many processes as there are workers. Each has a database of its own; seeds are dealt out."""

import multiprocessing
import os
import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from dataclasses import dataclass, field
from functools import cache, partial
from pathlib import Path

from firewarden import Firestore
from tests.payments.soak.controls import CONTROLS, broken_by
from tests.payments.soak.play import HistoryError, database, play

SEEDS_AT_ONCE = 20


@dataclass(slots=True)
class Sum:
    """What so many histories came to; `violations` has for each seed what was broken and how it went."""

    histories: int = 0
    figures: Counter[str] = field(default_factory=Counter)
    violations: dict[int, tuple[str, str]] = field(default_factory=dict)

    def add(self, other: "Sum") -> None:
        """Take in what others have played."""
        self.histories += other.histories
        self.figures += other.figures
        self.violations |= other.violations


@dataclass(frozen=True, slots=True)
class Controlled:
    """What a negative control has broken; None: nothing, and so it proves nothing."""

    name: str
    broken: str | None


Part = Sum | Controlled


def play_seeds(firestore: Firestore, seeds: range) -> Sum:
    """Play the histories of these seeds, whatever becomes of any."""
    found = Sum(histories=len(seeds))
    for seed in seeds:
        try:
            found.figures += play(firestore, seed)
        except HistoryError as broken:
            found.violations[seed] = (str(broken), broken.history)
    return found


def control(firestore: Firestore, name: str) -> Controlled:
    """Play a negative control until it breaks a law."""
    broken = broken_by(firestore, name)
    return Controlled(name, None if broken is None else str(broken))


def play_all(histories: int, first_seed: int, *, workers: int) -> Iterator[Part]:
    """Play so many histories and all controls; parts come as they are done. Without workers this process does it."""
    seeds = range(first_seed, first_seed + histories)
    parts = [seeds[start : start + SEEDS_AT_ONCE] for start in range(0, histories, SEEDS_AT_ONCE)]
    if workers == 0:
        with database() as firestore:
            yield from map(partial(control, firestore), CONTROLS)
            yield from map(partial(play_seeds, firestore), parts)
        return
    # Started anew, not forked: a copy of a process that has used Google's libraries need not work.
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(workers, mp_context=context, initializer=_silence)
    try:
        waiting: list[Future[Part]] = [pool.submit(_controlled, name) for name in CONTROLS]
        waiting += [pool.submit(_played, part) for part in parts]
        for done in as_completed(waiting):
            yield done.result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _silence() -> None:
    """The functions log what they refuse: that is theirs to say, a million times over."""
    sys.stdout = sys.stderr = Path(os.devnull).open("w")  # noqa: SIM115  # as long as the process lives


def _played(seeds: range) -> Part:
    return play_seeds(_firestore(), seeds)


def _controlled(name: str) -> Part:
    return control(_firestore(), name)


@cache
def _firestore() -> Firestore:
    """This process's database, for as long as it lives."""
    return database()
