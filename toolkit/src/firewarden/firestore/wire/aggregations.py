"""Aggregations as clients send them: `StructuredAggregationQuery` read, refused with the official words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from firewarden.firestore.documents import DatabaseName, DocumentPath
from firewarden.firestore.field_paths import FieldPath, format_field_path
from firewarden.firestore.names import is_reserved
from firewarden.firestore.query.model import NAME, Aggregate, Aggregation, Figure
from firewarden.firestore.status import invalid
from firewarden.firestore.wire.queries import read_field, read_query, read_select
from firewarden.limits import FIELD_NAME_BYTES, Limits

_FIGURES = {"count": Figure.COUNT, "sum": Figure.SUM, "avg": Figure.AVERAGE}


def read_aggregation(message: Any, parent: DocumentPath, database: DatabaseName, limits: Limits) -> Aggregation:
    """The aggregation of a query below `parent`; raises INVALID_ARGUMENT if it cannot be asked."""
    if not message.aggregations:
        raise invalid("Aggregations can not be empty.")
    most = limits.aggregations
    if most is not None and len(message.aggregations) > most:
        raise invalid(
            f"The maximum number of aggregations allowed in an aggregation query is {most}. "
            f"Received: {len(message.aggregations)}"
        )
    aggregates = _named([_aggregate(each) for each in message.aggregations])
    _check_select(read_select(message.structured_query), aggregates)
    return Aggregation(read_query(message.structured_query, parent, database, limits), aggregates)


def _aggregate(message: Any) -> Aggregate:
    kind = message.WhichOneof("operator")
    if kind is None:
        raise invalid("Operator field in Aggregation is not set.")
    figure = _FIGURES[kind]
    alias = message.alias
    if figure is Figure.COUNT:
        bound = message.count.up_to.value if message.count.HasField("up_to") else None
        if bound is not None and bound < 0:
            raise invalid("The `up_to` value in a COUNT aggregation must be greater than or equal to zero.")
        return Aggregate(alias=alias, figure=figure, up_to=bound)
    field = read_field(getattr(message, kind).field.field_path)
    if field == NAME:
        raise invalid("Aggregations are not supported for the property: __key__")
    return Aggregate(alias=alias, figure=figure, field=field)


def _named(aggregates: Sequence[Aggregate]) -> tuple[Aggregate, ...]:
    """Those without an alias get one: `field_1`, `field_2` …"""
    named = []
    seen: set[str] = set()
    number = 0
    for each in aggregates:
        alias = each.alias
        if not alias:
            number += 1
            alias = f"field_{number}"
        if alias in seen:
            raise invalid(f"Aggregation aliases contain duplicate alias: {alias}.")
        _check_alias(alias)
        seen.add(alias)
        named.append(Aggregate(alias=alias, figure=each.figure, field=each.field, up_to=each.up_to))
    return tuple(named)


def _check_alias(alias: str) -> None:
    if is_reserved(alias):
        raise invalid(f'The property.name "{alias}" is reserved.')
    if len(alias.encode()) > FIELD_NAME_BYTES:
        raise invalid(f"The property.name is longer than {FIELD_NAME_BYTES} bytes.")


def _check_select(select: Sequence[FieldPath] | None, aggregates: Sequence[Aggregate]) -> None:
    """What is aggregated is no field of the result, so nothing may be selected."""
    fields = [each.field for each in aggregates if each.field is not None]
    if select is None or not fields:
        return
    for field in fields:
        if not _is_selected(field, select):
            name = format_field_path(field)
            raise invalid(f"The aggregation property {name} is not present in the base query's property mask.")
    raise invalid("Cannot apply property masks when aggregation fields are present.")


def _is_selected(field: FieldPath, select: Sequence[FieldPath]) -> bool:
    return any(field[: len(each)] == each for each in select)
