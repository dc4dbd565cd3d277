"""Picks the command and turns what goes wrong into one message and an exit code."""

import argparse
import sys
from collections.abc import Sequence
from importlib.metadata import version

from firewarden.cli import (
    emulator,
    functions_serve,
    indexes_check,
    indexes_derive,
    indexes_unused,
    rules_bench,
    rules_build,
    rules_check,
    rules_eval,
    rules_explain,
    rules_replay,
    serve,
)
from firewarden.errors import FirewardenError

FINDINGS = 1
COULD_NOT_RUN = 2
_INTERRUPTED = 130  # what a shell reports for a command ended by Ctrl-C

_GROUPS = {
    "rules": ("security rules", (rules_check, rules_eval, rules_explain, rules_bench, rules_replay, rules_build)),
    "indexes": ("composite indexes", (indexes_check, indexes_derive, indexes_unused)),
    "functions": ("Cloud Functions on this machine", (functions_serve,)),
}
_COMMANDS = (serve, emulator)


def main(argv: Sequence[str] | None = None) -> int:
    """Every failure that a person can act on ends in a message on stderr, never in a traceback."""
    args = parser().parse_args(argv)
    try:
        code: int = args.run(args)
    except FirewardenError as error:
        print(f"firewarden: {error.message}", file=sys.stderr)
        if error.hint:
            print(error.hint, file=sys.stderr)
        return COULD_NOT_RUN
    except KeyboardInterrupt:
        return _INTERRUPTED
    return code


def parser() -> argparse.ArgumentParser:
    """Return the parser of the whole command line; documentation is checked against it."""
    root = argparse.ArgumentParser(
        prog="firewarden",
        description="Prove a Firestore backend on a laptop.",
        epilog="Exit codes: 0 fine, 1 findings, 2 could not run.",
    )
    root.add_argument("--version", action="version", version=f"firewarden {version('firewarden')}")
    commands = root.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for name, (summary, members) in _GROUPS.items():
        group = commands.add_parser(name, help=summary, description=summary.capitalize() + ".")
        within = group.add_subparsers(title="commands", metavar="COMMAND", required=True)
        for command in members:
            command.add_to(within)
    for command in _COMMANDS:
        command.add_to(commands)
    return root
