"""Random histories of buyers, Stripe's events and crashes (`make payments-soak N=10000 SEED=1 WORKERS=2`)."""

import argparse
import os
import sys
import time
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

from tests.payments.soak.controls import CONTROLS
from tests.payments.soak.running import Controlled, Sum, play_all

LINES = 40
"""Of progress."""

Say = Callable[[str], None]


def main() -> int:
    """0 when every history keeps every law and every control breaks one."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--histories", type=int, default=200, metavar="N", help="how many (default: 200)")
    parser.add_argument("--seed", type=int, default=1, metavar="S", help="the first one's seed (default: 1)")
    parser.add_argument("--workers", type=int, default=0, metavar="W", help="processes (default: 0, this one)")
    parser.add_argument("--show", action="store_true", help="print how a history that breaks a law went")
    args = parser.parse_args()
    out = sys.stdout

    def say(text: str) -> None:
        out.write(f"{text}\n")
        out.flush()

    # The functions log what they refuse: that is theirs to say, a million times over.
    with Path(os.devnull).open("w") as nowhere, redirect_stdout(nowhere), redirect_stderr(nowhere):
        total, failed = _played(args, say)
    violations = len(total.violations)
    say(", ".join(f"{name}: {many:,}" for name, many in sorted(total.figures.items())))
    say(f"{total.histories} histories, {violations} violations, controls: {failed} of {len(CONTROLS)} failed")
    return 0 if violations == 0 and failed == len(CONTROLS) else 1


def _played(args: argparse.Namespace, say: Say) -> tuple[Sum, int]:
    started, total, failed, told = time.monotonic(), Sum(), 0, 0
    for part in play_all(args.histories, args.seed, workers=args.workers):
        if isinstance(part, Controlled):
            failed += part.broken is not None
            say(f"control {part.name}: {part.broken or 'broke nothing'}")
            continue
        total.add(part)
        for broken, history in part.violations.values():
            say(f"VIOLATION {broken}\n{history if args.show else ''}")
        if total.histories * LINES // args.histories > told:
            told = total.histories * LINES // args.histories
            violations, seconds = len(total.violations), time.monotonic() - started
            say(f"{total.histories} of {args.histories} histories, {violations} violations, {seconds:.0f} s")
    return total, failed
