"""What a `StructuredQuery` finds among documents in a dict: the definition, document by document. No index, no plan."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cmp_to_key
from typing import Any

from toolkit.tests.conformance.firestore.universe import ROOT, Json
from toolkit.tests.conformance.firestore.values import (
    MISSING,
    Path,
    compare,
    compare_paths,
    equal,
    get,
    is_nan,
    is_null,
    parsed,
    put,
    rank,
)

NAME = "__name__"
_INEQUALITIES = frozenset(
    {"LESS_THAN", "LESS_THAN_OR_EQUAL", "GREATER_THAN", "GREATER_THAN_OR_EQUAL", "NOT_EQUAL", "NOT_IN"}
)
_NEGATED_UNARY = frozenset({"IS_NOT_NULL", "IS_NOT_NAN"})


@dataclass(frozen=True, slots=True)
class Document:
    """A stored document; times are numbers of the operations that set them."""

    fields: Json
    created: str
    updated: str


Documents = Mapping[Path, Document]


def found(query: Json, parent: Path, documents: Documents) -> list[Path]:
    """The documents, in order, before the offset is skipped and the limit cuts."""
    by = orders(query)
    paths = [path for path, each in documents.items() if _is_candidate(query, parent, path, each.fields)]

    def in_order(left: Path, right: Path) -> int:
        return _in_order(by, documents, left, right)

    paths.sort(key=cmp_to_key(in_order))
    start, end = query.get("startAt"), query.get("endAt")
    return [
        path
        for path in paths
        if not (start and _is_before(start, by, path, documents[path].fields))
        and not (end and not _is_before(end, by, path, documents[path].fields))
    ]


def taken(query: Json, paths: Sequence[Path]) -> tuple[list[Path], int]:
    """What offset and limit leave, and how many the offset skipped."""
    offset = int(query.get("offset", 0))
    limit = query.get("limit")
    rest = list(paths[offset:])
    return rest if limit is None else rest[:limit], min(offset, len(paths))


def _is_candidate(query: Json, parent: Path, path: Path, fields: Json) -> bool:
    """Whether a document is what a query asks for, cursors aside."""
    return (
        _in_scope(query, parent, path)
        and _satisfies(query.get("where"), path, fields)
        and all(field == NAME or get(fields, parsed(field)) is not MISSING for field, _ in orders(query))
    )


def selected(query: Json, fields: Json) -> Json:
    """The fields that a query selects."""
    if "select" not in query:
        return fields
    return masked(fields, [each["fieldPath"] for each in query["select"].get("fields", [])])


def masked(fields: Json, mask: Sequence[str]) -> Json:
    """The fields that a mask names."""
    kept: Json = {}
    for each in mask:
        if each != NAME and (value := get(fields, parsed(each))) is not MISSING:
            kept = put(kept, parsed(each), value)
    return kept


def orders(query: Json) -> list[tuple[str, bool]]:
    """Fields and whether they descend: those given, those with inequalities by name, the document's name at last."""
    given = [(each["field"]["fieldPath"], each.get("direction") == "DESCENDING") for each in query.get("orderBy", [])]
    descending = given[-1][1] if given else False
    sorted_by = {field for field, _ in given}
    compared = {field for field in _compared(query.get("where")) if field != NAME} - sorted_by
    implied = sorted(compared, key=parsed)
    return [*given, *((field, descending) for field in (*implied, *({NAME} - sorted_by)))]


def _compared(where: Json | None) -> set[str]:
    """Fields with inequalities; a comparison that nothing can pass is none."""
    if where is None:
        return set()
    if "compositeFilter" in where:
        return set().union(*map(_compared, where["compositeFilter"].get("filters", [])))
    if "unaryFilter" in where:
        unary = where["unaryFilter"]
        return {unary["field"]["fieldPath"]} if unary["op"] in _NEGATED_UNARY else set()
    plain = where["fieldFilter"]
    if plain["op"] not in _INEQUALITIES:
        return set()
    is_void = plain["op"] != "NOT_IN" and (
        is_null(plain["value"]) or (is_nan(plain["value"]) and plain["op"] != "NOT_EQUAL")
    )
    return set() if is_void else {plain["field"]["fieldPath"]}


