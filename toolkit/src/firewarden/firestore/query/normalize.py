"""What a query means: all its sort orders, and its filters as alternatives. Judges nothing (`validate` does)."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from itertools import product
from math import prod

from firewarden.firestore.encoding import encode
from firewarden.firestore.field_paths import FieldPath
from firewarden.firestore.query.comparing import is_void
from firewarden.firestore.query.model import NAME, And, Filter, Operator, Or, Order, Query, Where

INEQUALITIES = frozenset(
    {
        Operator.LESS_THAN,
        Operator.LESS_THAN_OR_EQUAL,
        Operator.GREATER_THAN,
        Operator.GREATER_THAN_OR_EQUAL,
        Operator.NOT_EQUAL,
        Operator.NOT_IN,
        Operator.IS_NOT_NULL,
        Operator.IS_NOT_NAN,
    }
)
_SPLIT = {Operator.IN: Operator.EQUAL, Operator.ARRAY_CONTAINS_ANY: Operator.ARRAY_CONTAINS}
_FEW_MAX = 10
"""Up to so many alternatives nobody asks how many there are exactly."""
_EXPANDED_MAX = 1_000
"""Beyond so many alternatives it is not asked which of them are the same."""

Conjunction = tuple[Filter, ...]


def orders(query: Query) -> tuple[Order, ...]:
    """The orders that sort a query's documents completely: at last by their name.

    Fields with an inequality sort as well, by their names, behind the orders that the query gives; like the name they
    go in the direction of its last order.
    """
    return _completed(query.order_by, frozenset(inequality_fields(query.where)))


@lru_cache(maxsize=1024)
def _completed(given: tuple[Order, ...], compared: frozenset[FieldPath]) -> tuple[Order, ...]:
    descending = given[-1].descending if given else False
    sorted_by = {each.field for each in given}
    implied = sorted(compared - sorted_by - {NAME})
    name = () if NAME in sorted_by else (NAME,)
    return (*given, *(Order(field, descending) for field in (*implied, *name)))


def inequality_fields(where: Where | None) -> set[FieldPath]:
    """The fields that are compared with anything but equality; comparing with null or NaN is no comparison."""
    return {each.field for each in flat(where) if each.operator in INEQUALITIES and not is_void(each)}


def flat(where: Where | None) -> Iterator[Filter]:
    """Every filter, however deep."""
    if isinstance(where, Filter):
        yield where
    elif where is not None:
        for each in where.filters:
            yield from flat(each)


def count_alternatives(where: Where | None) -> int:
    """How many `alternatives` there are, at most if they are very few, at least about if they are far too many."""
    bound = _bound(where)
    return len(alternatives(where)) if _FEW_MAX < bound <= _EXPANDED_MAX else bound


def alternatives(where: Where | None) -> tuple[Conjunction, ...]:
    """The filters in disjunctive normal form, each alternative once: a document matches if it matches one of them.

    `in` and `array-contains-any` are one alternative per value, `not-in` is a single condition.
    """
    found = ((),) if where is None else tuple(_expanded(where))
    if len(found) == 1:
        return found
    return tuple({frozenset(map(_key, each)): each for each in found}.values())


def _expanded(where: Where) -> Iterator[Conjunction]:
    match where:
        case Filter():
            single = _SPLIT.get(where.operator)
            if single is None:
                yield (where,)
            else:
                yield from ((Filter(where.field, single, each),) for each in where.value)
        case Or():
            for each in where.filters:
                yield from _expanded(each)
        case And():
            for combination in product(*(tuple(_expanded(each)) for each in where.filters)):
                yield tuple(filter_ for part in combination for filter_ in part)


def _key(condition: Filter) -> tuple[FieldPath, Operator, bytes]:
    return condition.field, condition.operator, encode(condition.value)


def _bound(where: Where | None) -> int:
    match where:
        case None:
            return 1
        case Filter():
            return len(where.value) if where.operator in _SPLIT else 1
        case Or():
            return sum(map(_bound, where.filters))
        case And():
            return prod(map(_bound, where.filters))
