"""What listeners cost: a collection of 10,000 documents, listened to while all of them are rewritten.

    python bench/listeners.py [--json FILE] [--quick] [--rounds N] [--check]

Two questions. How much later than the same writes take without a listener does it know all (`behind`: they are slower
with one, and it may know of the last only after them, `lag`), and what does that cost the server in CPU time, beside
Google's emulator in the same run. And what one changed document costs with a listener to collections of 100 to 100,000
documents: it must not depend on how many there are. The client reads raw gRPC and looks into every message. Exits with
1 if --check is given and a target is missed.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from firestore_engines import OFFICIAL, OURS, Engine, Running, engines
from listeners_client import Client, Listener
from rich.console import Console
from rich.table import Table

BATCH = 500
TARGET = 20
"""How many times less than with Google's emulator a listener may be behind."""
_BEHIND_MIN = 0.01
"""Less is not measured by subtracting."""
FLAT = 2.0
"""A change with the largest collection may cost so many times one with the smallest: what is measured is noisy."""
_OFFICIAL_SIZE_MAX = 10_000
"""It sends the whole collection at every change."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is measured."""

    documents: int
    sizes: Sequence[int]
    changes: int
    official_changes: int
    rounds: int


USUAL = Plan(10_000, (100, 1_000, 10_000, 100_000), changes=300, official_changes=5, rounds=3)
QUICK = Plan(1_000, (100, 1_000), changes=20, official_changes=2, rounds=1)


@dataclass(frozen=True, slots=True)
class Chase:
    """All documents rewritten without and with a listener, its lag after the last write, and the server's CPU time.

    In seconds; the CPU time is that of writing with a listener, and of telling it.
    """

    engine: str
    unheard: float
    writing: float
    lag: float
    cpu: float
    snapshots: int

    @property
    def behind(self) -> float:
        """How much later all is known than it is written where nobody listens."""
        return max(self.writing + self.lag - self.unheard, _BEHIND_MIN)


@dataclass(frozen=True, slots=True)
class Change:
    """One document written and told of: seconds of server CPU with and without a listener, seconds until told."""

    engine: str
    size: int
    cpu: float
    cpu_unheard: float
    told: float


def main() -> int:
    """Measure, print, and write JSON if asked to."""
    args = _arguments()
    plan = QUICK if args.quick else USUAL
    rounds = args.rounds or plan.rounds
    compared, notes = engines(None)
    compared = [each for each in compared if each.name in (OURS, OFFICIAL)]
    notes = [each for each in notes if "npm" not in each]
    chases: list[Chase] = []
    changes: list[Change] = []
    with Console(stderr=True).status("starting") as status:  # shows nothing in a pipe
        for number in range(rounds):
            for engine in compared:
                status.update(f"{engine.name}: {plan.documents} documents rewritten, {number + 1} of {rounds}")
                chases.append(chase(engine, plan))
        for engine in compared:
            for size in plan.sizes:
                if engine.name == OURS or size <= _OFFICIAL_SIZE_MAX:
                    status.update(f"{engine.name}: one of {size} documents changed")
                    changes.append(change(engine, size, plan))
    console = Console(width=None if sys.stdout.isatty() else 120, highlight=False)
    ratio, growth = _print(console, chases, changes)
    machine = {"python": platform.python_version(), "system": platform.platform(), "cpus": os.cpu_count()}
    for line in (", ".join(f"{name} {value}" for name, value in machine.items()), *notes):
        console.print(line, markup=False)
    if args.json:
        data = {"machine": machine, "chases": list(map(asdict, chases)), "changes": list(map(asdict, changes))}
        args.json.write_text(json.dumps(data, indent=2) + "\n", encoding="utf-8")
    missed = (ratio is not None and ratio < TARGET) or growth > FLAT
    return 1 if args.check and missed else 0


