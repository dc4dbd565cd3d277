"""Random documents and queries, by seed: small worlds in which much is equal, null, of another type or not there."""

from __future__ import annotations

from dataclasses import replace
from random import Random
from typing import Any

from firewarden.firestore.documents import DatabaseName
from firewarden.firestore.query.model import (
    NAME,
    And,
    Cursor,
    Filter,
    Operator,
    Or,
    Order,
    Query,
    Where,
)
from firewarden.firestore.query.normalize import flat, orders
from firewarden.firestore.status import StatusError
from firewarden.firestore.wire.queries import read_query
from firewarden.firestore.wire.query_writing import query_message
from firewarden.limits import PRODUCTION
from firewarden.values import LatLng, Reference, Timestamp, Vector

PROJECT = "demo-worlds"
_FIELDS = (("a",), ("b",), ("m", "x"), ("t",))
_COMMON = (0, 1, 2, 2.0, 1.5, "a", "b", None, True)
_RARE: tuple[Any, ...] = (
    -1,
    -0.0,
    float("nan"),
    float("inf"),
    2**53 + 1,
    float(2**53),
    "",
    "ä",
    b"",
    b"\x00\xff",
    False,
    Timestamp(1_600_000_000_000_000_000),
    Timestamp(-1_000),
    LatLng(1.0, 2.0),
    Reference(PROJECT, "(default)", ("c", "d1")),
    Vector((1.0, 2.0)),
    [],
    [1, "a"],
    [1, 1.0, None],
    {},
    {"x": 1},
    {"x": "a", "y": 0},
)
_RANGES = (
    Operator.LESS_THAN,
    Operator.LESS_THAN_OR_EQUAL,
    Operator.GREATER_THAN,
    Operator.GREATER_THAN_OR_EQUAL,
    Operator.NOT_EQUAL,
)
_UNARY = (Operator.IS_NULL, Operator.IS_NAN, Operator.IS_NOT_NULL, Operator.IS_NOT_NAN)
_COLLECTIONS = ("c", "c/d1/c", "c/d1/e", "e", "e/\x00/c")


def documents(random: Random, *, project: str = PROJECT) -> dict[str, dict[str, Any]]:
    """Some documents in several collections; references are to documents of the project."""
    names = [
        f"{collection}/{name}" for collection in _COLLECTIONS for name in ("d1", "d2", "d3", "d4", "d5", "z z", "ä")
    ]
    made = {name: _fields(random) for name in random.sample(names, random.randint(0, len(names)))}
    moved: dict[str, dict[str, Any]] = _moved(made, project)
    return moved


def query(random: Random, *, project: str = PROJECT) -> Query:
    """A valid query on such documents."""
    while True:
        made: Query = _moved(_query(random), project)
        try:
            read_query(query_message(made), made.parent, DatabaseName(project), PRODUCTION)
        except StatusError:
            continue
        by = orders(made)
        if len(by) > 1 or not by[0].descending or any(each.field != NAME for each in flat(made.where)):
            return made


def _query(random: Random) -> Query:
    parent = random.choice([(), (), (), ("c", "d1")])
    collection = random.choice(["c", "c", "c", "e", None])
    where = _where(random, depth=2) if random.random() < 0.8 else None
    order_by = _orders(random)
    return Query(
        parent=parent,
        collection=collection,
        all_descendants=random.random() < 0.3,
        where=where,
        order_by=order_by,
        offset=random.choice([0, 0, 0, 1, 3]),
        limit=random.choice([None, None, None, 0, 1, 2, 5]),
        start=_cursor(random, order_by) if random.random() < 0.25 else None,
        end=_cursor(random, order_by) if random.random() < 0.25 else None,
    )


def _where(random: Random, *, depth: int) -> Where:
    if depth and random.random() < 0.5:
        filters = tuple(_where(random, depth=depth - 1) for _ in range(random.randint(1, 3)))
        return And(filters) if random.random() < 2 / 3 else Or(filters)
    return _filter(random)


def _filter(random: Random) -> Filter:
    field = NAME if random.random() < 0.1 else random.choice(_FIELDS)
    if field == NAME:
        operator = random.choice([Operator.EQUAL, *_RANGES])
        return Filter(NAME, operator, _reference(random))
    operator = random.choice(
        [*[Operator.EQUAL] * 6, *_RANGES, Operator.IN, Operator.IN, Operator.NOT_IN, *_UNARY]
        + [Operator.ARRAY_CONTAINS] * 2
        + [Operator.ARRAY_CONTAINS_ANY]
    )
    if operator in _UNARY:
        return Filter(field, operator)
    if operator in (Operator.ARRAY_CONTAINS, Operator.ARRAY_CONTAINS_ANY):
        field = ("t",)
    if operator in (Operator.IN, Operator.NOT_IN, Operator.ARRAY_CONTAINS_ANY):
        return Filter(field, operator, [_value(random) for _ in range(random.randint(1, 3))])
    return Filter(field, operator, _value(random))


def _orders(random: Random) -> tuple[Order, ...]:
    fields = random.sample(_FIELDS, random.choice([0, 0, 1, 1, 2]))
    if random.random() < 0.2:
        fields.append(NAME)
    return tuple(Order(field, random.random() < 0.4) for field in fields)


def _cursor(random: Random, order_by: tuple[Order, ...]) -> Cursor | None:
    count = random.randint(0, len(order_by))
    if not count:
        return None
    values = [_reference(random) if each.field == NAME else _value(random) for each in order_by[:count]]
    return Cursor(tuple(values), random.random() < 0.5)


def _fields(random: Random) -> dict[str, Any]:
    fields: dict[str, Any] = {name: _value(random) for name in ("a", "b") if random.random() < 0.85}
    if random.random() < 0.7:
        fields["m"] = {"x": _value(random)} if random.random() < 0.8 else _value(random)
    if random.random() < 0.8:
        fields["t"] = [_value(random, plain=True) for _ in range(random.randint(0, 4))]
    return fields


def _value(random: Random, *, plain: bool = False) -> Any:
    value = random.choice(_COMMON if random.random() < 0.75 else _RARE)
    return 0 if plain and type(value) in (list, Vector) else value


def _reference(random: Random) -> Reference:
    path = random.choice(["c/d1", "c/d3", "c/d1/c/d2", "c/d1/e/d1", "e/d1", "b/a", "c/ä", "c/d1/c/d2/x/y"])
    return Reference(PROJECT, "(default)", tuple(path.split("/")))


def _moved(value: Any, project: str) -> Any:  # noqa: PLR0911 - one line per type
    """The same with references to another project."""
    match value:
        case Reference():
            return value._replace(project=project)
        case dict():
            return {name: _moved(each, project) for name, each in value.items()}
        case list():
            return [_moved(each, project) for each in value]
        case Filter():
            return replace(value, value=_moved(value.value, project))
        case And() | Or():
            return replace(value, filters=tuple(_moved(each, project) for each in value.filters))
        case Cursor():
            return replace(value, values=tuple(_moved(each, project) for each in value.values))
        case Query(where=where, start=start, end=end):
            moved = {"where": _moved(where, project), "start": _moved(start, project), "end": _moved(end, project)}
            return replace(value, **moved)
        case _:
            return value
