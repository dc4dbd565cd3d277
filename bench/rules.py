"""How fast rules are decided: in process, and by Google's emulator asked the very same, in one run.

    python bench/rules.py [--json FILE]

Reports medians with the 10th and 90th percentile, and ratios. Every request of the emulator goes over one warm
keep-alive connection, the fastest way that a client has; where no emulator is found, ours are reported alone.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import statistics
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from official import Official, found_official
from requests_asked import Asked, event_list, rsvp_create, validator
from rich.console import Console
from rich.table import Table
from ruleset import long_ruleset

from firewarden.rules import compile_rules, decide
from firewarden.rules.explain import explain

GATHER = Path(__file__).parents[1] / "firestore.rules"
ROUNDS = 200
"""Measurements of each request; each of ours is the mean of `REPEATS` decisions, which one alone is too short for."""
REPEATS = 50


@dataclass(frozen=True, slots=True)
class Measured:
    """Microseconds."""

    name: str
    engine: str
    median: float
    p10: float
    p90: float


def main() -> int:
    """Measure, print, and write JSON if asked to."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every figure to this file too")
    args = parser.parse_args()
    text = GATHER.read_text(encoding="utf-8")
    asked = [rsvp_create(text), event_list(text), validator()]
    with found_official() as official:
        measured = [each for request in asked for each in _request(request, official)]
        measured += _loading(official)
        memory = {"in process": _own_memory(), **({"emulator": official.memory()} if official else {})}
    _print(measured, memory, official_is_there=official is not None)
    if args.json:
        figures = {"machine": _machine(), "measured": [asdict(each) for each in measured], "memory_mib": memory}
        args.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    return 0


def _request(asked: Asked, official: Official | None) -> list[Measured]:
    rules, read = compile_rules(asked.rules), asked.documents.get
    if decide(rules, asked.request, read).allowed is not asked.allowed:
        raise SystemExit(f"{asked.name}: not decided as expected; nothing was measured")
    explained = f"{asked.name}, explained"
    with official.paused() if official else nullcontext():
        found = [
            _measured(asked.name, "in process", lambda: decide(rules, asked.request, read), REPEATS),
            _measured(explained, "in process", lambda: explain(rules, asked.request, read), 1),
        ]
    if official:
        official.prepare(asked)
        found.append(_measured(asked.name, "emulator", official.asking(asked), 1))
    return found


def _loading(official: Official | None) -> list[Measured]:
    text = long_ruleset(1_500)
    name = f"load {text.count(chr(10)):,} lines"
    with official.paused() if official else nullcontext():
        found = [_measured(name, "in process", lambda: compile_rules(text), 1, rounds=15)]
    if official:
        found.append(_measured(name, "emulator", lambda: official.put_rules(text), 1, rounds=15))
    return found


def _measured(name: str, engine: str, work: Callable[[], object], repeats: int, *, rounds: int = ROUNDS) -> Measured:
    for _ in range(max(3, rounds // 10)):
        work()  # warm
    times = []
    for _ in range(rounds):
        begun = time.perf_counter()
        for _ in range(repeats):
            work()
        times.append((time.perf_counter() - begun) / repeats * 1e6)
    tenths = statistics.quantiles(times, n=10)
    return Measured(name, engine, statistics.median(times), tenths[0], tenths[-1])


def _own_memory() -> float:
    """MiB; the system reports KiB on Linux and bytes on macOS."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(peak / (1024 * 1024 if sys.platform == "darwin" else 1024), 1)


def _machine() -> dict[str, Any]:
    return {"python": platform.python_version(), "system": platform.platform(), "cpus": os.cpu_count()}


def _print(measured: list[Measured], memory: Mapping[str, float], *, official_is_there: bool) -> None:
    console = Console(width=None if sys.stdout.isatty() else 110)
    table = Table(title="Rules: in process and on Google's emulator (medians)", title_justify="left")
    for column in ("what", "engine", "median", "p10 to p90", "per second", "ratio"):
        table.add_column(column, justify="left" if column in ("what", "engine") else "right")
    ours = {each.name: each.median for each in measured if each.engine == "in process"}
    for each in measured:
        ratio = f"{each.median / ours[each.name]:,.0f}x" if each.engine == "emulator" else ""
        spread = f"{_time(each.p10)} to {_time(each.p90)}"
        table.add_row(each.name, each.engine, _time(each.median), spread, f"{1e6 / each.median:,.0f}", ratio)
    console.print(table)
    console.print("memory: " + ", ".join(f"{name} {size:,.0f} MiB" for name, size in memory.items()))
    console.print(", ".join(f"{name} {value}" for name, value in _machine().items()))
    if not official_is_there:
        console.print("No Firestore emulator was found: install one to compare, see toolkit/docs/testing.md.")


def _time(microseconds: float) -> str:
    return f"{microseconds / 1000:,.2f} ms" if microseconds >= 1000 else f"{microseconds:.1f} µs"


if __name__ == "__main__":
    sys.exit(main())
