"""Where an expression stands while its types are examined: what it sees, and what its variables are used as.

Uses are gathered from the inside outwards. Where two parts of an expression meet that cannot agree on a variable, that
is reported, and from there on outwards the variable may be anything. The order of types is that of the first use.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

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


Rule = Callable[..., Expected]
"""How one kind of expression is examined: `rule(node, wanted, place, whole)`; the whole has its parentheses."""


@dataclass(slots=True, eq=False)
class Place:
    """The surroundings of an expression."""

    rules: Mapping[type[ast.Node], Rule]
    scope: Scope
    services: frozenset[str]
    """The services whose allows lead here."""
    shared: bool
    """Whether it is in no service, but the file's own."""
    locals: Mapping[str, Unknown]
    say: Callable[[Diagnostic], None]
    signature: Callable[[Definition, Expected], Signature]
    is_pattern: Callable[[str], bool]
    parts: list[Uses] = field(default_factory=list)
    """The uses of variables in each part of the expression that is being looked at."""
    receiver: tuple[ast.Expression, Expected] | None = None
    """What stands before the dot or bracket of the expression that is being looked at, to be looked at next."""

    def examine(self, node: ast.Expression, wanted: Expected) -> tuple[Expected, Uses]:
        """Check a whole expression where `wanted` is wanted; return what it can be, and how it uses variables."""
        types = self.infer(node, wanted)
        return types, self.parts.pop() if self.parts else {}

    def infer(self, whole: ast.Expression, wanted: Expected) -> Expected:
        """Check an expression inside another one: how it uses variables becomes a part of the other one's uses."""
        node = positions.ungrouped(whole)
        rule = self.rules[type(node)]
        if type(node) in _LEAVES:
            return rule(node, wanted, self, whole)
        outer, self.parts = self.parts, []
        types = rule(node, wanted, self, whole)
        uses = self._chain(whole) if self.receiver else merged(self.parts, whole.span, self.say)
        if uses:
            outer.append(uses)
        self.parts = outer
        return types

    def wait(self, receiver: ast.Expression, wanted: Expected) -> None:
        """Leave what stands before a dot or bracket for later. Parentheses around it do not count."""
        self.receiver = positions.ungrouped(receiver), wanted

    def _chain(self, whole: ast.Expression) -> Uses:
        """Look at what stands before the dots. Chains of these may be long: a loop, not a recursion, goes along."""
        links = [(whole, self.parts)]
        while self.receiver:
            node, wanted = self.receiver
            self.parts, self.receiver = [], None
            self.rules[type(node)](node, wanted, self, node)
            links.append((node, self.parts))
        uses: Uses = {}
        for link, parts in reversed(links):
            if parts:
                uses = merged([uses, *parts], link.span, self.say)
        return uses


def merged(parts: Sequence[Uses], start: ast.Span, say: Callable[[Diagnostic], None]) -> Uses:
    """Return what all parts agree on, and report each variable on which they do not."""
    if len(parts) < 2:
        return parts[0] if parts else {}
    uses = dict(parts[0])
    for part in parts[1:]:
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


_LEAVES: Final = frozenset({ast.Variable, ast.Null, ast.Bool, ast.Int, ast.Float, ast.String, ast.Bytes})
"""What has nothing inside, and uses one variable at most, whose use is then a part by itself."""
