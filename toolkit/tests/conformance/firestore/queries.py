"""Generated queries and aggregations, all of which can be asked. What is refused is another question."""

from __future__ import annotations

from random import Random
from typing import Any

from toolkit.tests.conformance.firestore.universe import (
    COLLECTIONS,
    ROOT,
    Json,
    element,
    field,
    name,
    value,
)

_RANGES = ("LESS_THAN", "LESS_THAN_OR_EQUAL", "GREATER_THAN", "GREATER_THAN_OR_EQUAL")
_UNARY = ("IS_NULL", "IS_NAN")
_NEGATED = ("NOT_EQUAL", "NOT_IN", "IS_NOT_NULL", "IS_NOT_NAN")
_NAME = "__name__"
_NEAREST_MAX = 3


def query(random: Random, *, within: bool = False) -> tuple[str, Json]:
    """A parent and a `StructuredQuery`; one that may be `within` a transaction names its collection."""
    parent, source = _scope(random)
    if within and "collectionId" not in source:
        return query(random, within=True)  # the emulator fails at it
    made: Json = {"from": [source]} if source else {}
    is_kindless = "collectionId" not in source
    by_name_only = is_kindless or (source.get("allDescendants", False) and parent != ROOT)
    if by_name_only:
        if random.random() < 0.4:
            made["where"] = _by_name(random, random.choice(["EQUAL", *_RANGES]))
        if random.random() < 0.3:
            made["orderBy"] = [{"field": {"fieldPath": _NAME}, "direction": "ASCENDING"}]
    else:
        if random.random() < 0.8:
            made["where"] = _Filters(random).where()
        made |= _orders(random)
    made |= _cut(random, made.get("orderBy", []))
    if random.random() < 0.15:
        made["select"] = {"fields": [{"fieldPath": each} for each in random.choice([[_NAME], ["a"], ["m.x", "t"]])]}
    return (parent, made) if _is_asked(made) else query(random, within=within)


def aggregation(random: Random, *, within: bool = False) -> tuple[str, Json]:
    """A parent and a `StructuredAggregationQuery`."""
    parent, made = query(random, within=within)
    made.pop("select", None)
    names = {each["field"]["fieldPath"] for each in (*made.get("orderBy", []), *_flat(made.get("where")))}
    can_have_fields = "collectionId" in (made.get("from") or [{}])[0] and parent == ROOT and _NAME not in names
    asked: list[Json] = []
    for number in range(random.randint(1, 3)):
        kind = random.choice(["count", "sum", "avg"] if can_have_fields else ["count"])
        if kind == "count":
            figure: Json = {"count": {"upTo": str(random.randint(1, 3))} if random.random() < 0.3 else {}}
        else:
            figure = {kind: {"field": {"fieldPath": random.choice(["a", "b", "m.x"])}}}
        asked.append({"alias": f"f{number}", **figure})
    return parent, {"structuredQuery": made, "aggregations": asked}


def _scope(random: Random) -> tuple[str, Json]:
    """Where to look: a collection, a group, everything below a document."""
    chance = random.random()
    if chance < 0.65:
        parent, _, collection = f"{ROOT}/{random.choice(COLLECTIONS)}".rpartition("/")
        return parent, {"collectionId": collection}
    if chance < 0.85:
        return ROOT, {"collectionId": random.choice(["c", "c", "e"]), "allDescendants": True}
    parent = random.choice([ROOT, f"{ROOT}/c/d1"])
    kinds: list[Json] = [{}, {"allDescendants": True}, {"collectionId": "c", "allDescendants": True}]
    return parent, random.choice(kinds)


