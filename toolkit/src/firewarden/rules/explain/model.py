"""An explanation as frozen values."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from firewarden.language import ast
from firewarden.language.depth import with_room
from firewarden.rules.decision import Decision
from firewarden.rules.kinds import Value
from firewarden.rules.outcomes import EvalError
from firewarden.rules.query import Filter
from firewarden.rules.requests import Request


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """One evaluated expression: what it came to, and the steps it is made of.

    For a call of a function of the ruleset, `body` is the step of the function's result, and those of its `let`s are
    among the children: `let` is the name that such a step's value has.
    """

    node: ast.Expression
    outcome: Value
    children: tuple[Step, ...]
    body: Step | None = None
    let: str = ""

    @property
    def is_error(self) -> bool:
        """Whether it came to no value."""
        return isinstance(self.outcome, EvalError)

    def walk(self) -> Iterator[Step]:
        """This step and all below, as they are written."""
        yield self
        for each in self.children:
            yield from each.walk()
        if self.body is not None:
            yield from self.body.walk()


@dataclass(frozen=True, slots=True, eq=False)
class AllowTrace:
    """One `allow` that was asked. `trace` is None if a limit ended it, or if it has no condition."""

    match: str
    allow: ast.Allow
    span: ast.Span
    outcome: bool | EvalError
    trace: Step | None


@dataclass(frozen=True, slots=True)
class NearMiss:
    """A match block that nearly decides about a path, and what keeps it from that."""

    match: str
    difference: str
    line: int


@dataclass(frozen=True, slots=True)
class Lookup:
    """One document that conditions asked for: by which function, and whether that found it."""

    function: str
    path: str
    found: bool
    is_error: bool


@dataclass(frozen=True, slots=True)
class Usage:
    """What was spent of the budgets: expressions of 1,000, and lookups, which the alternatives of a query share."""

    expressions: int
    lookups: int
    lookups_max: int

    @property
    def has_no_lookups_left(self) -> bool:
        """Whether the next lookup of another document is refused."""
        return self.lookups >= self.lookups_max


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """One thing that had to be allowed: a document, or one alternative of a query (`is_query`).

    `alternative` is what the filters of that alternative promise, if the query has several.
    """

    method: str
    path: str
    allowed: bool
    allows: tuple[AllowTrace, ...]
    usage: Usage
    near_misses: tuple[NearMiss, ...] = ()
    lookups: tuple[Lookup, ...] = ()
    is_query: bool = False
    alternative: str = ""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Filters that make a denied query one that the rules allow; proved by deciding it.

    They stand in place of `replaced`, filters of the query on the same fields that prove too little.
    """

    filters: tuple[Filter, ...]
    replaced: tuple[Filter, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Explanation:
    """A decision with everything that led to it. `source` is the text of the rules."""

    decision: Decision
    request: Request
    source: str
    parts: tuple[Part, ...]
    suggestion: Suggestion | None = None

    @property
    def denied(self) -> Part | None:
        """The first part that was refused. Documents after it are not asked; the other alternatives of a query are."""
        return next((part for part in self.parts if not part.allowed), None)

    def text(self, *, verbose: bool = False, color: bool = False) -> str:
        """The explanation for a person: what decided, or with `verbose` every value."""
        from firewarden.rules.explain.text import rendered  # noqa: PLC0415 - the text is made of this model

        return with_room(lambda: rendered(self, verbose=verbose, color=color))

    def to_json(self) -> dict[str, Any]:
        """The explanation for a program; `docs/explain.md` describes the keys."""
        from firewarden.rules.explain.report import as_json  # noqa: PLC0415 - as above

        return with_room(lambda: as_json(self))


def ungrouped(node: ast.Expression) -> ast.Expression:
    """The expression in any number of parentheses: steps are those of what is inside."""
    while isinstance(node, ast.Group):
        node = node.inner
    return node
