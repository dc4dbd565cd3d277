"""Random histories of buyers, Stripe's events and crashes (`make payments-soak N=10000 SEED=1`)."""

import argparse
import os
import sys
import time
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import astuple
from pathlib import Path
from typing import TextIO

from tests.payments.soak.controls import CONTROLS, broken_by
from tests.payments.soak.play import HistoryError, opened, play

SAID_EVERY = 500


def main() -> int:
    """0 when every history keeps every law and every control breaks one."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--histories", type=int, default=200, metavar="N", help="how many (default: 200)")
    parser.add_argument("--seed", type=int, default=1, metavar="S", help="the first one's seed (default: 1)")
    parser.add_argument("--show", action="store_true", help="print how a history that breaks a law went")
    args = parser.parse_args()
    out = sys.stdout
    # The functions log what they refuse: that is theirs to say, a million times over.
    with Path(os.devnull).open("w") as nowhere, redirect_stdout(nowhere), redirect_stderr(nowhere):
        return _played(args, out)


def _played(args: argparse.Namespace, out: TextIO) -> int:
    def say(text: str) -> None:
        out.write(f"{text}\n")
        out.flush()

    violations, started, sums = 0, time.monotonic(), (0, 0, 0, 0)
    with opened() as firestore:
        for number in range(args.histories):
            try:
                played = play(firestore, args.seed + number)
            except HistoryError as broken:
                violations += 1
                say(f"{broken}\n{broken.history if args.show else ''}")
            else:
                sums = tuple(one + other for one, other in zip(sums, astuple(played), strict=True))
            if (number + 1) % SAID_EVERY == 0:
                say(f"{number + 1} histories, {violations} violations, {time.monotonic() - started:.0f} s")
        failed = 0
        for name in CONTROLS:
            found = broken_by(firestore, name)
            failed += found is not None
            say(f"control {name}: {found or 'broke nothing'}")
    payments, captured, refunds, events = sums
    say(f"{payments} payments, {captured} of them captured, {refunds} refunds, {events} events")
    say(f"{args.histories} histories, {violations} violations, controls: {failed} of {len(CONTROLS)} failed")
    return 0 if violations == 0 and failed == len(CONTROLS) else 1
