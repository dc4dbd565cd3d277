"""`firewarden rules check`: what the compiler would say, in words that help."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.text import Text

from firewarden.cli.options import Commands, add_command
from firewarden.cli.rules_files import read_rules, rules_file
from firewarden.language import Diagnostic, Severity, render
from firewarden.rules import check

_STYLES = {Severity.ERROR: "bold red", Severity.WARNING: "bold yellow"}
_EXAMPLES = """\
  firewarden rules check                     the rules of firebase.json, or ./firestore.rules
  firewarden rules check a.rules b.rules     these files
  firewarden rules check --official          with the words of Google's compiler beside ours
  firewarden rules check --json | jq .       for machines"""


def add_to(commands: Commands) -> None:
    """Declare the command and its arguments."""
    command = add_command(
        commands,
        "check",
        summary="find what Firebase would refuse or warn about",
        about="Compile rules files and show every error and warning with its place. Nothing is deployed or asked of\n"
        "a server.",
        examples=_EXAMPLES,
    )
    command.add_argument("files", nargs="*", type=Path, metavar="FILE", help="rules files (default: your project's)")
    command.add_argument("--official", action="store_true", help="show the official compiler's words too")
    command.add_argument("--json", action="store_true", help="one JSON object for all files, on stdout")
    command.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """0 when every file compiles, 1 when one does not; warnings do not fail."""
    files = args.files or [rules_file(None)]
    checked = [(file, text, check(text)) for file in files for text in [read_rules(file)]]
    if args.json:
        print(json.dumps({str(file): [_as_json(each) for each in found] for file, _, found in checked}, indent=2))
    else:
        _show(checked, official=args.official)
    return int(any(each.severity is Severity.ERROR for _, _, found in checked for each in found))


_Checked = Sequence[tuple[Path, str, Sequence[Diagnostic]]]


def _show(checked: _Checked, *, official: bool) -> None:
    console = Console(soft_wrap=True, highlight=False)
    for file, text, found in checked:
        for each in found:
            for line in _lines(each, text, file, official=official):
                console.print(line)
            console.print()
    talk = Console(stderr=True, soft_wrap=True, highlight=False)
    for file, text, found in checked:
        talk.print(_summary(file, text, found))


def _lines(diagnostic: Diagnostic, text: str, file: Path, *, official: bool) -> Iterator[Text]:
    style = _STYLES[diagnostic.severity]
    head, *excerpt = render(diagnostic, text, str(file)).split("\n")
    place, _, message = head.partition(f" {diagnostic.severity}: ")
    yield Text.assemble((place, "bold"), " ", (f"{diagnostic.severity}: ", style), (message, "bold"))
    for number, line in enumerate(excerpt):
        yield Text(line, style=style if number == 1 else "cyan" if number > 1 else "")
    if official:
        for issue in diagnostic.official:
            yield Text(f"  official: {issue}", style="dim")


def _summary(file: Path, text: str, found: Sequence[Diagnostic]) -> str:
    errors = sum(each.severity is Severity.ERROR for each in found)
    warnings = len(found) - errors
    lines = text.count("\n") + (not text.endswith("\n"))
    return f"{file}: {_count(errors, 'error')}, {_count(warnings, 'warning')}, {_count(lines, 'line')}"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _as_json(diagnostic: Diagnostic) -> dict[str, Any]:
    span = diagnostic.span
    return {
        "severity": str(diagnostic.severity),
        "code": diagnostic.code,
        "message": diagnostic.message,
        "hint": diagnostic.hint or None,
        "line": span.line,
        "column": span.column,
        "start": span.start,
        "end": span.end,
        "official": [str(each) for each in diagnostic.official],
    }
