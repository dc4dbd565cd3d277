"""`make storm`: many RSVPs at once, and whether every one of them is settled, at how many writes of the event.

Runs on Firewarden's own Firestore, or on Google's emulator with `--engine official`. Exits with 0 when everybody is
settled, nothing is oversold and no event's document is written faster than its pace allows; 1 when not; 2 when it
could not run.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from firewarden.errors import FirewardenError
from firewarden.firestore.billing.prices import known_prices
from firewarden.testing import Engine
from tests.storm.figures import lines
from tests.storm.storm import Storm, run

OK, FAILED, COULD_NOT_RUN = 0, 1, 2
_EPILOG = """\
examples:
  make storm                                      1,000 RSVPs to one event
  make storm N=10000 EVENTS=50
  make storm N=200 ARGS='--engine official'       on Google's emulator
  make storm ARGS='--seats 500 --json storm.json'"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Play one storm and tell what it came to."""
    args = _parser().parse_args(arguments)
    storm = Storm(
        rsvps=args.rsvps,
        events=args.events,
        seats=args.seats or max(1, args.rsvps // args.events // 2),
        clients=args.clients,
        instances=args.instances,
        workers=args.workers,
        engine=args.engine,
    )
    try:
        found = run(storm)
    except FirewardenError as error:
        sys.stderr.write(f"storm: {error}\n")
        return COULD_NOT_RUN
    sys.stdout.writelines(f"{line}\n" for line in lines(found, prices=known_prices()))
    if args.json:
        args.json.write_text(json.dumps(found.as_json(), indent=2) + "\n", encoding="utf-8")
    return OK if found.is_sound and found.keeps_pace else FAILED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="storm", description=__doc__, epilog=_EPILOG, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("--rsvps", type=_positive, default=1000, metavar="N", help="how many come (default: 1000)")
    add("--events", type=_positive, default=1, metavar="N", help="to how many events (default: 1)")
    add("--seats", type=_positive, metavar="N", help="of each event, with a waitlist (default: for half who come)")
    add("--clients", type=_positive, default=200, metavar="N", help="who write at the same time (default: 200)")
    add("--instances", type=_positive, default=2, metavar="N", help="processes of the functions (default: 2)")
    add("--workers", type=_positive, default=16, metavar="N", help="deliveries that each handles at once (default: 16)")
    add("--engine", type=Engine, choices=list(Engine), default=Engine.FIREWARDEN, help="which Firestore")
    add("--json", type=Path, metavar="FILE", help="write the figures there, too")
    return parser


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError(text)
    return number
