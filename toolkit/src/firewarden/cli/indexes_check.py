"""`firewarden indexes check`: does every query have the indexes that production asks for?"""

from __future__ import annotations

import argparse
import json
import sys

from firewarden.cli.index_files import add_findings, compared
from firewarden.cli.options import Commands, add_command

_EXAMPLES = """\
  firewarden indexes check
  firewarden indexes check --queries indexes/queries.yaml --index-file indexes/firestore.indexes.json
  firewarden indexes check --usage recorded.json"""


def add_to(commands: Commands) -> None:
    """Declare the command and its arguments."""
    command = add_command(
        commands,
        "check",
        summary="find queries that lack an index",
        about="Plan every query as Firestore does and name what is not defined, with the entry to add.\n"
        "No server takes part. Exit 1 if an index is missing.",
        examples=_EXAMPLES,
    )
    add_findings(command)
    command.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """1 if a query lacks an index."""
    found = compared(args)
    missing = [(name, need.override() or need.definition(), str(need)) for name, need in found.judgement.missing]
    if args.json:
        entries = [{"query": name, "add": entry} for name, entry, _ in missing]
        print(json.dumps({"queries": found.count, "missing": entries}))
        return int(bool(missing))
    for name, entry, text in missing:
        print(f"missing for {name!r}: {text}")
        print(f"  {'fieldOverrides' if 'fieldPath' in entry else 'indexes'}: {json.dumps(entry)}")
    if missing:
        print("`firewarden indexes derive` writes the whole file.", file=sys.stderr)
    else:
        print(f"{found.count} queries have their indexes in {found.file}", file=sys.stderr)
    return int(bool(missing))
