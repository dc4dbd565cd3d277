"""Queries as messages: what `queries` reads, written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from firewarden.firestore.field_paths import format_field_path
from firewarden.firestore.query.model import And, Cursor, Distance, Filter, FindNearest, Operator, Query, Where
from firewarden.firestore.wire import protos
from firewarden.firestore.wire.values import write_value

_OPERATORS: Mapping[Operator, int] = {
    Operator.LESS_THAN: 1,
    Operator.LESS_THAN_OR_EQUAL: 2,
    Operator.GREATER_THAN: 3,
    Operator.GREATER_THAN_OR_EQUAL: 4,
    Operator.EQUAL: 5,
    Operator.NOT_EQUAL: 6,
    Operator.ARRAY_CONTAINS: 7,
    Operator.IN: 8,
    Operator.ARRAY_CONTAINS_ANY: 9,
    Operator.NOT_IN: 10,
}
_UNARY: Mapping[Operator, int] = {
    Operator.IS_NAN: 2,
    Operator.IS_NULL: 3,
    Operator.IS_NOT_NAN: 4,
    Operator.IS_NOT_NULL: 5,
}
_DISTANCES: Mapping[Distance, int] = {Distance.EUCLIDEAN: 1, Distance.COSINE: 2, Distance.DOT_PRODUCT: 3}
_AND, _OR = 1, 2
_ASCENDING, _DESCENDING = 1, 2


def query_message(query: Query) -> Any:
    """The `StructuredQuery`; where the query looks is said beside it, as the parent."""
    message = protos.StructuredQuery(offset=query.offset)
    if query.collection is not None or query.all_descendants:
        source = getattr(message, "from").add(all_descendants=query.all_descendants)
        source.collection_id = query.collection or ""
    if query.where is not None:
        _write_where(message.where, query.where)
    for order in query.order_by:
        direction = _DESCENDING if order.descending else _ASCENDING
        message.order_by.add(direction=direction).field.field_path = format_field_path(order.field)
    if query.start is not None:
        _write_cursor(message.start_at, query.start)
    if query.end is not None:
        _write_cursor(message.end_at, query.end)
    if query.limit is not None:
        message.limit.value = query.limit
        message.limit.SetInParent()
    if query.select is not None:
        message.select.SetInParent()
        for field in query.select:
            message.select.fields.add(field_path=format_field_path(field))
    if query.nearest is not None:
        _write_nearest(message.find_nearest, query.nearest)
    return message


def _write_where(message: Any, where: Where) -> None:
    if isinstance(where, Filter):
        _write_filter(message, where)
        return
    message.composite_filter.op = _AND if isinstance(where, And) else _OR
    for each in where.filters:
        _write_where(message.composite_filter.filters.add(), each)


def _write_filter(message: Any, condition: Filter) -> None:
    unary = _UNARY.get(condition.operator)
    target = message.field_filter if unary is None else message.unary_filter
    target.field.field_path = format_field_path(condition.field)
    target.op = _OPERATORS[condition.operator] if unary is None else unary
    if unary is None:
        write_value(target.value, condition.value)


def _write_cursor(message: Any, cursor: Cursor) -> None:
    message.before = cursor.before
    message.SetInParent()
    for value in cursor.values:
        write_value(message.values.add(), value)


def _write_nearest(message: Any, nearest: FindNearest) -> None:
    message.vector_field.field_path = format_field_path(nearest.field)
    write_value(message.query_vector, nearest.vector)
    message.distance_measure = _DISTANCES[nearest.distance]
    message.limit.value = nearest.limit
    message.distance_result_field = nearest.result_field or ""
    if nearest.threshold is not None:
        message.distance_threshold.value = nearest.threshold
        message.distance_threshold.SetInParent()
