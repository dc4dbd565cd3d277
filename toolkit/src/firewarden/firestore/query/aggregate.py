"""Counts, sums and averages of what a query finds."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

from firewarden.firestore.field_paths import FieldPath, format_field_path, get_field
from firewarden.firestore.query.counting import contents, count
from firewarden.firestore.query.execute import run
from firewarden.firestore.query.model import NAME, Aggregate, Aggregation, Figure, Order, Query
from firewarden.firestore.query.normalize import flat, orders
from firewarden.firestore.query.plans import Plan
from firewarden.firestore.query.scanning import Snapshot
from firewarden.firestore.query.statistics import Statistics
from firewarden.firestore.query.validate import check_order
from firewarden.firestore.status import invalid
from firewarden.firestore.wire.values import decode_some

_INT_MIN, _INT_MAX = -(1 << 63), (1 << 63) - 1


def scanned(aggregation: Aggregation) -> Query:
    """The query to be planned and run: only documents that have all the aggregated fields count.

    Such fields are read from the index, so they sort as well, behind the orders of the query.
    """
    query = aggregation.query
    fields = {each.field for each in aggregation.aggregates if each.field is not None}
    by = orders(query)
    added = sorted(fields - {each.field for each in by})
    if not added:
        return query
    check_order(query)
    is_by_name = query.all_descendants and query.parent
    named = {each.field for each in query.order_by} | {each.field for each in flat(query.where)}
    if is_by_name or NAME in named:
        names = ", ".join(map(format_field_path, added))
        raise invalid(
            f"This query requires an index that has fields [{names}] after __name__ and Firestore does not currently "
            "support such an index. Please try the query again with additional ordering on those fields."
        )
    order_by = (*by[:-1], *(Order(field, by[-1].descending) for field in added))
    return replace(query, order_by=order_by)


def aggregate(
    aggregation: Aggregation, plan: Plan, snapshot: Snapshot, statistics: Statistics | None = None
) -> dict[str, Any]:
    """The figures by their aliases; `plan` is one of `scanned(aggregation)`."""
    statistics = Statistics() if statistics is None else statistics
    statistics.is_aggregation = True
    stopping = _stopping(plan, aggregation.aggregates)
    fields = sorted({each.field for each in aggregation.aggregates if each.field is not None})
    counted = None if fields else count(stopping, snapshot, statistics)
    if counted is None:
        found = contents(stopping, snapshot, statistics)
        if found is None:
            found = (document.data for document in run(stopping, snapshot, statistics))
        counted, columns = _columns(found, fields)
    else:
        columns = {}
    statistics.results = 1
    return {each.alias: _figure(each, counted, columns) for each in aggregation.aggregates}


def _stopping(plan: Plan, aggregates: Sequence[Aggregate]) -> Plan:
    """Counting up to a number needs no more documents than that."""
    bounds = [each.up_to for each in aggregates]
    needed = [each for each in bounds if each is not None]
    if len(needed) < len(bounds):
        return plan
    limit = max(needed)
    limits = [limit] if plan.query.limit is None else [limit, plan.query.limit]
    return replace(plan, query=replace(plan.query, limit=min(limits)))


def _columns(found: Iterable[bytes], fields: Sequence[FieldPath]) -> tuple[int, dict[FieldPath, list[float]]]:
    """How many documents there are, and the numbers of each field."""
    columns: dict[FieldPath, list[float]] = {field: [] for field in fields}
    names = tuple(dict.fromkeys(field[0] for field in fields))
    counted = 0
    for data in found:
        counted += 1
        values = decode_some(data, names)
        for field, column in columns.items():
            value: Any = values.get(field[0]) if len(field) == 1 else get_field(values, field)
            if type(value) in (int, float):
                column.append(value)
    return counted, columns


def _figure(aggregate: Aggregate, counted: int, columns: dict[FieldPath, list[float]]) -> int | float | None:
    if aggregate.field is None:
        return counted if aggregate.up_to is None else min(counted, aggregate.up_to)
    numbers = columns[aggregate.field]
    if aggregate.figure is Figure.SUM:
        return total(numbers)
    return float(total(numbers)) / len(numbers) if numbers else None


def total(numbers: Iterable[float]) -> int | float:
    """The exact sum: an integer if all are and it fits into 64 bits, else the nearest double."""
    integers = 0
    floats = []
    for each in numbers:
        if type(each) is int:
            integers += each
        else:
            floats.append(each)
    if not floats:
        return integers if _INT_MIN <= integers <= _INT_MAX else float(integers)
    if not all(map(math.isfinite, floats)):
        return sum(floats) + 0.0
    exact = sum(map(Fraction, floats), Fraction(integers))
    try:
        return float(exact)
    except OverflowError:
        return math.inf if exact > 0 else -math.inf  # `copysign` would make a double of it, too
