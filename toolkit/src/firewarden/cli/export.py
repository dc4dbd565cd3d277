"""`firewarden export`: a database as files, in the format of Firestore and its emulators."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from firewarden.cli.database_choice import add_choice_options, ask, chosen, opened
from firewarden.cli.options import Commands, add_command, needs_extra
from firewarden.cli.progress import counting
from firewarden.cli.project import find_project
from firewarden.errors import ExportRefused

_EXAMPLES = """\
  firewarden export backup                      of the server that FIRESTORE_EMULATOR_HOST names
  firewarden export backup --data .firestore    of a server that does not run now
  firebase emulators:start --import backup      Google's emulator begins with it"""


def add_to(commands: Commands) -> None:
    """Declare the command and its arguments."""
    command = add_command(
        commands,
        "export",
        summary="write a database as files that every Firestore emulator imports",
        about="Write a database into a folder, as `firebase emulators:export` does. An older export there stays whole\n"
        "and in force until the new one is. Prints the file that an import begins with.",
        examples=_EXAMPLES,
    )
    command.add_argument("folder", type=Path, metavar="DIR", help="where to; made if it is not there")
    add_choice_options(command)
    command.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """0 when it is written."""
    with needs_extra("server"):
        from firewarden.server.exporting import export_database  # noqa: PLC0415 - needs protocol buffers
        from firewarden.store.exports import new_place, record_exports  # noqa: PLC0415 - as above
    project = find_project(Path.cwd())
    name = chosen(args, project)
    root: Path = args.folder.absolute()
    place = new_place(root, name.database)
    if args.data is None:
        metadata = place / f"{place.name}.overall_export_metadata"
        _make(root)
        served = ask(args, project, name, "export", {"export_directory": str(root), "export_name": place.name})
        if not metadata.is_file():
            raise ExportRefused(
                f"{served} has exported to {place}, on its own disk and not on this one.",
                hint="Run this command where the server runs, or give both the same folder.",
            )
        print(f"exported {name} to {args.folder}", file=sys.stderr)
    else:
        with opened(args.data) as engine, counting("exported") as progress:
            metadata, number = export_database(engine, name, place, progress=progress)
        print(f"exported {number} documents of {name} to {args.folder}", file=sys.stderr)
    record_exports(root, {name.database: metadata})
    print(metadata)
    return 0


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ExportRefused(f"{folder} cannot be made: {error.strerror}.", hint="Name another folder.") from error
