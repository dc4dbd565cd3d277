"""Many histories, in as many processes as there are workers. Each has a database of its own; seeds are dealt out."""

import os
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from firewarden import Firestore
from tests.payments.soak.controls import CONTROLS, broken_by
from tests.payments.soak.play import HistoryError, database, play
from tests.support.parts import dealt, in_parts

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
    work: list[Callable[[Firestore], Part]] = [partial(control, name=name) for name in CONTROLS]
    work += [partial(play_seeds, seeds=seeds) for seeds in dealt(histories, first_seed, at_once=SEEDS_AT_ONCE)]
    return in_parts(work, database, workers=workers, begin=_silence)


def _silence() -> None:
    """The functions log what they refuse: that is theirs to say, a million times over."""
    sys.stdout = sys.stderr = Path(os.devnull).open("w")  # noqa: SIM115  # as long as the process lives
