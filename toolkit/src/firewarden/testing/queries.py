"""Builds google-cloud-firestore queries from the `list:` notation. Does not run them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from google.cloud.firestore import And, Client, FieldFilter, Or
from google.cloud.firestore import Query as GoogleQuery

from firewarden.indexes import notation
from firewarden.testing._google import google_value


def build_query(client: Client, query: Mapping[str, Any] | notation.Query, *, now: datetime | None = None) -> Any:
    """The client library's Query, or AggregationQuery, that `query` writes; both have ``get()``.

    Raises QueryFileError with every fault of a mapping. `now` is what ``!time now`` in it means.
    """
    if isinstance(query, Mapping):
        query = notation.parse_query(query)
    builder = _Builder(client, query.collection, now or datetime.now(UTC))
    built: Any = client.collection_group(query.collection) if query.group else client.collection(query.collection)
    for condition in query.where:
        built = built.where(filter=builder.condition(condition))
    for order in query.order_by:
        direction = GoogleQuery.DESCENDING if order.descending else GoogleQuery.ASCENDING
        built = built.order_by(order.field, direction=direction)
    built = builder.bounded(built, query)
    return _aggregated(built, query.aggregate) if query.aggregate else built


class _Builder:
    """Carries what turning values needs."""

    def __init__(self, client: Client, collection: str, now: datetime) -> None:
        self._client = client
        self._collection = collection
        self._now = now

    def condition(self, condition: notation.FieldFilter | notation.Join) -> Any:
        match condition:
            case notation.FieldFilter(field, op, value):
                # This SDK writes array_contains and array_contains_any, but not-in.
                spelled = op.replace("-", "_") if op.startswith("array") else op
                return FieldFilter(field, spelled, self._operand(field, value))
            case notation.Join(kind, parts):
                joined = [self.condition(part) for part in parts]
                return Or(joined) if kind == "or" else And(joined)

    def _operand(self, field: str, value: Any) -> Any:
        """Documents are compared by reference; like the web SDK, an id or a path may stand for one."""
        match value:
            case list() if field == "__name__":
                return [self._operand(field, each) for each in value]
            case str() if field == "__name__":
                path = value if "/" in value else f"{self._collection}/{value}"
                return self._client.document(path)
            case _:
                return google_value(value, self._client, self._now)

    def bounded(self, built: Any, query: notation.Query) -> Any:
        for cursor in query.cursors:
            values = [google_value(value, self._client, self._now) for value in cursor.values]
            fields = {order.field: value for order, value in zip(query.order_by, values, strict=False)}
            built = getattr(built, cursor.kind)(fields)
        if query.limit is not None:
            built = built.limit(query.limit)
        if query.limit_to_last is not None:
            built = built.limit_to_last(query.limit_to_last)
        return built


def _aggregated(built: Any, aggregations: tuple[notation.Aggregation, ...]) -> Any:
    first, *rest = aggregations
    result = _started(built, first)
    for each in rest:
        result = _started(result, each)
    return result


def _started(built: Any, aggregation: notation.Aggregation) -> Any:
    match aggregation.kind:
        case "count":
            return built.count()
        case "sum":
            return built.sum(aggregation.field)
        case "average":
            return built.avg(aggregation.field)
