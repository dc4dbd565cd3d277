"""Random queries in the format of recordings: filters, orders, limits, cursors, groups, aggregations."""

from __future__ import annotations

from random import Random
from typing import Any
from urllib.parse import urlencode

from toolkit.tests.conformance.rules.official import NAMES, Json
from toolkit.tests.conformance.rules.schema import FIELDS, value

Request = dict[str, Any]
_RANGES = ("LESS_THAN", "LESS_THAN_OR_EQUAL", "GREATER_THAN", "GREATER_THAN_OR_EQUAL")
_UNARY = ("IS_NULL", "IS_NAN", "IS_NOT_NULL", "IS_NOT_NAN")
_FILTERED = ("n", "n", "n", "k", "s", "s", "o", "f", "b", "t", "l", "l", "q", "m", "m.a", "r", "z", "y", "g")
_DOCUMENTS = ("c/a", "c/b", "c/new", "c/ana")


def query(random: Random) -> Request:
    """A request that runs a query."""
    chance = random.random()
    parent = random.choice(("", "", "", "", "c/a", "d/x"))
    if chance < 0.06:
        return _listing(random, parent)
    structured = _structured(random, parent)
    if chance < 0.12:
        counted = {"structuredQuery": structured, "aggregations": [{"alias": "n", "count": {}}]}
        return {"method": "runAggregationQuery", "path": parent, "body": {"structuredAggregationQuery": counted}}
    return {"method": "runQuery", "path": parent, "body": {"structuredQuery": structured}}


def _listing(random: Random, parent: str) -> Request:
    collection = random.choice(("c", "d", "users")) if not parent else "s"
    request: Request = {"method": "list", "path": f"{parent}/{collection}".strip("/")}
    if random.random() < 0.5:
        request["query"] = urlencode({"pageSize": random.choice((1, 5, 10, 200))})
    return request


def _structured(random: Random, parent: str) -> Request:
    structured: Request = {"from": [_selector(random, parent)]}
    filters = [_filter(random) for _ in range(random.choice((0, 1, 1, 1, 2, 2, 3)))]
    if len(filters) == 1:
        structured["where"] = filters[0]
    elif filters:
        operator = "OR" if random.random() < 0.25 else "AND"
        if len(filters) == 3 and random.random() < 0.4:
            other = "AND" if operator == "OR" else "OR"
            filters = [{"compositeFilter": {"op": other, "filters": filters[:2]}}, filters[2]]
        structured["where"] = {"compositeFilter": {"op": operator, "filters": filters}}
    _page(random, structured, is_ordered=not filters or random.random() < 0.1)
    return structured


def _selector(random: Random, parent: str) -> Json:
    if random.random() < 0.02:
        return {}
    if random.random() < 0.12:
        return {"collectionId": random.choice(("s", "c")), "allDescendants": True}
    return {"collectionId": "s" if parent else random.choice(("c", "c", "d", "users"))}


def _page(random: Random, structured: Request, *, is_ordered: bool) -> None:
    if random.random() < 0.35:
        structured["limit"] = random.choice((1, 2, 5, 10, 11, 100))
    if random.random() < 0.1:
        structured["offset"] = random.choice((1, 3))
    if random.random() < 0.15:
        structured["select"] = {"fields": [{"fieldPath": each} for each in random.sample(("n", "s", "__name__"), 1)]}
    if is_ordered and random.random() < 0.6:
        name, direction = random.choice(("n", "s", "m.a")), random.choice(("ASCENDING", "DESCENDING"))
        structured["orderBy"] = [{"field": {"fieldPath": name}, "direction": direction}]
        for cursor in random.sample(("startAt", "endAt"), random.choice((0, 0, 1, 2))):
            structured[cursor] = {"values": [value(random, "int")], "before": random.random() < 0.5}


def _filter(random: Random) -> Json:
    if random.random() < 0.04:
        return _by_name(random)
    name = random.choice(_FILTERED)
    if random.random() < 0.08:
        return {"unaryFilter": {"field": {"fieldPath": name}, "op": random.choice(_UNARY)}}
    kind = FIELDS.get(name, "int")
    operator, operand = _operation(random, kind)
    return {"fieldFilter": {"field": {"fieldPath": name}, "op": operator, "value": operand}}


def _operation(random: Random, kind: str) -> tuple[str, Json]:
    if kind in ("strings", "numbers") and random.random() < 0.8:
        single = "string" if kind == "strings" else "int"
        if random.random() < 0.6:
            return "ARRAY_CONTAINS", value(random, single)
        return "ARRAY_CONTAINS_ANY", _several(random, single)
    chance = random.random()
    if chance < 0.45:
        return "EQUAL", value(random, kind)
    if chance < 0.55:
        return "NOT_EQUAL", value(random, kind)
    if chance < 0.85:
        return random.choice(_RANGES), value(random, kind)
    return random.choice(("IN", "IN", "NOT_IN")), _several(random, kind)


def _several(random: Random, kind: str) -> Json:
    return {"arrayValue": {"values": [value(random, kind) for _ in range(random.randint(1, 3))]}}


def _by_name(random: Random) -> Json:
    name = {"referenceValue": f"{NAMES}/documents/{random.choice(_DOCUMENTS)}"}
    operator = random.choice(("EQUAL", "EQUAL", "IN", "GREATER_THAN"))
    operand = {"arrayValue": {"values": [name]}} if operator == "IN" else name
    return {"fieldFilter": {"field": {"fieldPath": "__name__"}, "op": operator, "value": operand}}
