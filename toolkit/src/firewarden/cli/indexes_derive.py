"""`firewarden indexes derive`: the definitions that the queries need."""

from __future__ import annotations

import argparse
import sys

from firewarden.cli.index_files import Compared, add_sources, compared
from firewarden.cli.options import Commands, add_command

_EXAMPLES = """\
  firewarden indexes derive > firestore.indexes.json
  firewarden indexes derive --write --prune
  firewarden indexes derive --usage recorded.json --write"""


def add_to(commands: Commands) -> None:
    """Declare the command and its arguments."""
    command = add_command(
        commands,
        "derive",
        summary="write the indexes that your queries need",
        about="Print the file of definitions with an entry added for every index that is missing.\n"
        "What is there stays as it is, unless it is used by no query and --prune is given.",
        examples=_EXAMPLES,
    )
    add_sources(command)
    command.add_argument("--prune", action="store_true", help="leave out what no query uses; exemptions stay")
    command.add_argument("--write", action="store_true", help="write the file itself instead of stdout")
    command.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """0: what is missing is added."""
    from firewarden.indexes import derived  # noqa: PLC0415 - only these commands plan queries
    from firewarden.indexes.deriving import written  # noqa: PLC0415 - as above

    found = compared(args)
    unused = found.judgement.unused if args.prune else ()
    text = written(derived(found.content, [need for _, need in found.judgement.missing], unused))
    if not args.write:
        print(text, end="")
        return 0
    found.file.write_text(text, encoding="utf-8")
    print(f"{found.file}: {_changes(found, len(unused))}", file=sys.stderr)
    return 0


def _changes(found: Compared, removed: int) -> str:
    added = len({need for _, need in found.judgement.missing})
    return f"{added} added, {removed} removed"
