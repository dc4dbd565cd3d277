"""`firewarden import`: an export of Firestore or of an emulator, read into a database."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from firewarden.cli.database_choice import add_choice_options, ask, chosen, opened
from firewarden.cli.options import Commands, add_command, needs_extra
from firewarden.cli.progress import counting
from firewarden.cli.project import find_project
from firewarden.errors import ExportDamaged

_EXAMPLES = """\
  firewarden import backup                      into the server that FIRESTORE_EMULATOR_HOST names
  firewarden import backup --data .firestore    into the folder of one that does not run now
  firewarden import 2026-11-21T08:00:00_1234    what `gcloud firestore export` wrote, copied from its bucket"""


def add_to(commands: Commands) -> None:
    """Declare the command and its arguments."""
    command = add_command(
        commands,
        "import",
        summary="read an export into a database",
        about="Write all documents of an export into a database, or none of them. Others that are there stay.",
        examples=_EXAMPLES,
    )
    command.add_argument("export", type=Path, metavar="DIR", help="an export, or its .overall_export_metadata file")
    add_choice_options(command)
    command.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """0 when it is imported."""
    with needs_extra("server"):
        from firewarden.server.exporting import import_database  # noqa: PLC0415 - needs protocol buffers
        from firewarden.store.exports import database_of, find_exports  # noqa: PLC0415 - as above
    project = find_project(Path.cwd())
    name = chosen(args, project)
    found = find_exports(args.export.absolute())
    metadata = next((each for each in found if database_of(each) == name.database), None)
    if metadata is None:
        raise ExportDamaged(
            f"{args.export} holds no database {name.database}.",
            hint=f"It holds: {', '.join(sorted(map(database_of, found)))}. Name one with --database.",
        )
    if args.data is None:
        served = ask(args, project, name, "import", {"export_directory": str(metadata)})
        print(f"imported {args.export} into {name} of {served}", file=sys.stderr)
        return 0
    with opened(args.data, make=True) as engine, counting("imported") as progress:
        number = import_database(engine, name, metadata, progress=progress)
    print(f"imported {number} documents into {name}", file=sys.stderr)
    return 0
