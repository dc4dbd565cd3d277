"""Queries as clients send them: `StructuredQuery` read, and refused with the official words in the official order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from firewarden.firestore.documents import DatabaseName, DocumentPath
from firewarden.firestore.field_paths import FieldPath, parse_field_path
from firewarden.firestore.names import is_reserved
from firewarden.firestore.query.model import (
    NAME,
    And,
    Cursor,
    Distance,
    Filter,
    FindNearest,
    Operator,
    Or,
    Order,
    Query,
    Where,
)
from firewarden.firestore.query.validate import NEAREST_MAX, check_field, check_query, key_is_reserved
from firewarden.firestore.status import invalid
from firewarden.firestore.wire.checks import check_value
from firewarden.firestore.wire.values import VECTOR_KEY, decode_value, write_value
from firewarden.limits import Limits
from firewarden.values import Reference, Vector

_OPERATORS: Mapping[int, Operator] = {
    1: Operator.LESS_THAN,
    2: Operator.LESS_THAN_OR_EQUAL,
    3: Operator.GREATER_THAN,
    4: Operator.GREATER_THAN_OR_EQUAL,
    5: Operator.EQUAL,
    6: Operator.NOT_EQUAL,
    7: Operator.ARRAY_CONTAINS,
    8: Operator.IN,
    9: Operator.ARRAY_CONTAINS_ANY,
    10: Operator.NOT_IN,
}
_UNARY: Mapping[int, Operator] = {
    2: Operator.IS_NAN,
    3: Operator.IS_NULL,
    4: Operator.IS_NOT_NAN,
    5: Operator.IS_NOT_NULL,
}
_VALUES_MAX: Mapping[Operator, int] = {Operator.IN: 30, Operator.ARRAY_CONTAINS_ANY: 30, Operator.NOT_IN: 10}
_NAMES: Mapping[Operator, str] = {
    Operator.IN: "IN",
    Operator.ARRAY_CONTAINS_ANY: "ARRAY_CONTAINS_ANY",
    Operator.NOT_IN: "NOT_IN",
}
_NEGATIONS = frozenset({Operator.NOT_EQUAL, Operator.NOT_IN, Operator.IS_NOT_NAN, Operator.IS_NOT_NULL})
_SPLITTING = frozenset({Operator.IN, Operator.ARRAY_CONTAINS_ANY})
_AND, _OR = 1, 2
_DISTANCES: Mapping[int, Distance] = {1: Distance.EUCLIDEAN, 2: Distance.COSINE, 3: Distance.DOT_PRODUCT}
_DESCENDING = 2


def read_query(message: Any, parent: DocumentPath, database: DatabaseName, limits: Limits) -> Query:
    """The query of a `StructuredQuery` below `parent`; raises INVALID_ARGUMENT if it cannot be asked."""
    del limits  # both production and the emulator limit all of this alike
    has_where = message.HasField("where")
    if has_where:
        _check_negations(message.where)
    collection, all_descendants = _source(message)
    where = _where(message.where) if has_where else None
    select = read_select(message)
    order_by = tuple(map(_order, message.order_by))
    start = _cursor(message.start_at, order_by) if message.HasField("start_at") else None
    end = _cursor(message.end_at, order_by) if message.HasField("end_at") else None
    nearest = _nearest(message.find_nearest) if message.HasField("find_nearest") else None
    if message.offset < 0:
        raise invalid("offset is negative")
    if message.limit.value < 0:
        raise invalid("limit is negative")
    query = Query(
        parent=parent,
        collection=collection,
        all_descendants=all_descendants,
        where=where,
        order_by=order_by,
        start=start,
        end=end,
        offset=message.offset,
        limit=message.limit.value if message.HasField("limit") else None,
        select=select,
        nearest=nearest,
    )
    check_query(query, database)
    return query


def read_field(text: str) -> FieldPath:
    """A field as queries may name it."""
    if "__name__" in text and text != "__name__":
        raise key_is_reserved()
    field = parse_field_path(text)
    if field != NAME and any(map(is_reserved, field)):
        raise invalid(f"Invalid reserved name in field path {text}")
    return field


def write_cursor(message: Any, path: DocumentPath, database: DatabaseName) -> None:
    """Set a `Cursor` to the position just before a document."""
    write_value(message.values.add(), Reference(database.project, database.database, path))
    message.before = True


def _check_negations(where: Any) -> None:
    """Asked of the whole message before anything else."""
    operators, has_or = _operators(where)
    if sum(each in _NEGATIONS for each in operators) > 1:
        raise invalid("Only a single 'NOT_EQUAL', 'NOT_IN', 'IS_NOT_NAN', or 'IS_NOT_NULL' filter allowed per query.")
    if Operator.NOT_IN in operators and (has_or or not _SPLITTING.isdisjoint(operators)):
        raise invalid("'NOT_IN' cannot be used in the same query with 'IN', 'ARRAY_CONTAINS_ANY' or 'OR'.")


def _operators(where: Any) -> tuple[list[Operator | None], bool]:
    """All operators of filters, and whether one of them is an OR."""
    kind = where.WhichOneof("filter_type")
    if kind == "field_filter":
        return [_OPERATORS.get(where.field_filter.op)], False
    if kind == "unary_filter":
        return [_UNARY.get(where.unary_filter.op)], False
    if kind is None:
        return [], False
    inner = list(map(_operators, where.composite_filter.filters))
    has_or = where.composite_filter.op == _OR or any(each[1] for each in inner)
    return [operator for each in inner for operator in each[0]], has_or


def _source(message: Any) -> tuple[str | None, bool]:
    sources = getattr(message, "from")
    if len(sources) > 1:
        raise invalid("StructuredQuery.from cannot have more than one collection selector.")
    if not sources:
        return None, False
    name = sources[0].collection_id
    if "/" in name:
        raise invalid(f'Collection id "{name}" is invalid because it contains "/".')
    if name in (".", "..") or is_reserved(name):
        raise invalid(f'Collection id "{name}" is invalid because it is reserved.')
    return name or None, sources[0].all_descendants


def _where(message: Any) -> Where | None:
    """The filters; None if there are none after all."""
    match message.WhichOneof("filter_type"):
        case "composite_filter":
            return _composite(message.composite_filter)
        case "field_filter":
            return _field_filter(message.field_filter)
        case "unary_filter":
            field = read_field(message.unary_filter.field.field_path)
            operator = _UNARY.get(message.unary_filter.op)
            if operator is None:
                raise invalid("Unknown UnaryFilter operator.")
            return Filter(field, operator)
        case _:
            raise invalid("Unknown Filter type.")


def _composite(message: Any) -> Where | None:
    if message.op not in (_AND, _OR):
        raise invalid("Unsupported CompositeFilter operator.")
    if message.op == _OR and not message.filters:
        raise invalid("Composite filter must have at least one sub-filter.")
    read = list(map(_where, message.filters))
    filters = tuple(each for each in read if each is not None)
    if message.op == _AND:
        return And(filters) if filters else None
    return Or(filters) if len(filters) == len(read) else None  # an empty AND lets everything pass


def _field_filter(message: Any) -> Filter:
    field = read_field(message.field.field_path)
    value = _operand(message.value)
    operator = _OPERATORS.get(message.op)
    if operator is None:
        raise invalid("Unknown FieldFilter operator.")
    if operator in _VALUES_MAX:
        name, most = _NAMES[operator], _VALUES_MAX[operator]
        if type(value) is not list:
            raise invalid(f"'{name}' requires an ArrayValue.")
        if not value:
            raise invalid(f"'{name}' requires an non-empty ArrayValue.")
        if len(value) > most:
            raise invalid(f"'{name}' supports up to {most} comparison values.")
    return Filter(field, operator, value)


def _operand(message: Any) -> Any:
    """A value to compare with: unlike a stored one it may hold arrays in arrays, and maps with empty names."""
    _check_operand(message)
    return decode_value(message)


def _check_operand(message: Any) -> None:
    kind = message.WhichOneof("value_type")
    if kind == "array_value":
        for each in message.array_value.values:
            _check_operand(each)
    elif kind == "map_value" and VECTOR_KEY not in message.map_value.fields:
        for name, each in message.map_value.fields.items():
            if is_reserved(name):
                raise invalid(f"field name '{name}' is reserved.")
            _check_operand(each)
    else:
        check_value(message)


def read_select(message: Any) -> tuple[FieldPath, ...] | None:
    """The selected fields; the name, which is always there, is none."""
    if not message.HasField("select"):
        return None
    fields = [read_field(each.field_path) for each in message.select.fields]
    for each in fields:
        check_field(each)
    return tuple(each for each in fields if each != NAME)


def _order(message: Any) -> Order:
    field = read_field(message.field.field_path)
    if message.direction not in (0, 1, _DESCENDING):
        raise invalid("Unrecognized ordering.")
    return Order(field, message.direction == _DESCENDING)


def _cursor(message: Any, order_by: Sequence[Order]) -> Cursor:
    if len(message.values) > len(order_by):
        raise invalid("Cursor has too many values.")
    values = []
    for each, order in zip(message.values, order_by, strict=False):
        value = _operand(each)
        if order.field == NAME and not isinstance(value, Reference):
            raise invalid("Cursor __key__ value is not a document reference.")
        values.append(value)
    return Cursor(tuple(values), message.before)


def _nearest(message: Any) -> FindNearest:
    vector = _operand(message.query_vector)
    if type(vector) is not Vector:
        raise invalid("Query Value must be of type vector.")
    field = read_field(message.vector_field.field_path)
    if not 0 < message.limit.value <= NEAREST_MAX:
        raise invalid(f"FindNearest.limit must be a positive integer of no more than {NEAREST_MAX}")
    distance = _DISTANCES.get(message.distance_measure)
    if distance is None:
        raise invalid("Unknown Distance Measure.")
    return FindNearest(
        field=field,
        vector=vector,
        distance=distance,
        limit=message.limit.value,
        result_field=message.distance_result_field or None,
        threshold=message.distance_threshold.value if message.HasField("distance_threshold") else None,
    )