def chase(engine: Engine, plan: Plan) -> Chase:
    """Rewrite all documents in batches while somebody listens to all of them."""
    with engine.started() as running, Client(running.host) as client:
        client.write_all(plan.documents, BATCH, generation=0)
        begun = time.perf_counter()
        client.write_all(plan.documents, BATCH, generation=1)
        unheard = time.perf_counter() - begun
        with client.listen() as listener:
            listener.until_told(plan.documents, generation=1)
            told = listener.snapshots
            cpu, begun = running.cpu(), time.perf_counter()
            client.write_all(plan.documents, BATCH, generation=2)
            written = time.perf_counter()
            listener.until_told(plan.documents, generation=2)
            known = time.perf_counter()
            used, snapshots = running.cpu() - cpu, listener.snapshots - told
            return Chase(engine.name, unheard, written - begun, known - written, used, snapshots)


def change(engine: Engine, size: int, plan: Plan) -> Change:
    """Change one document after the other, each when the one before was told of; and the same unheard."""
    count = plan.changes if engine.name == OURS else plan.official_changes
    with engine.started() as running, Client(running.host) as client:
        client.write_all(size, BATCH, generation=0)
        _changed(running, client, plan.changes)
        unheard, _ = _changed(running, client, count)
        with client.listen() as listener:
            listener.until_complete(size)
            _changed(running, client, min(count, 20), listener)
            heard, told = _changed(running, client, count, listener)
    return Change(engine.name, size, heard, unheard, told)


def _changed(running: Running, client: Client, count: int, listener: Listener | None = None) -> tuple[float, float]:
    """Seconds of CPU for each change, and the median time until it is told of."""
    waited = []
    cpu = running.cpu()
    for _ in range(count):
        begun = time.perf_counter()
        value = client.write_one()
        if listener is not None:
            listener.until_seen(value)
        waited.append(time.perf_counter() - begun)
    return (running.cpu() - cpu) / count, statistics.median(waited)


def _print(console: Console, chases: Sequence[Chase], changes: Sequence[Change]) -> tuple[float | None, float]:
    """Both tables; how many times sooner ours is, and how many times dearer a change is with the most documents."""
    columns = ("engine", "unheard", "writing", "lag", "behind", "server CPU", "snapshots")
    table = Table(*columns, title="All rewritten, medians in seconds")
    for name in dict.fromkeys(each.engine for each in chases):
        figures = [_median(chases, name, what) for what in _FIGURES]
        snapshots = _median(chases, name, lambda each: each.snapshots)
        table.add_row(name, *(f"{value:.2f}" for value in figures), f"{snapshots:.0f}")
    console.print(table)
    table = Table("engine", "documents", "CPU per change", "without listener", "told after", title="One changed, in ms")
    for each in changes:
        told = (each.cpu, each.cpu_unheard, each.told)
        table.add_row(each.engine, f"{each.size:,}", *(f"{value * 1_000:.2f}" for value in told))
    console.print(table)
    ours = [each.cpu for each in changes if each.engine == OURS]
    growth = ours[-1] / ours[0]
    console.print(f"a change with the most documents costs {growth:.2f} times one with the fewest (at most {FLAT})")
    if not any(each.engine == OFFICIAL for each in chases):
        return None, growth
    ratio = _ratio(chases, lambda each: each.behind)
    cpu = _ratio(chases, lambda each: each.cpu)
    console.print(
        f"a listener is {ratio:.0f} times less behind (target {TARGET}), and costs {cpu:.0f} times less CPU time"
    )
    return ratio, growth


_FIGURES: Sequence[Callable[[Chase], float]] = (
    lambda each: each.unheard,
    lambda each: each.writing,
    lambda each: each.lag,
    lambda each: each.behind,
    lambda each: each.cpu,
)


def _ratio(chases: Sequence[Chase], what: Callable[[Chase], float]) -> float:
    return _median(chases, OFFICIAL, what) / _median(chases, OURS, what)


def _median(chases: Sequence[Chase], name: str, what: Callable[[Chase], float]) -> float:
    return statistics.median(what(each) for each in chases if each.engine == name)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every figure to this file too")
    parser.add_argument("--rounds", type=int, metavar="N", help="how often all are rewritten (default: 3)")
    parser.add_argument("--quick", action="store_true", help="see that it works: one round, small collections")
    parser.add_argument("--check", action="store_true", help="exit with 1 if a target is missed")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
