"""How fast the local Firestore is: beside Google's emulator and npm's, asked the very same in one run.

    python bench/firestore.py [--json FILE] [--quick | --full] [--npm FOLDER] [--rounds N]

Three ways, because stock clients cost more than a server: the server's CPU time for each operation and how many it
does in a second, both under the load of a client that costs next to nothing, and google-cloud-firestore. Every server
is a process of its own and warm; they take turns within every round. Reports medians, ratios and the targets. Exits
with 1 if --check is given and a target is missed.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from dataclasses import replace
from pathlib import Path

from firestore_engines import engines
from firestore_operations import operations
from firestore_report import as_data, growths, print_table, refusals, rows
from firestore_rounds import Figures, Plan, measure_operations, measure_processes
from rich.console import Console

USUAL = Plan(rounds=5, seconds=0.8, warm=3.0, stock_seconds=1.0, filled=10_000, sizes=(1_000, 10_000, 100_000))
QUICK = Plan(rounds=1, seconds=0.1, warm=0.1, stock_seconds=0.05, filled=500, sizes=(500, 1_000))


def main() -> int:
    """Measure, print, and write JSON if asked to."""
    args = _arguments()
    plan = QUICK if args.quick else USUAL
    if args.full:
        plan = replace(plan, sizes=(*plan.sizes, 1_000_000))
    if args.rounds:
        plan = replace(plan, rounds=args.rounds)
    compared, notes = engines(args.npm)
    asked = [each for each in operations(plan.sizes) if args.only is None or args.only in each.name]
    figures = Figures()
    errors = Console(stderr=True)
    try:
        with errors.status("starting") as status:  # shows nothing in a pipe
            if args.only is None:
                measure_processes(compared, plan, figures, status.update)
            measure_operations(compared, asked, plan, figures, status.update)
    except KeyboardInterrupt:
        return 130
    names = [each.name for each in compared]
    found = rows(figures, names, [each.name for each in asked], plan)
    grown = growths(figures, names, plan.sizes)
    console = Console(width=None if sys.stdout.isatty() else 120, highlight=False)
    print_table(console, found, grown, names)
    machine = {"python": platform.python_version(), "system": platform.platform(), "cpus": os.cpu_count()}
    console.print()
    for line in (", ".join(f"{name} {value}" for name, value in machine.items()), *refusals(figures), *notes):
        console.print(line, markup=False)
    if args.json:
        data = {"machine": machine, "notes": notes, **as_data(found, grown, figures)}
        args.json.write_text(json.dumps(data, indent=2) + "\n", encoding="utf-8")
    missed = any(each.is_met is False for each in found) or any(each.is_flat is False for each in grown)
    return 1 if args.check and missed else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add("--json", type=Path, metavar="FILE", help="write every figure to this file too")
    add("--npm", type=Path, metavar="FOLDER", help="where `npm install @firestore-emulator/server` was run")
    add("--rounds", type=int, metavar="N", help="measurements of everything (default: 5)")
    add("--only", metavar="TEXT", help="only operations whose names contain this, and no starts")
    add("--check", action="store_true", help="exit with 1 if a target is missed")
    size = parser.add_mutually_exclusive_group()
    size.add_argument("--quick", action="store_true", help="see that it works: one short round, small collections")
    size.add_argument("--full", action="store_true", help="a collection of a million documents too")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
