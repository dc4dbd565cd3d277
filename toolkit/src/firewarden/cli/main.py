"""Picks the command and turns what goes wrong into one message and an exit code."""

import argparse
import sys
from collections.abc import Mapping, Sequence
from importlib import import_module
from keyword import iskeyword
from typing import Any

from firewarden.errors import FirewardenError

FINDINGS = 1
COULD_NOT_RUN = 2
_INTERRUPTED = 130  # what a shell reports for a command ended by Ctrl-C

# The command `check` of the group `rules` is the module rules_check.
_GROUPS: Mapping[str, tuple[str, Sequence[str]]] = {
    "rules": ("security rules", ("check", "eval", "explain", "bench", "coverage", "replay", "build")),
    "indexes": ("composite indexes", ("check", "derive", "unused")),
    "functions": ("Cloud Functions on this machine", ("serve",)),
}
_COMMANDS = ("serve", "exec", "bill", "export", "import", "emulator")


def main(argv: Sequence[str] | None = None) -> int:
    """Every failure that a person can act on ends in a message on stderr, never in a traceback."""
    arguments = sys.argv[1:] if argv is None else argv
    args = parser(arguments).parse_args(arguments)
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


def parser(arguments: Sequence[str] = ()) -> argparse.ArgumentParser:
    """Return the parser of the whole command line; documentation is checked against it.

    Where `arguments` name a command, only that one is there: importing all of them takes longer than most run.
    """
    root = argparse.ArgumentParser(
        prog="firewarden",
        description="Prove a Firestore backend on a laptop.",
        epilog="Exit codes: 0 fine, 1 findings, 2 could not run.",
    )
    root.add_argument("--version", action=_Version, nargs=0, help="show program's version number and exit")
    commands = root.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for name in _asked((*_GROUPS, *_COMMANDS), arguments[:1]):
        if name in _COMMANDS:
            import_module(f"firewarden.cli.{name}_" if iskeyword(name) else f"firewarden.cli.{name}").add_to(commands)
            continue
        summary, members = _GROUPS[name]
        group = commands.add_parser(name, help=summary, description=summary.capitalize() + ".")
        within = group.add_subparsers(title="commands", metavar="COMMAND", required=True)
        for member in _asked(members, arguments[1:2]):
            import_module(f"firewarden.cli.{name}_{member}").add_to(within)
    return root


def _asked(known: Sequence[str], argument: Sequence[str]) -> Sequence[str]:
    """The one that is asked for; all where none of them is."""
    return argument if argument and argument[0] in known else known


class _Version(argparse.Action):
    """Looks the version up only where it is asked for."""

    def __call__(self, parser: argparse.ArgumentParser, *_: Any) -> None:
        from importlib.metadata import version  # noqa: PLC0415 - takes longer than most commands need to start

        print(f"firewarden {version('firewarden')}")
        parser.exit()
