"""`firewarden rules build`: one deployable rules file out of a folder of fragments."""

import argparse
import difflib
import os
import sys
from pathlib import Path

from firewarden.cli.options import Commands, add_command
from firewarden.cli.project import find_project
from firewarden.errors import FaultyFile, FirewardenError
from firewarden.rules import Assembly, Fragment, assemble

_DIFF_LINES_MAX = 12

_EXAMPLES = """\
  firewarden rules build                 rules/*.rules into firestore.rules
  firewarden rules build --check         exit 1 when firestore.rules is stale (for CI)
  firewarden rules build --source security --output build/firestore.rules"""


def add_to(commands: Commands) -> None:
    """Declare the command and its arguments."""
    command = add_command(
        commands,
        "build",
        summary="assemble rules/*.rules into the file that is deployed",
        about="Assemble one rules file per domain, and shared.rules before them, into the one file that Firebase\n"
        "deploys. Equal fragments give equal bytes.",
        examples=_EXAMPLES,
    )
    command.add_argument(
        "--source", type=Path, metavar="DIR", help="folder of fragments (default: rules beside firebase.json)"
    )
    command.add_argument(
        "--output",
        type=Path,
        metavar="FILE",
        help="file to write (default: firestore.rules in firebase.json, else firestore.rules)",
    )
    command.add_argument("--check", action="store_true", help="write nothing; exit 1 when the file is stale")
    command.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """0 when the file is as it should be afterwards, 1 when a check finds it stale."""
    project = find_project(Path.cwd())
    source: Path = args.source or project.root / "rules"
    output: Path = args.output or project.firestore_rules or project.root / "firestore.rules"
    assembly = _assembled(source, output)
    current = output.read_bytes().decode(errors="replace") if output.is_file() else None
    if args.check:
        return _report_check(assembly, output, current)
    if current != assembly.text:
        _replace(output, assembly.text)
    outcome = "unchanged" if current == assembly.text else "written"
    print(f"{output}: {outcome}, {len(assembly.origins)} lines", file=sys.stderr)
    return 0


def _assembled(source: Path, output: Path) -> Assembly:
    if not source.is_dir():
        raise FirewardenError(f"There is no folder {source}.", hint="Name the folder of your fragments with --source.")
    files = sorted(file for file in source.glob("*.rules") if file.resolve() != output.resolve())
    if not files:
        raise FirewardenError(
            f"There is no *.rules file in {source}.", hint="Write one fragment per domain, such as rules/users.rules."
        )
    # Named from where the result lies, so that the bytes do not depend on the folder one stands in.
    home = output.resolve().parent
    fragments = [
        Fragment(Path(os.path.relpath(file.resolve(), home)).as_posix(), file.read_text(encoding="utf-8"))
        for file in files
    ]
    folder = Path(os.path.relpath(source.resolve(), home)).as_posix()
    assembly = assemble(fragments, sources=f"{folder}/*.rules")
    if assembly.faults:
        raise FaultyFile(assembly.faults, hint="Nothing was written.")
    return assembly


def _report_check(assembly: Assembly, output: Path, current: str | None) -> int:
    if current == assembly.text:
        return 0
    if current is None:
        print(f"{output} does not exist; `firewarden rules build` writes it", file=sys.stderr)
        return 1
    print(f"{output} is stale; `firewarden rules build` brings it up to date", file=sys.stderr)
    differences = difflib.unified_diff(
        current.splitlines(), assembly.text.splitlines(), str(output), "as it should be", n=1, lineterm=""
    )
    shown = list(differences)
    print("\n".join(shown[:_DIFF_LINES_MAX]))
    if len(shown) > _DIFF_LINES_MAX:
        print(f"... and {len(shown) - _DIFF_LINES_MAX} lines more", file=sys.stderr)
    return 1


def _replace(output: Path, text: str) -> None:
    """A reader sees the old file or the new one, never half of it."""
    output.parent.mkdir(parents=True, exist_ok=True)
    unfinished = output.with_name(f".{output.name}.tmp")
    unfinished.write_bytes(text.encode())
    unfinished.replace(output)