class _Filters:
    """Filters that may stand together: one negation at most, arrays asked once in each alternative."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._may_negate = random.random() < 0.3
        self._may_split = not self._may_negate or random.random() < 0.4
        self._arrays_asked = False

    def where(self, depth: int = 2) -> Json:
        random = self._random
        if not depth or random.random() < 0.5:
            return self._single()
        is_or = self._may_split and random.random() < 0.35
        filters = [self.where(depth - 1) for _ in range(random.randint(1, 3))]
        return {"compositeFilter": {"op": "OR" if is_or else "AND", "filters": filters}}

    def _single(self) -> Json:
        random = self._random
        if random.random() < 0.08:
            return _by_name(random, random.choice(["EQUAL", *_RANGES]))
        operator = random.choice(
            ["EQUAL"] * 5 + list(_RANGES) + ["IN", "CONTAINS", "NEGATED", "NEGATED", "NEGATED", "UNARY"]
        )
        if operator == "NEGATED" and self._may_negate:
            self._may_negate = False
            return self._negated(random.choice(_NEGATED[:1] + _NEGATED[2:] if self._may_split else _NEGATED))
        if operator == "CONTAINS" and not self._arrays_asked:
            self._arrays_asked = True
            return self._contains()
        if operator == "IN" and self._may_split:
            return _filter(field(random), "IN", _list([value(random) for _ in range(random.randint(1, 3))]))
        if operator == "UNARY":
            return {"unaryFilter": {"op": random.choice(_UNARY), "field": {"fieldPath": field(random)}}}
        return _filter(field(random), operator if operator in _RANGES else "EQUAL", value(random))

    def _negated(self, operator: str) -> Json:
        random = self._random
        if operator == "NOT_IN":
            return _filter(field(random), operator, _list([value(random) for _ in range(random.randint(1, 3))]))
        if operator == "NOT_EQUAL":
            return _filter(field(random), operator, value(random))
        return {"unaryFilter": {"op": operator, "field": {"fieldPath": field(random)}}}

    def _contains(self) -> Json:
        random = self._random
        if self._may_split and random.random() < 0.5:
            return _filter("t", "ARRAY_CONTAINS_ANY", _list([element(random) for _ in range(random.randint(1, 3))]))
        return _filter("t", "ARRAY_CONTAINS", element(random))


def _filter(path: str, operator: str, operand: Json) -> Json:
    return {"fieldFilter": {"field": {"fieldPath": path}, "op": operator, "value": operand}}


def _by_name(random: Random, operator: str) -> Json:
    return _filter(_NAME, operator, {"referenceValue": name(random)})


def _list(values: list[Json]) -> Json:
    return {"arrayValue": {"values": values}}


def _orders(random: Random) -> Json:
    fields = random.sample(["a", "b", "m.x", "t"], random.choice([0, 0, 1, 1, 2]))
    if random.random() < 0.2:
        fields.append(_NAME)
    orders = [
        {"field": {"fieldPath": each}, "direction": "DESCENDING" if random.random() < 0.4 else "ASCENDING"}
        for each in fields
    ]
    return {"orderBy": orders} if orders else {}


def _cut(random: Random, orders: list[Json]) -> Json:
    made: Json = {}
    for key in ("startAt", "endAt"):
        if orders and random.random() < 0.25:
            count = random.randint(1, len(orders))
            values = [_position(random, each["field"]["fieldPath"]) for each in orders[:count]]
            made[key] = {"values": values, "before": random.random() < 0.5}
    if random.random() < 0.3:
        made["offset"] = random.choice([1, 3])
    if random.random() < 0.5:
        made["limit"] = random.choice([0, 1, 2, 5])
    return made


def _position(random: Random, path: str) -> Json:
    return {"referenceValue": name(random)} if path == _NAME else value(random)


def _is_asked(made: Json) -> bool:
    """Whether the names that are compared, sorted by and equal can stand together."""
    filters = list(_flat(made.get("where")))
    names = [each for each in filters if each["field"]["fieldPath"] == _NAME]
    unequal = [each for each in filters if each["op"] in (*_RANGES, *_NEGATED)]
    if any(each["op"] == "EQUAL" for each in names) and unequal:
        return False
    order = made.get("orderBy", [])
    sorted_by = [each["field"]["fieldPath"] for each in order]
    if _NAME in sorted_by and not {each["field"]["fieldPath"] for each in unequal} <= set(sorted_by):
        return False
    descends = bool(order) and order[-1]["direction"] == "DESCENDING"
    sorts_only_names = len(order) <= 1 and all(each["field"]["fieldPath"] == _NAME for each in order)
    others = [each for each in filters if each["field"]["fieldPath"] != _NAME]
    return not (descends and sorts_only_names and not others)


def _flat(where: Any) -> list[Json]:
    if where is None:
        return []
    if "compositeFilter" in where:
        return [one for each in where["compositeFilter"]["filters"] for one in _flat(each)]
    return [where.get("fieldFilter") or where["unaryFilter"]]