def _in_scope(query: Json, parent: Path, path: Path) -> bool:
    source = (query.get("from") or [{}])[0]
    is_below = len(path) >= len(parent) + 2 and path[: len(parent)] == parent
    is_near = source.get("allDescendants", False) or len(path) == len(parent) + 2
    return is_below and is_near and source.get("collectionId", path[-2]) == path[-2]


def _in_order(by: Sequence[tuple[str, bool]], documents: Documents, left: Path, right: Path) -> int:
    for field, descending in by:
        if field == NAME:
            sign = compare_paths(left, right)
        else:
            names = parsed(field)
            sign = compare(get(documents[left].fields, names), get(documents[right].fields, names))
        if sign:
            return -sign if descending else sign
    return 0


def _is_before(cursor: Json, by: Sequence[tuple[str, bool]], path: Path, fields: Json) -> bool:
    """Whether a document lies before the position of a cursor."""
    for value, (field, descending) in zip(cursor.get("values", []), by, strict=False):
        if field == NAME:
            sign = compare_paths(path, relative(value["referenceValue"]))
        else:
            sign = compare(get(fields, parsed(field)), value)
        if sign:
            return (sign > 0) if descending else (sign < 0)
    return not cursor.get("before", False)


def _satisfies(where: Json | None, path: Path, fields: Json) -> bool:
    if where is None:
        return True
    if "compositeFilter" in where:
        composite = where["compositeFilter"]
        passed = (_satisfies(each, path, fields) for each in composite.get("filters", []))
        return all(passed) if composite["op"] == "AND" else any(passed)
    condition = where.get("fieldFilter") or where["unaryFilter"]
    field = condition["field"]["fieldPath"]
    value = {"referenceValue": "/".join((ROOT, *path))} if field == NAME else get(fields, parsed(field))
    if value is MISSING:
        return False
    return _passes_unary(condition["op"], value) if "value" not in condition else _passes(condition, value)


def _passes_unary(operator: str, value: Json) -> bool:
    match operator:
        case "IS_NULL":
            return is_null(value)
        case "IS_NOT_NULL":
            return not is_null(value)
        case "IS_NAN":
            return is_nan(value)
        case _:
            return not is_nan(value) and not is_null(value)


def _passes(condition: Json, value: Json) -> bool:  # noqa: PLR0911 - one line per operator
    operand = condition["value"]
    listed = operand.get("arrayValue", {}).get("values", [])
    match condition["op"]:
        case "EQUAL":
            return _equals(value, operand)
        case "NOT_EQUAL":
            return not is_null(value) and not is_null(operand) and not _equals(value, operand)
        case "IN":
            return any(_equals(value, each) for each in listed)
        case "NOT_IN":
            return not is_null(value) and not any(is_null(each) or _equals(value, each) for each in listed)
        case "ARRAY_CONTAINS":
            return any(_equals(each, operand) for each in _array(value))
        case "ARRAY_CONTAINS_ANY":
            return any(_equals(each, one) for each in _array(value) for one in listed)
        case operator:
            return _compares(operator, value, operand)


def _array(value: Json) -> Sequence[Json]:
    found: Sequence[Any] = value.get("arrayValue", {}).get("values", [])
    return found


def _equals(value: Json, operand: Json) -> bool:
    """Null and NaN equal nothing."""
    return not is_null(operand) and not is_nan(operand) and equal(value, operand)


def _compares(operator: str, value: Json, operand: Json) -> bool:
    """Only values of one type are less or greater than each other."""
    if is_null(operand) or is_nan(operand) or rank(value) != rank(operand):
        return False
    sign = compare(value, operand)
    if sign == 0:
        return operator.endswith("_OR_EQUAL")
    return sign < 0 if operator.startswith("LESS") else sign > 0


def relative(name: str) -> Path:
    """A document's path of its resource name."""
    return tuple(name.removeprefix(f"{ROOT}/").split("/")) if name != ROOT else ()
