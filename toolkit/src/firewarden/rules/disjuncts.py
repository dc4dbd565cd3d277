"""A query's filters in disjunctive normal form, as promises about fields."""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

from firewarden.rules.constraint import CONTAINS, EQUAL, NOT_EQUAL, PRESENT, Promise
from firewarden.rules.environment import root
from firewarden.rules.equality import strict_key
from firewarden.rules.fields import field_segments
from firewarden.rules.kinds import Duration
from firewarden.rules.query import Either, Filter, Where
from firewarden.rules.requests import DocumentPath
from firewarden.values import Path, Timestamp

NAME = "__name__"
_ORDERED = (int, float, str, bytes, Timestamp, Duration)
_ALTERNATIVE = frozenset({"in", "array-contains-any"})
_UNARY = {
    "is-null": (EQUAL, None),
    "is-nan": (EQUAL, math.nan),
    "is-not-null": (NOT_EQUAL, None),
    "is-not-nan": (NOT_EQUAL, math.nan),
}
# What the official engine makes of a filter that nothing can pass, such as `x == null` as a field filter.
_IMPOSSIBLE = (Promise(EQUAL, value=True), Promise(EQUAL, value=False))


@dataclass(frozen=True, slots=True)
class Disjunct:
    """Promises that hold together, by field."""

    fields: dict[tuple[str, ...], tuple[Promise, ...]]

    def document(self, database: str) -> DocumentPath | None:
        """The one document this can be about, if the filters name it."""
        promises = self.fields.get((NAME,), ())
        if len(promises) != 1 or promises[0].operator != EQUAL or not isinstance(promises[0].value, Path):
            return None
        segments = promises[0].value.segments
        start = root(database)
        return segments[len(start) :] if segments[: len(start)] == start else None  # type: ignore[return-value]


def disjuncts(where: Where | None) -> list[Disjunct]:
    """The different disjuncts of the filters; the leftmost filter varies slowest. No filter is one disjunct."""
    if where is None:
        return [_disjunct(())]
    plain = _conjunction(where)
    if plain is not None:
        return [_disjunct(plain)]
    found: dict[Hashable, Disjunct] = {}
    for each in _alternatives(where):
        found.setdefault(_alternative_key(each), _disjunct(each))
    return list(found.values())


_Simple = tuple[tuple[str, ...], tuple[Promise, ...]]


def _conjunction(where: Where) -> tuple[_Simple, ...] | None:
    """The promises of filters that have no alternatives, as most queries are."""
    if isinstance(where, Either):
        return None
    simples = []
    filters = (where,) if isinstance(where, Filter) else where.filters
    for each in filters:
        if not isinstance(each, Filter) or each.operator in _ALTERNATIVE:
            return None
        simples.append((field_segments(each.field), _promises(each)[0]))
    return tuple(simples)


def _alternatives(where: Where) -> Iterator[tuple[_Simple, ...]]:
    if isinstance(where, Filter):
        yield from (((field_segments(where.field), each),) for each in _promises(where))
    elif isinstance(where, Either):
        for each in where.filters:
            yield from _alternatives(each)
    else:
        different = {_filter_key(each): each for each in reversed(where.filters)}
        for parts in product(*map(_alternatives, reversed(different.values()))):
            yield tuple(simple for part in parts for simple in part)


def _promises(filter_: Filter) -> Sequence[tuple[Promise, ...]]:
    """The promises of a filter: one group for each alternative."""
    operator, value = filter_.operator, filter_.value
    if operator in _UNARY:
        return ((Promise(*_UNARY[operator]),),)
    if operator == "in":
        return [_simple(EQUAL, each) for each in value]
    if operator == "array-contains-any":
        return [_simple(CONTAINS, each) for each in value]
    if operator == "not-in":
        return (tuple(promise for each in value for promise in _simple(NOT_EQUAL, each)),)
    return (_simple(CONTAINS if operator == "array-contains" else operator, value),)


def _simple(operator: str, value: Any) -> tuple[Promise, ...]:
    is_nan = isinstance(value, float) and math.isnan(value)
    if operator == CONTAINS:
        return (Promise(CONTAINS, [] if value is None or is_nan else value),)
    if operator == NOT_EQUAL and is_nan:
        return (Promise(NOT_EQUAL, None),)
    if value is None or is_nan:
        return _IMPOSSIBLE
    if operator in (EQUAL, NOT_EQUAL):
        return (Promise(operator, value),)
    is_ordered = isinstance(value, _ORDERED) and not isinstance(value, bool)
    # Nothing is promised about the value, yet alternatives with different values are different.
    return (Promise(operator, value),) if is_ordered else (Promise(PRESENT, [operator, value]),)


def _disjunct(simples: tuple[_Simple, ...]) -> Disjunct:
    fields: dict[tuple[str, ...], tuple[Promise, ...]] = {}
    for field, promises in simples:
        known = fields.get(field, ())
        if not known and len(promises) == 1:
            fields[field] = promises
            continue
        held = {_promise_key(each) for each in known}
        for each in promises:
            if _promise_key(each) not in held:
                held.add(_promise_key(each))
                known += (each,)
        fields[field] = known
    if len(fields) > 1:
        # The official engine comes to the fields from the last filter to the first.
        fields = {field: fields[field] for field, _ in reversed(simples)}
    return Disjunct(fields)


def _alternative_key(simples: tuple[_Simple, ...]) -> Hashable:
    return frozenset((field, _promise_key(each)) for field, promises in simples for each in promises)


def _filter_key(where: Where) -> Hashable:
    if isinstance(where, Filter):
        return where.field, where.operator, strict_key(where.value)
    return type(where), frozenset(map(_filter_key, where.filters))


def _promise_key(promise: Promise) -> Hashable:
    return promise.operator, strict_key(promise.value)
