"""Where an expression stands while its types are examined: what it sees, and what its variables are used as.

Uses are gathered from the inside outwards. Where two parts of an expression meet that cannot agree on a variable, that
is reported, and from there on outwards the variable may be anything. The order of types is that of the first use.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from firewarden.language import ast
from firewarden.language.checks import positions
from firewarden.language.checks.findings import warning
from firewarden.language.checks.scopes import Definition, Scope
from firewarden.language.checks.signatures import EVERY, Types
from firewarden.language.diagnostics import Diagnostic

Expected = Types | None
"""What a place wants, or what an expression can be; None is anything."""


@dataclass(frozen=True, slots=True, eq=False)
class Unknown:
    """A variable of no known type: a parameter, a `let`, or one that a service provides."""

    name: str


Uses = dict[Unknown, Types]
"""By variable: what all its uses agree on."""


@dataclass(frozen=True, slots=True)
class Signature:
    """A function as its callers see it."""

    parameters: tuple[Expected, ...]
    result: Expected


class Link(NamedTuple):
    """An expression between the dots of a chain, and what is wanted of it."""

    node: ast.Expression
    wanted: Expected
    at: ast.Span


Rule = Callable[..., Expected]
"""How one kind of expression is examined: `rule(node, wanted, place, at)`."""


@dataclass(slots=True, eq=False)
class Place:
    """The surroundings of an expression."""

    rules: Mapping[type[ast.Node], Rule]
    scope: Scope
    services: frozenset[str]
    """The services whose allows lead here."""
    shared: bool
    """Whether it is the file's and the file has several services."""
    locals: Mapping[str, Unknown]
    say: Callable[[Diagnostic], None]
    signature: Callable[[Definition, Expected], Signature]
    is_pattern: Callable[[str], bool]
    parts: list[Uses] = field(default_factory=list)
    """The uses of variables in each part of the expression that is being looked at."""
    receiver: Link | None = None
    """What stands before the dot or bracket of the expression that is being looked at, to be looked at next."""

    def examine(self, node: ast.Expression, wanted: Expected) -> tuple[Expected, Uses]:
        """Check a whole expression where `wanted` is wanted; return what it can be, and how it uses variables."""
        types = self.infer(node, wanted)
        return types, self.parts.pop()

    def infer(self, node: ast.Expression, wanted: Expected) -> Expected:
        """Check an expression inside another one: how it uses variables becomes a part of the other one's uses."""
        outer = self.parts, self.receiver
        links: list[tuple[ast.Span, list[Uses]]] = []
        types = self._look(Link(node, wanted, positions.of(node)), links)
        # Chains of dots may be long: a loop, not a recursion, goes along them.
        while (link := self.receiver) is not None:
            self._look(link, links)
        uses: Uses = {}
        for start, parts in reversed(links):
            uses = merged([uses, *parts], start, self.say)
        self.parts, self.receiver = outer
        self.parts.append(uses)
        return types

    def _look(self, link: Link, links: list[tuple[ast.Span, list[Uses]]]) -> Expected:
        self.parts, self.receiver = [], None
        links.append((link.node.span, self.parts))
        node = positions.ungrouped(link.node)
        return self.rules[type(node)](node, link.wanted, self, link.at)


def merged(parts: Sequence[Uses], start: ast.Span, say: Callable[[Diagnostic], None]) -> Uses:
    """Return what all parts agree on, and report each variable on which they do not."""
    filled = [part for part in parts if part]
    if len(filled) < 2:
        return filled[0] if filled else {}
    uses = dict(filled[0])
    for part in filled[1:]:
        for variable, types in part.items():
            uses[variable] = tuple(each for each in uses.get(variable, types) if each in types)
    for variable in [variable for variable, types in uses.items() if not types]:
        say(no_type(variable.name, start))
        uses[variable] = EVERY
    return uses


def no_type(name: str, span: ast.Span) -> Diagnostic:
    """Say that the uses of a variable cannot be reconciled."""
    text = f"Invalid type. There is no type for variable '{name}' that satisfies all clauses."
    return warning("no-type", span, text, f"No value of `{name}` fits all its uses")
