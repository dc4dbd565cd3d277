"""Counts, sums and averages by their definition, with exact numbers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction

from toolkit.tests.conformance.firestore.model_queries import Documents, found, orders, taken
from toolkit.tests.conformance.firestore.model_writes import double
from toolkit.tests.conformance.firestore.universe import Json
from toolkit.tests.conformance.firestore.values import MISSING, Path, get, number, parsed

_INT_MIN, _INT_MAX = -(1 << 63), (1 << 63) - 1


def figures(aggregation: Json, parent: Path, documents: Documents) -> dict[str, Json]:
    """The figures by their aliases. Only documents that have every aggregated field count."""
    query = aggregation["structuredQuery"]
    asked = aggregation["aggregations"]
    fields = sorted({each["field"]["fieldPath"] for kind in ("sum", "avg") for each in _of(kind, asked)})
    complete = {
        path: each
        for path, each in documents.items()
        if all(get(each.fields, parsed(field)) is not MISSING for field in fields)
    }
    paths, _ = taken(query, found(_ordered(query, fields), parent, complete))
    chosen = [complete[path].fields for path in paths]
    return {each["alias"]: _figure(each, chosen) for each in asked}


def _of(kind: str, asked: Sequence[Json]) -> list[Json]:
    return [each[kind] for each in asked if kind in each]


def _ordered(query: Json, fields: Sequence[str]) -> Json:
    """Aggregated fields sort as well, behind the orders of the query and before the name."""
    by = orders(query)
    added = [(field, by[-1][1]) for field in fields if field not in {each for each, _ in by}]
    if not added:
        return query
    all_orders = [*by[:-1], *added, by[-1]]
    directions = {True: "DESCENDING", False: "ASCENDING"}
    order_by = [{"field": {"fieldPath": field}, "direction": directions[is_down]} for field, is_down in all_orders]
    return {**query, "orderBy": order_by}


def _figure(asked: Json, chosen: Sequence[Json]) -> Json:
    if "count" in asked:
        bound = asked["count"].get("upTo")
        return {"integerValue": str(len(chosen) if bound is None else min(len(chosen), int(bound)))}
    kind = "sum" if "sum" in asked else "avg"
    numbers = list(_numbers(asked[kind]["field"]["fieldPath"], chosen))
    if kind == "sum":
        return _value(total(numbers))
    return double(_quotient(total(numbers), len(numbers))) if numbers else {"nullValue": None}


def _numbers(field: str, chosen: Sequence[Json]) -> list[int | float]:
    values = [get(fields, parsed(field)) for fields in chosen]
    return [number(each) for each in values if each.keys() & {"integerValue", "doubleValue"}]


def total(numbers: Sequence[int | float]) -> int | float:
    """An integer if all are integers and it fits into 64 bits; else the double next to the exact sum."""
    if all(isinstance(each, int) for each in numbers):
        whole = sum(map(int, numbers))
        return whole if _INT_MIN <= whole <= _INT_MAX else float(whole)
    if not all(map(math.isfinite, numbers)):
        return sum(each for each in numbers if not math.isfinite(each))
    try:
        return float(sum(map(Fraction, numbers)))
    except OverflowError:
        return math.copysign(math.inf, sum(map(Fraction, numbers)))


def _quotient(whole: int | float, count: int) -> float:
    return float(whole) / count


def _value(whole: int | float) -> Json:
    return {"integerValue": str(whole)} if isinstance(whole, int) else double(whole)
