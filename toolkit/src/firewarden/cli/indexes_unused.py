"""`firewarden indexes unused`: which defined indexes does no query need?"""

from __future__ import annotations

import argparse
import json
import sys

from firewarden.cli.index_files import add_findings, compared
from firewarden.cli.options import Commands, add_command

_EXAMPLES = """\
  firewarden indexes unused
  firewarden indexes unused --queries indexes/queries.yaml --usage recorded.json"""


def add_to(commands: Commands) -> None:
    """Declare the command and its arguments."""
    command = add_command(
        commands,
        "unused",
        summary="find indexes that no query needs",
        about="Plan every query and name the definitions that none of them uses: they cost every write.\n"
        "Exemptions cost nothing and are not named. Exit 1 if there are such indexes.",
        examples=_EXAMPLES,
    )
    add_findings(command)
    command.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """1 if an index is unused."""
    found = compared(args)
    unused = [str(each) for each in found.judgement.unused]
    if args.json:
        print(json.dumps({"queries": found.count, "unused": unused}))
        return int(bool(unused))
    for each in unused:
        print(f"used by no query: {each}")
    if not unused:
        print(f"{found.count} queries use every index in {found.file}", file=sys.stderr)
    return int(bool(unused))
