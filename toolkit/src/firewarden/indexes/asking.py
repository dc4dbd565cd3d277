"""Queries of a catalog as clients send them. Runs none."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from firewarden.firestore.documents import DatabaseName, DocumentPath
from firewarden.firestore.field_paths import parse_field_path
from firewarden.firestore.query.model import (
    NAME,
    Aggregate,
    Aggregation,
    And,
    Cursor,
    Figure,
    Filter,
    Operator,
    Or,
    Order,
    Query,
    Where,
)
from firewarden.indexes import notation
from firewarden.values import LatLng, Reference, Timestamp

_DATABASE = DatabaseName("demo-catalog")
_UNARY: Mapping[tuple[Operator, bool], Operator] = {
    (Operator.EQUAL, True): Operator.IS_NULL,
    (Operator.NOT_EQUAL, True): Operator.IS_NOT_NULL,
    (Operator.EQUAL, False): Operator.IS_NAN,
    (Operator.NOT_EQUAL, False): Operator.IS_NOT_NAN,
}
"""How client libraries write comparisons with null (True) and NaN."""
_FIGURES = {"count": Figure.COUNT, "sum": Figure.SUM, "average": Figure.AVERAGE}


def aggregation_of(query: notation.Query, *, now: datetime) -> Aggregation:
    """The query and the figures that are asked of it, if any; `now` is what ``!time now`` means."""
    figures = tuple(
        Aggregate(
            alias=f"field_{number}",
            figure=_FIGURES[each.kind],
            field=parse_field_path(each.field) if each.field else None,
        )
        for number, each in enumerate(query.aggregate, 1)
    )
    return Aggregation(query_of(query, now=now), figures)


def query_of(query: notation.Query, *, now: datetime) -> Query:
    """The query; for the last documents the orders are turned round, as client libraries do."""
    *parent, collection = query.collection.split("/")
    turned = query.limit_to_last is not None
    by = tuple(Order(parse_field_path(each.field), each.descending != turned) for each in query.order_by)
    reader = _Reader(tuple(parent), collection, now)
    cursors = {each.kind: each for each in query.cursors}
    start = reader.cursor(cursors, by, "start_at", "start_after")
    end = reader.cursor(cursors, by, "end_before", "end_at")
    if turned:
        start, end = _turned(end), _turned(start)
    filters = tuple(map(reader.where, query.where))
    return Query(
        parent=tuple(parent),
        collection=collection,
        all_descendants=query.group,
        where=And(filters) if filters else None,
        order_by=by,
        start=start,
        end=end,
        limit=query.limit_to_last if turned else query.limit,
    )


class _Reader:
    """Carries what turning values needs."""

    def __init__(self, parent: DocumentPath, collection: str, now: datetime) -> None:
        self._place = (*parent, collection)
        self._now = now

    def where(self, condition: notation.FieldFilter | notation.Join) -> Where:
        match condition:
            case notation.Join(kind, parts):
                filters = tuple(map(self.where, parts))
                return Or(filters) if kind == "or" else And(filters)
            case notation.FieldFilter(field, op, written):
                path, operator = parse_field_path(field), Operator(op)
                value = self._operand(written) if path == NAME else self._value(written)
                is_nan = type(value) is float and value != value  # noqa: PLR0124 - what NaN is
                unary = _UNARY.get((operator, value is None)) if value is None or is_nan else None
                return Filter(path, operator, value) if unary is None else Filter(path, unary)

    def cursor(
        self, cursors: Mapping[str, notation.Cursor], by: tuple[Order, ...], before: str, after: str
    ) -> Cursor | None:
        for kind in (before, after):
            if kind in cursors:
                pairs = zip(cursors[kind].values, by, strict=False)
                values = (self._operand(each) if order.field == NAME else self._value(each) for each, order in pairs)
                return Cursor(tuple(values), before=kind == before)
        return None

    def _operand(self, written: Any) -> Any:
        """Like the web SDK, an id or a path may stand for a document."""
        if isinstance(written, list):
            return [self._operand(each) for each in written]
        if not isinstance(written, str):
            return self._value(written)
        return _reference(tuple(written.split("/")) if "/" in written else (*self._place, written))

    def _value(self, written: Any) -> Any:
        return _plain(notation.at(written, self._now))


def _plain(value: Any) -> Any:
    match value:
        case datetime():
            return Timestamp.of(value)
        case notation.Reference(path):
            return _reference(tuple(path.split("/")))
        case notation.GeoPoint(latitude, longitude):
            return LatLng(latitude, longitude)
        case Mapping():
            return {key: _plain(each) for key, each in value.items()}
        case list():
            return list(map(_plain, value))
        case _:
            return value


def _reference(path: DocumentPath) -> Reference:
    return Reference(_DATABASE.project, _DATABASE.database, path)


def _turned(cursor: Cursor | None) -> Cursor | None:
    return None if cursor is None else Cursor(cursor.values, not cursor.before)
