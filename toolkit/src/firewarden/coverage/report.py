"""A coverage report as a value: what every expression of a rules file came to. Written and read as the official JSON.

That is `RuleCoverageReport` of `google.firestore.emulator.v1`, with one addition: a value with `"more": true` stands
for several that are not told one by one, and only its type and its count mean something.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from firewarden.coverage.limits import VALUES_MAX
from firewarden.errors import FirewardenError

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Seen:
    """A value, as the JSON of `ExpressionValue`, and how often an expression came to it; or several of one type."""

    value: Json
    count: int
    more: bool = False

    @property
    def kind(self) -> str:
        """The value's field, such as `boolValue` or `undefined`; empty where the expression was skipped."""
        return next(iter(self.value), "")


@dataclass(frozen=True, slots=True)
class Expression:
    """An expression and the expressions inside it. Offsets count code points and are inclusive."""

    line: int
    column: int
    start: int
    end: int
    seen: tuple[Seen, ...] = ()
    children: tuple[Expression, ...] = ()

    @property
    def true(self) -> int:
        """How often it was true."""
        return self._count({"boolValue": True})

    @property
    def false(self) -> int:
        """How often it was false."""
        return self._count({"boolValue": False})

    @property
    def errors(self) -> int:
        """How often it had no value."""
        return sum(each.count for each in self.seen if each.kind == "undefined")

    @property
    def skipped(self) -> int:
        """How often something before it had decided already."""
        return sum(each.count for each in self.seen if not each.kind)

    @property
    def evaluated(self) -> int:
        """How often it was asked."""
        return sum(each.count for each in self.seen if each.kind)

    def walk(self) -> Iterator[Expression]:
        """This expression and all inside it, the outer ones first."""
        waiting = [self]
        while waiting:
            each = waiting.pop()
            yield each
            waiting.extend(reversed(each.children))

    def _count(self, value: Json) -> int:
        return sum(each.count for each in self.seen if each.value == value)


@dataclass(frozen=True, slots=True)
class Report:
    """Functions and allows of one rules file, in the order of `places`."""

    file: str
    text: str = field(repr=False)
    expressions: tuple[Expression, ...] = field(default=(), repr=False)

    def walk(self) -> Iterator[Expression]:
        """Every expression."""
        for each in self.expressions:
            yield from each.walk()

    def to_json(self) -> Json:
        """The official JSON."""
        source = {"files": [{"content": self.text, "name": self.file}]}
        return {"rules": source, **({"report": list(map(_written, self.expressions))} if self.expressions else {})}


def read_report(text: str, *, name: str = "the report") -> Report:
    """A report from its JSON, ours or the official emulator's. Raises `FirewardenError` for anything else."""
    try:
        return _report(json.loads(text))
    except (ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
        raise FirewardenError(
            f"{name} is no coverage report of security rules: {error or type(error).__name__}.",
            hint="`pytest --rules-coverage=json:FILE` writes one, GET :ruleCoverage of a server answers one.",
        ) from error


def chosen(reports: Iterable[Report], text: str | None = None) -> Report | None:
    """All reports on rules of this text as one, or those on the only rules there are; None if there are several."""
    found = merged(reports)
    own = [each for each in found if each.text == text]
    return own[0] if own else found[0] if len(found) == 1 else None


def merged(reports: Iterable[Report]) -> tuple[Report, ...]:
    """One report for each text, the counts added; in the order in which texts first come."""
    by_text: dict[str, Report] = {}
    for each in reports:
        known = by_text.get(each.text)
        by_text[each.text] = each if known is None else _together(known, each)
    return tuple(by_text.values())


def _together(one: Report, other: Report) -> Report:
    """Equal texts have equal expressions; a report without any is of rules that nobody was asked about."""
    if not one.expressions or not other.expressions:
        return one if one.expressions else replace(one, expressions=other.expressions)
    pairs = zip(one.expressions, other.expressions, strict=True)
    return replace(one, expressions=tuple(_added(*each) for each in pairs))


def _added(one: Expression, other: Expression) -> Expression:
    pairs = zip(one.children, other.children, strict=True)
    return replace(one, seen=_seen_together((*one.seen, *other.seen)), children=tuple(_added(*each) for each in pairs))


def _seen_together(seen: Sequence[Seen]) -> tuple[Seen, ...]:
    counts: dict[tuple[str, bool], Seen] = {}
    for each in seen:
        key = json.dumps(each.value, sort_keys=True), each.more
        known = counts.get(key)
        if known is None and not each.more and sum(not told.more for told in counts.values()) >= _TOLD_MAX:
            each = replace(each, value={each.kind: _nothing(each)} if each.kind else {}, more=True)  # noqa: PLW2901 - told by its type from here on
            key = json.dumps(each.value, sort_keys=True), True
            known = counts.get(key)
        counts[key] = each if known is None else replace(known, count=known.count + each.count)
    return tuple(counts.values())


def _nothing(seen: Seen) -> Any:
    from firewarden.coverage.expression_values import EMPTY  # noqa: PLC0415 - reading reports does without the engine

    return EMPTY.get(seen.kind, {})


_TOLD_MAX = VALUES_MAX + 3
"""Beside other values an expression may be true, false and skipped."""


def _written(expression: Expression) -> Json:
    position = {
        "line": expression.line,
        "column": expression.column,
        "currentOffset": expression.start,
        "endOffset": expression.end,
    }
    told: Json = {"sourcePosition": position}
    if expression.seen:
        told["values"] = [
            {"value": each.value, "count": each.count, **({"more": True} if each.more else {})}
            for each in expression.seen
        ]
    if expression.children:
        told["children"] = list(map(_written, expression.children))
    return told


def _report(told: Mapping[str, Any]) -> Report:
    (file,) = told["rules"]["files"]
    return Report(file.get("name", ""), file["content"], tuple(map(_read, told.get("report", ()))))


def _read(told: Mapping[str, Any]) -> Expression:
    position = told["sourcePosition"]
    return Expression(
        position.get("line", 0),
        position.get("column", 0),
        position.get("currentOffset", 0),
        position.get("endOffset", 0),
        tuple(
            Seen(each.get("value", {}), int(each["count"]), more=bool(each.get("more")))
            for each in told.get("values", ())
        ),
        tuple(map(_read, told.get("children", ()))),
    )
