"""Schedules of all that happens to seats and money (`make simulate`): every one has to hold, every control to fail."""

import argparse
import json
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import gettempdir

from firewarden.testing import replay
from tests.simulation.controls import CONTROLS
from tests.simulation.running import Controlled, Played, Violation, play, play_all
from tests.simulation.scenarios import seats_are_settled
from tests.simulation.stage import EVERYTHING, gather_firestore

SIMPLIFIED_MAX = 3
"""Violations that are made simpler; each takes a few hundred schedules."""
LINES = 20
"""Progress where there is no terminal."""


def main(argv: Sequence[str] | None = None) -> int:
    """0 when every schedule holds and every control fails as it must."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--schedules", type=int, default=200, metavar="N", help="how many (default: 200)")
    parser.add_argument("--seed", type=int, default=1, metavar="S", help="the first one's seed (default: 1)")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, metavar="W", help="processes")
    parser.add_argument("--replay", type=Path, metavar="FILE", help="play the schedule that a violation has left there")
    parser.add_argument("--into", type=Path, default=Path(gettempdir()), metavar="FOLDER", help="for these files")
    args = parser.parse_args(argv)
    if args.replay is not None:
        return _replayed(args.replay)
    total, controls = _all(args.schedules, args.seed, args.workers)
    _say(f"{total.calls:,} calls, {total.deliveries:,} deliveries, {total.faults:,} faults. What people did:")
    _say(", ".join(f"{deed} {number:,}" for deed, number in sorted(total.done.items())))
    for each in sorted(controls, key=lambda each: each.name):
        _say(f"control, {each.name}: " + (f"{each.how} (seed {each.seed})" if each.how else "DID NOT FAIL"))
    violations = sorted(total.violations, key=lambda each: each.seed)
    for number, violation in enumerate(violations):
        _tell(violation, args.into, simplify=number < SIMPLIFIED_MAX)
    failed = sum(each.how is not None for each in controls)
    _say(
        f"{total.schedules} schedules, {len(violations)} violations, "
        f"controls: {failed} of {len(CONTROLS)} failed as they must"
    )
    return 0 if not violations and failed == len(CONTROLS) else 1


def _all(schedules: int, seed: int, workers: int) -> tuple[Played, list[Controlled]]:
    started, total, controls, told = time.monotonic(), Played(), list[Controlled](), 0
    for part in play_all(schedules, seed, workers=workers):
        if isinstance(part, Controlled):
            controls.append(part)
            continue
        total.add(part)
        rate = total.schedules / (time.monotonic() - started)
        line = f"{total.schedules} of {schedules} schedules, {len(total.violations)} violations, {rate:.1f} a second"
        if sys.stdout.isatty():
            sys.stdout.write(f"\r{line} " + ("\n" if total.schedules == schedules else ""))
            sys.stdout.flush()
        elif total.schedules * LINES // schedules > told:
            told = total.schedules * LINES // schedules
            _say(line)
    return total, controls


def _tell(violation: Violation, folder: Path, *, simplify: bool) -> None:
    """Print what happened, as simple as it still does, and leave a file that plays it again."""
    if simplify:
        with gather_firestore() as firestore:
            found = play(firestore, range(violation.seed, violation.seed + 1), simplify=True)
        violation = found.violations[0] if found.violations else violation
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"schedule-{violation.seed}.json"
    file.write_text(json.dumps({"seed": violation.seed, "choices": violation.choices}) + "\n")
    _say(f"VIOLATION {violation.text}\nAgain: make simulate REPLAY={file}\n")


def _replayed(file: Path) -> int:
    schedule = json.loads(file.read_text())
    with gather_firestore() as firestore:
        try:
            lab = replay(
                seats_are_settled, firestore, EVERYTHING, seed=schedule["seed"], choices=schedule.get("choices")
            )
        except AssertionError as failure:
            _say(str(failure))
            return 1
    _say("\n".join([*lab.steps, repr(lab.log), "This schedule holds."]))
    return 0


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()
