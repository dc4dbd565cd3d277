"""A query as a frozen value, and the mapping that writes it in YAML. Runs nothing.

    {collection: events, where: [[visibility, ==, public], [lastEndAt, ">=", !time now]],
     order_by: [[lastEndAt, asc]], limit: 20}

`group:` instead of `collection:` is a collection group. A condition may be ``{or: [...]}`` or ``{and: [...]}``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from firewarden.errors import Fault, QueryFileError
from firewarden.indexes.notation.values import collection_path_problem

OPERATORS = ("==", "!=", "<", "<=", ">", ">=", "in", "not-in", "array-contains", "array-contains-any")
CURSORS = ("start_at", "start_after", "end_at", "end_before")
_LIMITS = ("limit", "limit_to_last")
_KEYS = ("collection", "group", "where", "order_by", *_LIMITS, *CURSORS, "aggregate")


@dataclass(frozen=True, slots=True)
class FieldFilter:
    """One condition on one field (a field path, or ``__name__``)."""

    field: str
    op: str
    value: Any


@dataclass(frozen=True, slots=True)
class Join:
    """Conditions of which all (``and``) or at least one (``or``) must hold."""

    kind: Literal["and", "or"]
    parts: tuple[Condition, ...]


Condition = FieldFilter | Join


@dataclass(frozen=True, slots=True)
class Order:
    """One sort key."""

    field: str
    descending: bool = False


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a result starts or ends, by the values of the sort keys."""

    kind: str
    values: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Aggregation:
    """A figure asked instead of the documents; `field` is empty for a count."""

    kind: Literal["count", "sum", "average"]
    field: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """A query on the collection at a path, or on all collections with an id (`group`)."""

    collection: str
    group: bool = False
    where: tuple[Condition, ...] = ()
    order_by: tuple[Order, ...] = ()
    limit: int | None = None
    limit_to_last: int | None = None
    cursors: tuple[Cursor, ...] = ()
    aggregate: tuple[Aggregation, ...] = ()

    def filters(self) -> Iterator[FieldFilter]:
        """Every condition on a field, however deep in joins."""
        yield from _flat(self.where)


def parse_query(content: Any, *, file: str = "query", line: int = 0) -> Query:
    """The query that the mapping writes; raises QueryFileError with every fault."""
    problems: list[str] = []
    if not isinstance(content, Mapping):
        problems.append(f"a query is a mapping with {', '.join(_KEYS)}, not {content!r}")
        content = {}
    else:
        problems += [
            f"unknown key {key!r} in a query; there are {', '.join(_KEYS)}" for key in content if key not in _KEYS
        ]
        _check_collection(content, problems)
    query = Query(
        collection=str(content.get("collection") or content.get("group") or ""),
        group="group" in content,
        where=tuple(_conditions(content.get("where", []), problems)),
        order_by=tuple(_orders(content.get("order_by", []), problems)),
        limit=_limit(content, "limit", problems),
        limit_to_last=_limit(content, "limit_to_last", problems),
        cursors=tuple(_cursors(content, problems)),
        aggregate=tuple(_aggregations(content.get("aggregate", []), problems)),
    )
    if problems:
        raise QueryFileError([Fault(file, line, problem) for problem in problems])
    return query


def _check_collection(content: Mapping[str, Any], problems: list[str]) -> None:
    match content:
        case {"collection": _, "group": _}:
            problems.append("a query has either collection or group, not both")
        case {"collection": path}:
            problems += [problem] if (problem := collection_path_problem(path)) else []
        case {"group": str(name)} if name and "/" not in name:
            pass
        case {"group": name}:
            problems.append(f"{name!r} is not a collection id such as rsvps")
        case _:
            problems.append("a query needs collection: PATH or group: ID")


def _conditions(content: Any, problems: list[str]) -> Iterator[Condition]:
    for each in _items(content, "where", "[field, op, value]", problems):
        match each:
            # The web SDK writes array-contains, the Python one array_contains; both are understood.
            case [str(field), str(op), value] if op.replace("_", "-") in OPERATORS:
                yield FieldFilter(field, op.replace("_", "-"), value)
            case [str(_), op, _]:
                problems.append(f"unknown operator {op!r}; there are {', '.join(OPERATORS)}")
            case {"or": parts, **rest} if not rest:
                yield Join("or", tuple(_conditions(parts, problems)))
            case {"and": parts, **rest} if not rest:
                yield Join("and", tuple(_conditions(parts, problems)))
            case _:
                problems.append(f"a condition is [field, op, value], {{or: [...]}} or {{and: [...]}}, not {each!r}")


def _orders(content: Any, problems: list[str]) -> Iterator[Order]:
    for each in _items(content, "order_by", "[field, asc]", problems):
        match each:
            case [str(field), "asc"]:
                yield Order(field)
            case [str(field), "desc"]:
                yield Order(field, descending=True)
            case _:
                problems.append(f"a sort key is [field, asc] or [field, desc], not {each!r}")


def _limit(content: Mapping[str, Any], key: str, problems: list[str]) -> int | None:
    match content.get(key):
        case None:
            return None
        case int(number) if number > 0 and not isinstance(number, bool):
            return number
        case other:
            problems.append(f"{key} is a number above 0, not {other!r}")
            return None


def _cursors(content: Mapping[str, Any], problems: list[str]) -> Iterator[Cursor]:
    for kind in CURSORS:
        if kind in content:
            values = tuple(_items(content[kind], kind, "a value for each sort key", problems))
            if len(values) > len(content.get("order_by") or ()):
                problems.append(f"{kind} has more values than order_by has sort keys")
            yield Cursor(kind, values)


def _aggregations(content: Any, problems: list[str]) -> Iterator[Aggregation]:
    for each in _items(content, "aggregate", "count", problems):
        match each:
            case "count":
                yield Aggregation("count")
            case {"sum": str(field), **rest} if not rest:
                yield Aggregation("sum", field)
            case {"average": str(field), **rest} if not rest:
                yield Aggregation("average", field)
            case _:
                problems.append(f"an aggregation is count, {{sum: field}} or {{average: field}}, not {each!r}")


def _items(content: Any, key: str, example: str, problems: list[str]) -> Sequence[Any]:
    if isinstance(content, list | tuple):
        return content
    problems.append(f"{key} is a list, as in [{example}], not {content!r}")
    return ()


def _flat(conditions: Sequence[Condition]) -> Iterator[FieldFilter]:
    for each in conditions:
        if isinstance(each, Join):
            yield from _flat(each.parts)
        else:
            yield each
