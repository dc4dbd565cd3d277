"""The plain definition of a query: which documents match, and in which order they come. No index takes part.

Plans must return what this says (they are tested against it), locks and listeners ask it document by document.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from firewarden.firestore.documents import DocumentPath, Fields
from firewarden.firestore.encoding import bounds_of_type, encode, encode_path, inverted, same
from firewarden.firestore.field_paths import MISSING, FieldPath, get_field
from firewarden.firestore.query.comparing import is_incomparable, is_nan
from firewarden.firestore.query.model import NAME, And, Cursor, Filter, Operator, Or, Order, Query, Where
from firewarden.firestore.query.normalize import orders
from firewarden.values import Reference

SortKey = tuple[bytes, ...]
"""What sorts a document: one part per order, each in the order's direction."""


def matches(query: Query, path: DocumentPath, fields: Fields) -> bool:
    """Whether a document is among those that a query is about; offset and limit are not looked at."""
    if not in_scope(query, path) or not satisfies(query.where, path, fields):
        return False
    key = sort_key(orders(query), path, fields)
    return key is not None and within_cursors(query, key)


def in_scope(query: Query, path: DocumentPath) -> bool:
    """Whether a document lies where the query looks."""
    depth = len(query.parent)
    if len(path) < depth + 2 or path[:depth] != query.parent:
        return False
    if not query.all_descendants and len(path) != depth + 2:
        return False
    return query.collection is None or path[-2] == query.collection


def satisfies(where: Where | None, path: DocumentPath, fields: Fields) -> bool:
    """Whether a document passes the filters."""
    match where:
        case None:
            return True
        case And():
            return all(satisfies(each, path, fields) for each in where.filters)
        case Or():
            return any(satisfies(each, path, fields) for each in where.filters)
        case Filter():
            value = _value(where.field, path, fields)
            return value is not MISSING and _passes(where.operator, value, _operand(where))


def sort_key(by: Sequence[Order], path: DocumentPath, fields: Fields) -> SortKey | None:
    """What sorts a document; None if it lacks a field that sorts, because such a document is not found."""
    key = []
    for order in by:
        if order.field == NAME:
            part = encode_path(path)
        else:
            value = get_field(fields, order.field)
            if value is MISSING:
                return None
            part = encode(value)
        key.append(inverted(part) if order.descending else part)
    return tuple(key)


def within_cursors(query: Query, key: SortKey) -> bool:
    """Whether a document with this sort key lies between the query's cursors."""
    by = orders(query)
    after_start = query.start is None or not _is_before(key, query.start, by)
    return after_start and (query.end is None or _is_before(key, query.end, by))


def _is_before(key: SortKey, cursor: Cursor, by: Sequence[Order]) -> bool:
    position = cursor_key(cursor, by)
    head = key[: len(position)]
    return head < position or (head == position and not cursor.before)


def cursor_key(cursor: Cursor, by: Sequence[Order]) -> SortKey:
    """The values of a cursor as the beginning of a sort key."""
    parts = []
    for value, order in zip(cursor.values, by, strict=False):
        part = encode_path(value.segments) if order.field == NAME else encode(value)
        parts.append(inverted(part) if order.descending else part)
    return tuple(parts)


def _value(field: FieldPath, path: DocumentPath, fields: Fields) -> Any:
    return Reference("", "", path) if field == NAME else get_field(fields, field)


def _operand(condition: Filter) -> Any:
    """Names are compared within the database of the query."""
    if condition.field != NAME:
        return condition.value
    if condition.operator in (Operator.IN, Operator.NOT_IN):
        return [Reference("", "", each.segments) for each in condition.value]
    return Reference("", "", condition.value.segments)


def _passes(operator: Operator, value: Any, operand: Any) -> bool:  # noqa: PLR0911 - one line per operator
    match operator:
        case Operator.EQUAL:
            return _equal(value, operand)
        case Operator.NOT_EQUAL:
            return value is not None and operand is not None and not _equal(value, operand)
        case Operator.IN:
            return any(_equal(value, each) for each in operand)
        case Operator.NOT_IN:
            return value is not None and all(each is not None and not _equal(value, each) for each in operand)
        case Operator.ARRAY_CONTAINS:
            return type(value) is list and any(_equal(each, operand) for each in value)
        case Operator.ARRAY_CONTAINS_ANY:
            return type(value) is list and any(_equal(each, one) for each in value for one in operand)
        case Operator.IS_NULL:
            return value is None
        case Operator.IS_NOT_NULL:
            return value is not None
        case Operator.IS_NAN:
            return is_nan(value)
        case Operator.IS_NOT_NAN:
            return not is_incomparable(value)
        case _:
            return _compares(operator, value, operand)


def _equal(value: Any, operand: Any) -> bool:
    """Nothing equals null or NaN."""
    return not is_incomparable(operand) and same(value, operand)


def _compares(operator: Operator, value: Any, operand: Any) -> bool:
    if is_incomparable(operand):
        return False
    left, right = encode(value), encode(operand)
    first, end = bounds_of_type(operand)
    if not first <= left < end:
        return False
    match operator:
        case Operator.LESS_THAN:
            return left < right
        case Operator.LESS_THAN_OR_EQUAL:
            return left <= right
        case Operator.GREATER_THAN:
            return left > right
        case _:
            return left >= right
