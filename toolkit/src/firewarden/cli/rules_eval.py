"""`firewarden rules eval`: what one expression of the rules language comes to."""

from __future__ import annotations

import argparse
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console

from firewarden.cli.options import Commands, add_command
from firewarden.cli.rules_files import add_compatibility, compatibility, read_rules
from firewarden.cli.rules_values import document, moment, token
from firewarden.language import Diagnostic, ast, render
from firewarden.rules import EvalError, RulesetInvalid, auth_of
from firewarden.rules.evaluating import Surroundings, evaluate, lines_above, relative, source_of
from firewarden.rules.kinds import Value, type_name
from firewarden.rules.notation import error_text, written
from firewarden.rules.recordings.typed import encoded
from firewarden.values import Timestamp

_EXAMPLES = """\
  firewarden rules eval "'a,b'.split(',')"
  firewarden rules eval "request.time + duration.value(1, 'h')" --time 2026-05-01T10:00:00Z
  firewarden rules eval "resource.data.owner == request.auth.uid" --data '{"owner": "ana"}' --auth '{"sub": "ana"}'
  firewarden rules eval "isOwner()" --functions shared.rules -v"""


def add_to(commands: Commands) -> None:
    """Declare the command and its arguments."""
    command = add_command(
        commands,
        "eval",
        summary="evaluate one expression",
        about="Evaluate an expression as the condition of an allow would be, and show its value and type, or the\n"
        'error with its place. JSON strings stay strings; write a time as {"$time": "2026-05-01T10:00:00Z"}.',
        examples=_EXAMPLES,
    )
    command.add_argument("expression", metavar="EXPR", help="an expression of the rules language")
    command.add_argument("--auth", type=token, metavar="JSON", help="claims of the ID token; `sub` is the uid")
    command.add_argument("--data", type=document, metavar="JSON", help="resource.data: the document as stored")
    command.add_argument("--new", type=document, metavar="JSON", help="request.resource.data: as it would be written")
    command.add_argument("--time", type=moment, metavar="TIME", help="request.time (default: now)")
    command.add_argument("--functions", type=Path, metavar="FILE", help="function definitions that it may call")
    add_compatibility(command, default="production")
    command.add_argument("-v", "--verbose", action="store_true", help="the value of every sub-expression too")
    command.add_argument("--json", action="store_true", help="typed JSON on stdout")
    command.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """0 when the expression has a value, 1 when it is an error or does not compile."""
    functions = read_rules(args.functions) if args.functions else ""
    surroundings = Surroundings(
        time=args.time or Timestamp.of(datetime.now(UTC)), auth=auth_of(args.auth), before=args.data, after=args.new
    )
    steps: list[tuple[ast.Expression, Value]] = []
    try:
        value = evaluate(
            args.expression,
            surroundings,
            functions=functions,
            compatibility=compatibility(args),
            tracer=(lambda node, outcome: steps.append((node, outcome))) if args.verbose else None,
        )
    except RulesetInvalid as invalid:
        return _refused(invalid.diagnostics, args.expression, functions)
    console = Console(soft_wrap=True, highlight=False, markup=False)
    if args.json:
        print(json.dumps(_typed(value)))
    else:
        source = source_of(args.expression, functions=functions)
        for node, outcome in sorted(steps, key=_as_written):
            console.print(f"{source[node.span.start : node.span.end]}  →  {written(outcome, longest=100)}", style="dim")
        _show(value, args.expression, functions, console)
    return int(isinstance(value, EvalError))


def _as_written(step: tuple[ast.Expression, Value]) -> tuple[int, int]:
    """Every part before the whole, from left to right; they are evaluated from right to left."""
    span = step[0].span
    return span.end, -span.start


def _show(value: Value, expression: str, functions: str, console: Console) -> None:
    if not isinstance(value, EvalError):
        console.print(f"{written(value)}", end="")
        console.print(f"   {type_name(value)}", style="dim")
        return
    console.print(f"error: {error_text(value)}", style="bold red")
    if value.span is not None:
        span = relative(value.span, functions=functions)
        if span.line >= 1:
            line = expression.split("\n")[span.line - 1]
            console.print(f"  {line}")
            console.print(
                f"  {' ' * (span.column - 1)}{'^' * max(1, min(span.end - span.start, len(line)))}", style="red"
            )


def _refused(diagnostics: tuple[Diagnostic, ...], expression: str, functions: str) -> int:
    above = lines_above(functions=functions)
    console = Console(soft_wrap=True, highlight=False, markup=False, stderr=True)
    for each in diagnostics:
        inside = each.span.line > above
        text = expression if inside else functions
        span = each.span._replace(line=each.span.line - (above if inside else 4))
        moved = Diagnostic(each.severity, each.code, each.message, span, each.official, each.hint)
        console.print(render(moved, text, "expression" if inside else "functions"))
    return 1


def _typed(value: Value) -> dict[str, Any]:
    if isinstance(value, EvalError):
        return {"error": value.text}
    return encoded(value)
