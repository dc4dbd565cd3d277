"""Many fault plans on the seats of one event (`make faults`): how many schedules held, and whether the controls did."""

import argparse
import sys
import time

from firewarden import Firestore
from firewarden.testing import ScheduleFailed, explore
from tests.simulation.naive import on_rsvp_counted
from tests.simulation.scenarios import seats_are_settled, seats_counted_by_differences, seats_without_transactions
from tests.simulation.stage import SEATING, gather_firestore, manifest_of

CONTROLS = {
    "without transactions": (seats_without_transactions, SEATING),
    "counting by differences": (seats_counted_by_differences, manifest_of(on_rsvp_counted)),
}
CONTROL_SCHEDULES_MAX = 100


def main() -> int:
    """0 when every schedule holds and every control fails."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--schedules", type=int, default=100, metavar="N", help="how many (default: 100)")
    parser.add_argument("--seed", type=int, default=1, metavar="S", help="the first one's seed (default: 1)")
    args = parser.parse_args()
    started = time.monotonic()
    violations = 0
    with gather_firestore() as firestore:
        try:
            played = explore(seats_are_settled, firestore, SEATING, schedules=args.schedules, seed=args.seed)
            _say(f"{played}, {time.monotonic() - started:.0f} s")
        except ScheduleFailed as failed:
            _say(str(failed))
            violations = 1
        failed_controls = sum(_fails(firestore, name) for name in CONTROLS)
    _say(f"{args.schedules} schedules, {violations} violations, controls: {failed_controls} of {len(CONTROLS)} failed")
    return 0 if violations == 0 and failed_controls == len(CONTROLS) else 1


def _fails(firestore: Firestore, name: str) -> bool:
    scenario, functions = CONTROLS[name]
    try:
        explore(scenario, firestore, functions, schedules=CONTROL_SCHEDULES_MAX, simplify=False)
    except ScheduleFailed as failed:
        _say(f"control {name}: {str(failed).splitlines()[0]} (seed {failed.seed})")
        return True
    return False


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()
