"""The function of one condition: its set-up, its one expression, and the budget it has spent."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from firewarden.language import ast
from firewarden.rules.codegen.expressions import Emitter
from firewarden.rules.codegen.piece import Unsupported
from firewarden.rules.codegen.runtime import NAMES
from firewarden.rules.codegen.writer import Writer
from firewarden.rules.compiler.code import EXPRESSIONS_MAX, Evaluation
from firewarden.rules.compiler.scope import Scope
from firewarden.rules.outcomes import LimitReached, Refusal, RequestCrashed

Generated = Callable[[Evaluation], bool]
"""A condition's value; raises one of `SURPRISES` where only the closures know."""

_TEMPLATE = """\
def condition(evaluation):
    captures = evaluation.captures
{setup}
    value = {value}
    if value is True or value is False:
        return value
    raise SURPRISE
"""
_COUNTING = """\
def condition(evaluation):
    captures = evaluation.captures
{setup}
    n = evaluation.spent + {cost}
    value = {value}
    if n <= {most} and (value is True or value is False):
        evaluation.spent = n
        return value
    raise SURPRISE
"""


def generate(
    condition: ast.Expression, scope: Scope, captures: Sequence[type | None], *, proving: bool, counting: bool
) -> Generated | None:
    """The condition as a Python function, or None if it holds what only the closures evaluate.

    `captures` are the types of what the wildcards of the match are bound to. With `proving` the function also
    takes what a query promises for values; with `counting` it keeps the budget.
    """
    writer = Writer(proving=proving, counting=counting)
    try:
        piece = Emitter(writer, scope, captures).emit(condition)
    except (Unsupported, Refusal, LimitReached, RequestCrashed, KeyError, RecursionError):
        return None  # what goes wrong here would go wrong at every evaluation: the closures tell how
    setup = "\n".join(f"    {name} = {text}" for name, text in writer.setup.items())
    template = _COUNTING if counting else _TEMPLATE
    source = template.format(setup=setup, cost=writer.cost, value=piece.text, most=EXPRESSIONS_MAX)
    return _function(source, {**NAMES, **writer.constants})


def _function(source: str, names: dict[str, Any]) -> Generated | None:
    try:
        code = compile(source, "<generated from rules>", "exec")
    except (SyntaxError, RecursionError, MemoryError):
        return None  # nested deeper than Python's own compiler takes
    exec(code, names)  # noqa: S102  # the source is made of names and literals of our own, see piece and writer
    condition: Generated = names["condition"]
    return condition
