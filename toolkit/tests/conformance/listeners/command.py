"""The command: as many generated histories with listeners as asked for; says the seed of every one that goes wrong."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence

from toolkit.tests.conformance.listeners.playing import Played, play

_PROGRESS_S = 10.0


def main(arguments: Sequence[str] | None = None) -> int:
    """0 if every listener was shown what was stored, 1 if one was not."""
    options = _parser().parse_args(arguments)
    sums, wrong = Played(), 0
    shown = begun = time.monotonic()
    for number in range(options.first, options.first + options.histories):
        try:
            played = play(f"{options.seed}/{number}")
        except Exception as fault:  # noqa: BLE001 - whatever went wrong, the others are played as well
            wrong += 1
            sys.stdout.write("\n".join((f"{type(fault).__name__}: {fault}", *getattr(fault, "__notes__", ()), "")))
            continue
        for name in ("snapshots", "unknown", "resumed", "commits"):
            setattr(sums, name, getattr(sums, name) + getattr(played, name))
        if time.monotonic() - shown > _PROGRESS_S:
            shown = time.monotonic()
            sys.stderr.write(f"{number + 1 - options.first} histories, {sums.snapshots} snapshots\n")
    sys.stdout.write(
        f"{options.histories} histories, {sums.commits} commits, {sums.snapshots} snapshots held against reads "
        f"({sums.unknown} of a time that was gone), {sums.resumed} resumes, {wrong} histories wrong "
        f"({time.monotonic() - begun:.0f} s)\n"
    )
    return 1 if wrong else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="conformance-listeners",
        description="Generate histories of writes, listeners, slow clients and disconnects, and hold every snapshot "
        "against what is stored.",
    )
    parser.add_argument("--histories", type=int, default=1_000, metavar="N", help="how many (default: 1000)")
    parser.add_argument("--first", type=int, default=0, metavar="I", help="the number of the first (default: 0)")
    parser.add_argument(
        "--seed", type=int, default=1, metavar="S", help="equal seeds give equal histories (default: 1)"
    )
    return parser
