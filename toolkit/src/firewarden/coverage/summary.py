"""What a report comes to: which conditions were both met and not met, and how many expressions were evaluated at all.

A condition is what an `allow` or a function of the rules asks, and every operand of `&&`, `||`, `!` and every question
of `?:` that is not made of such operands itself. It has two outcomes: it is met (true), or it is not (false, or an
error, which denies as well). Coverage is the share of these outcomes that were seen.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from firewarden.coverage.places import Place, places
from firewarden.coverage.report import Expression, Report
from firewarden.errors import FirewardenError
from firewarden.language import ast
from firewarden.language.depth import with_room
from firewarden.rules.checking import parse_rules
from firewarden.rules.compiled import written_path

_COMPARED = frozenset({"==", "!=", "<", "<=", ">", ">=", "in"})
_CONNECTED = frozenset({"&&", "||"})


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition, as it is written, and what it came to."""

    text: str
    expression: Expression
    is_whole: bool
    """It is the whole condition of an `allow`."""

    @property
    def met(self) -> int:
        """How often it was true."""
        return self.expression.true

    @property
    def unmet(self) -> int:
        """How often it was anything else."""
        return self.expression.evaluated - self.expression.true

    @property
    def seen(self) -> int:
        """How many of its two outcomes were there."""
        return bool(self.met) + bool(self.unmet)

    @property
    def missing(self) -> str:
        """What was never seen of it, in words; empty if nothing is missing."""
        if self.seen == 2:
            return ""
        return "never asked" if not self.seen else "never true" if not self.met else "never false"


@dataclass(frozen=True, slots=True)
class Part:
    """An `allow`, or a function: where it stands, and its conditions. A literal has none."""

    match: str
    name: str
    line: int
    expression: Expression | None
    conditions: tuple[Condition, ...] = ()
    is_allow: bool = True

    @property
    def outcomes(self) -> int:
        """How many outcomes its conditions have."""
        return 2 * len(self.conditions)

    @property
    def seen(self) -> int:
        """How many of them were there."""
        return sum(each.seen for each in self.conditions)


@dataclass(frozen=True, slots=True)
class Summary:
    """A report, part by part."""

    report: Report = field(repr=False)
    parts: tuple[Part, ...]

    @property
    def outcomes(self) -> int:
        """How many outcomes there are."""
        return sum(each.outcomes for each in self.parts)

    @property
    def seen(self) -> int:
        """How many of them were there."""
        return sum(each.seen for each in self.parts)

    @property
    def percent(self) -> float:
        """The coverage; of rules without any condition nothing is missing."""
        return 100 * self.seen / self.outcomes if self.outcomes else 100.0

    @property
    def expressions(self) -> int:
        """How many expressions there are."""
        return sum(1 for _ in self.report.walk())

    @property
    def evaluated(self) -> int:
        """How many expressions were evaluated at least once."""
        return sum(bool(each.evaluated) for each in self.report.walk())


def summary(report: Report) -> Summary:
    """Raises `FirewardenError` for a report whose expressions are not those of its rules."""
    ruleset = parse_rules(report.text).ruleset
    if ruleset is None:
        raise FirewardenError(f"The rules of the report on {report.file} do not compile.")
    roots = places(ruleset)
    told = report.expressions or tuple(map(_unasked, roots))
    if [_shape(each) for each in roots] != [_shape(each) for each in told]:
        raise FirewardenError(f"The report on {report.file} does not fit the rules in it.")
    of_owner = {id(root.owner): (root, expression) for root, expression in zip(roots, told, strict=True) if root.owner}
    return Summary(report, tuple(with_room(lambda: list(_parts(ruleset.declarations, "", report.text, of_owner)))))


_Owned = dict[int, tuple[Place, Expression]]


def _parts(members: Sequence[ast.Node], match: str, text: str, of_owner: _Owned) -> Iterator[Part]:
    """In source order, each block after what stands directly in the block around it."""
    for each in members:
        if isinstance(each, ast.Function | ast.Allow):
            yield _part(each, match, text, of_owner)
    for each in members:
        if isinstance(each, ast.Service | ast.Match):
            inside = match + written_path(each.path.segments) if isinstance(each, ast.Match) else match
            yield from _parts(each.members, inside, text, of_owner)


def _part(member: ast.Function | ast.Allow, match: str, text: str, of_owner: _Owned) -> Part:
    if isinstance(member, ast.Allow):
        is_allow, name = True, ", ".join(each.text for each in member.methods)
    else:
        is_allow, name = False, f"{member.name.text}()"
    found = of_owner.get(id(member))
    if found is None:
        return Part(match, name, member.span.line, None, is_allow=is_allow)
    place, expression = found
    asks = is_allow or _is_question(place.node)
    conditions = [
        Condition(_excerpt(text, each.node.span), told, is_whole=is_allow and each is place)
        for each, told in _conditions(place, expression, asks=asks, is_whole=is_allow)
    ]
    return Part(match, name, member.span.line, expression, tuple(conditions), is_allow=is_allow)


def _conditions(
    place: Place, expression: Expression, *, asks: bool, is_whole: bool = False
) -> Iterator[tuple[Place, Expression]]:
    """`asks`: what the expression comes to decides something."""
    node = place.node
    is_let = any(each.node is node for each in place.children)
    if asks and not is_let and (is_whole or not _is_made_of_conditions(node)):
        yield place, expression
    for child, told in zip(place.children, expression.children, strict=True):
        yield from _conditions(child, told, asks=_asks(place, child, asks=asks))


def _asks(place: Place, child: Place, *, asks: bool) -> bool:
    node = place.node
    if any(each.node is node for each in place.children):  # a `let`: its value, and what follows it
        return asks and child.node is node
    if isinstance(node, ast.Ternary):
        condition = node.condition
        while isinstance(condition, ast.Group):
            condition = condition.inner
        return child.node is condition or asks
    return _is_made_of_conditions(node)


def _is_made_of_conditions(node: ast.Expression) -> bool:
    if isinstance(node, ast.Binary):
        return node.operator in _CONNECTED
    return isinstance(node, ast.Ternary) or (isinstance(node, ast.Unary) and node.operator == "!")


def _is_question(node: ast.Expression) -> bool:
    """Whether it is plain from how it is written that a function's result is true or false."""
    if isinstance(node, ast.Binary):
        return node.operator in _CONNECTED | _COMPARED
    return isinstance(node, ast.Is) or (isinstance(node, ast.Unary) and node.operator == "!")


def _excerpt(text: str, span: ast.Span) -> str:
    return " ".join(text[span.start : span.end].split())


def _unasked(place: Place) -> Expression:
    children = tuple(map(_unasked, place.children))
    return Expression(place.line, place.column, place.start, place.end, (), children)


def _shape(one: Place | Expression) -> list[tuple[int, int]]:
    return [(each.start, each.end) for each in one.walk()]
