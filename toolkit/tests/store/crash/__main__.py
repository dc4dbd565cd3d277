"""`python -m toolkit.tests.store.crash --rounds 1000`: kill a writer again and again, and look for what is lost.

Ends with 1 if anything acknowledged is missing or the data are inconsistent; `--early-per-mille` makes the writer lie,
to see that this is found.
"""

import argparse
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from toolkit.tests.store.crash.rounds import run_round


def main() -> int:
    """Run the rounds and print what was seen."""
    parser = argparse.ArgumentParser(prog="python -m toolkit.tests.store.crash")
    parser.add_argument("--rounds", type=int, default=1_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--early-per-mille", type=int, default=0)
    options = parser.parse_args()
    started, bad = time.monotonic(), 0
    at: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        for number in range(options.rounds):
            seen = run_round(number, Path(folder), seed=options.seed, early_per_mille=options.early_per_mille)
            at[seen.at] += 1
            bad += bool(seen.faults)
            for fault in seen.faults[:5]:
                sys.stdout.write(f"round {number}: {fault}\n")
            if (number + 1) % 100 == 0:
                sys.stdout.write(f"{number + 1} rounds, {bad} bad, {time.monotonic() - started:.0f} s\n")
                sys.stdout.flush()
    while_at = ", ".join(f"{times} while at {name}" for name, times in at.most_common())
    sys.stdout.write(
        f"{options.rounds} kills (seed {options.seed}; {while_at}) in {time.monotonic() - started:.0f} s: "
        f"{bad} with anything lost or inconsistent\n"
    )
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
