#!/usr/bin/env python
"""Compares the seats of events: what their documents count, what the ledger holds, what was answered; heals drift.

Without --heal nothing is written. Healing settles everybody of an event that drifted, by the laws of the functions,
and leaves an entry in the event's audit. Safe to stop and to repeat.
"""

import argparse
import json
import os
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from rich.console import Console

import functions_path  # noqa: F401  # puts functions/ on the path before anything needs it
from calendars.progress import progress_of
from firestore_target import add_target_options, client_of, target_of
from gather.attendance.drift import Drift
from gather.attendance.recount import find_drift, heal
from operating import ended

OK, DRIFTED = 0, 1
_PEOPLE_SHOWN = 10
_EXAMPLES = """\
examples:
  recount.py --firestore 127.0.0.1:8080 --project demo-club               look at every event, write nothing
  recount.py --project club-live --event summer-party                     look at one, in production
  recount.py --project club-live --heal --yes-i-mean club-live            heal what drifted

exit: 0 everything agrees, or was healed; 1 something drifted and was not; 2 could not run
"""


def main(arguments: Sequence[str] | None = None, environ: Mapping[str, str] = os.environ) -> int:
    """Looks at all events, reports each that drifted; every refusal has one clear line."""
    args = _parser().parse_args(arguments)
    return ended("recount", lambda: _run(args, environ), done="healed")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="recount.py",
        description=(__doc__ or "").partition("\n\n")[0],
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_target_options(parser)
    parser.add_argument("--event", action="append", metavar="ID", help="only this event; may be given again")
    parser.add_argument("--heal", action="store_true", help="settle what drifted; without it nothing is written")
    parser.add_argument("--json", action="store_true", help="print one JSON object for each event that drifted")
    return parser


def _run(args: argparse.Namespace, environ: Mapping[str, str]) -> int:
    target = target_of(args, environ, writes=args.heal)
    client = client_of(target)
    event_ids = args.event or [event.id for event in client.collection("events").select([]).stream()]
    found: list[Drift] = []
    missing: list[str] = []
    with progress_of("Healing" if args.heal else "Looking", len(event_ids), console=Console(stderr=True)) as advance:
        for event_id in event_ids:
            drift = _look(client, event_id, heals=args.heal)
            if drift is None:
                missing.append(event_id)
            elif not drift.is_none:
                found.append(drift)
                print(json.dumps(_as_json(drift)) if args.json else _text(drift))
            advance(1)
    for event_id in missing:
        print(f"{event_id}: there is no such event", file=sys.stderr)
    healed = "healed" if args.heal else "nothing was written, heal them with --heal"
    drifted = f"{len(found)} drifted ({healed})" if found else "all agree"
    print(f"recount: {len(event_ids) - len(missing)} events, {drifted}", file=sys.stderr)
    return DRIFTED if missing or (found and not args.heal) else OK


def _look(client: Any, event_id: str, *, heals: bool) -> Drift | None:
    now = datetime.now(UTC)
    return heal(client, event_id, by="recount", now=now) if heals else find_drift(client, event_id, now=now)


def _text(drift: Drift) -> str:
    lines = [f"{drift.event_id}: counts {drift.stored_counts}, in the ledger {drift.ledger_counts}"]
    lines += [f"  {uid} {problem}" for uid, problem in drift.people[:_PEOPLE_SHOWN]]
    if len(drift.people) > _PEOPLE_SHOWN:
        lines.append(f"  and {len(drift.people) - _PEOPLE_SHOWN} more; --json has them all")
    return "\n".join(lines)


def _as_json(drift: Drift) -> dict[str, Any]:
    return {
        "event": drift.event_id,
        "stored": list(drift.stored_counts),
        "ledger": list(drift.ledger_counts),
        "people": dict(drift.people),
    }


if __name__ == "__main__":
    sys.exit(main())
