"""Whether a query may be asked at all: the emulator's checks of a read query, in its order and words."""

from __future__ import annotations

from firewarden.firestore.documents import DatabaseName
from firewarden.firestore.field_paths import FieldPath, format_field_path
from firewarden.firestore.query.model import NAME, And, Cursor, Filter, FindNearest, Operator, Or, Query, Where
from firewarden.firestore.query.normalize import INEQUALITIES, count_alternatives, flat, inequality_fields, orders
from firewarden.firestore.sizes import value_size
from firewarden.firestore.status import StatusError, failed_precondition, invalid
from firewarden.limits import DISJUNCTIONS, FIELD_NAME_BYTES, ID_BYTES
from firewarden.values import Reference

PARTS_MAX = 100
"""Filters, with each value of `in`, sort orders and the parent, together."""
INEQUALITY_FIELDS_MAX = 10
OPERAND_BYTES_MAX = 1_500
NEAREST_MAX = 1_000

_LISTS = frozenset({Operator.IN, Operator.NOT_IN, Operator.ARRAY_CONTAINS_ANY})
_CONTAINS = frozenset({Operator.ARRAY_CONTAINS, Operator.ARRAY_CONTAINS_ANY})


def check_query(query: Query, database: DatabaseName) -> None:
    """Refuse what the emulator refuses once it has read the whole query."""
    _check_parts(query)
    if query.collection is not None:
        _check_contains(query)
        if len(query.collection.encode()) > ID_BYTES:
            raise invalid(f"The query kind is longer than {ID_BYTES} bytes.")
    _check_filters(query, database)
    if query.nearest is not None:
        _check_nearest(query, query.nearest)
    count = count_alternatives(query.where)
    if count > DISJUNCTIONS:
        raise invalid(
            f"Too many disjunctions after normalization. Result had {count} disjunctions which is more than the "
            f"maximum of {DISJUNCTIONS}"
        )
    if query.all_descendants and query.collection is not None and query.parent and _needs_index(query):
        raise invalid("collection group queries are only allowed at the root parent")
    _check_orders(query)
    for cursor in (query.start, query.end):
        _check_position(query, cursor, database)


def check_order(query: Query) -> None:
    """Refuse to read names backwards, which is how documents lie where nothing else sorts them or fixes a field."""
    by = orders(query)
    if query.collection is None and (len(by) > 1 or by[0].descending):
        raise invalid("kind is required for all orders except __key__ ascending")
    if len(by) > 1 or not by[0].descending or any(each.field != NAME for each in flat(query.where)):
        return
    if query.all_descendants and query.parent:
        raise failed_precondition(
            "collection group queries are only allowed if they're at the root or they're an ascending primary key scan"
        )
    raise failed_precondition("Firestore does not support descending key scans")


def check_field(field: FieldPath) -> None:
    """Refuse a field that no document can have."""
    if len(".".join(field).encode()) > FIELD_NAME_BYTES:
        raise invalid(f"property path is longer than {FIELD_NAME_BYTES} bytes.")


def _check_parts(query: Query) -> None:
    filters = sum(len(each.value) if each.operator in _LISTS else 1 for each in flat(query.where))
    sorts = len(query.order_by)
    if filters + sorts + bool(query.parent) > PARTS_MAX:
        ancestor = "one" if query.parent else "no"
        raise invalid(
            f"The query may not have more than {PARTS_MAX} filters + sort orders + ancestor total. Currently there are "
            f"{filters} filters, {sorts} sort orders, and {ancestor} ancestor filter."
        )


def _check_contains(query: Query) -> None:
    if _contains_at_once(query.where) > 1:
        raise invalid("A maximum of 1 'ARRAY_CONTAINS' filter is allowed per disjunction.")


def _contains_at_once(where: Where | None) -> int:
    """The most filters on what arrays contain that one alternative has."""
    match where:
        case None:
            return 0
        case Filter():
            return int(where.operator in _CONTAINS)
        case And():
            return sum(map(_contains_at_once, where.filters))
        case Or():
            return max(map(_contains_at_once, where.filters))


def _check_nearest(query: Query, nearest: FindNearest) -> None:
    for is_given, what in (
        (query.limit is not None, "A query limit"),
        (bool(query.offset), "A query offset"),
        (query.start is not None or query.end is not None, "A cursor"),
    ):
        if is_given:
            raise invalid(f"{what} cannot be used with FindNearest")
    name = nearest.result_field
    if name is not None and name.startswith("__") and name.endswith("__"):
        raise invalid(f'The distanceResultField.property.name "{name}" is reserved.')
    if nearest.threshold is not None and nearest.threshold - nearest.threshold != 0:
        raise invalid("distanceThreshold must be a finite number.")


def _check_filters(query: Query, database: DatabaseName) -> None:
    """Filter by filter, in the order in which they are written."""
    compared: dict[FieldPath, None] = {}
    for each in flat(query.where):
        _check_filter(each, query, database)
        if each.operator in INEQUALITIES:
            compared[each.field] = None
    if len(compared) > INEQUALITY_FIELDS_MAX:
        names = ", ".join("__key__" if field == NAME else format_field_path(field) for field in compared)
        raise invalid(
            f"The query contains {len(compared)} distinct inequality fields: [{names}]. A query may not have more than "
            f"{INEQUALITY_FIELDS_MAX} distinct inequality fields."
        )


def _check_filter(condition: Filter, query: Query, database: DatabaseName) -> None:
    operands = condition.value if condition.operator in _LISTS else [condition.value]
    if condition.field == NAME:
        if condition.operator in _CONTAINS:
            raise key_is_reserved()
        for each in operands:
            _check_name(each, database)
        return
    shown = format_field_path(condition.field) + ("[*]" if condition.operator in _CONTAINS else "")
    if query.collection is None:
        raise invalid(f"kind is required for filter: {shown}")
    check_field(condition.field)
    if any(value_size(each) > OPERAND_BYTES_MAX for each in operands):
        raise invalid(f"value for {shown} is too large to be used in a query")


def key_is_reserved() -> StatusError:
    """`__name__` where it cannot stand."""
    return invalid("the name __key__ is reserved")


def _check_name(operand: object, database: DatabaseName) -> None:
    if not isinstance(operand, Reference):
        raise invalid("__key__ filter value must be a Key")
    named = DatabaseName(operand.project, operand.database)
    if named != database:
        raise invalid(f"The request was for database '{database}' but was attempting to access database '{named}'")


def _check_orders(query: Query) -> None:
    by = orders(query)
    if query.collection is None and (by[0].field != NAME or by[0].descending):
        raise invalid("kind is required for all orders except __key__ ascending")
    seen: set[FieldPath] = set()
    for each in by:
        if NAME in seen:
            raise invalid("order by clause cannot contain more fields after the key")
        if each.field in seen:
            raise invalid(f"order by clause cannot contain duplicate fields {format_field_path(each.field)}")
        check_field(each.field)
        seen.add(each.field)


def check_key(query: Query) -> None:
    """Refuse to fix names where other fields are compared; the emulator asks rules before it says so."""
    compared = inequality_fields(query.where)
    if not compared or NAME in compared:
        return
    if any(each.field == NAME and each.operator in (Operator.EQUAL, Operator.IN) for each in flat(query.where)):
        raise invalid(
            "Equality on key is not allowed if there are other inequality fields and key does not appear in "
            "inequalities."
        )


def _check_position(query: Query, cursor: Cursor | None, database: DatabaseName) -> None:
    for value, order in zip(() if cursor is None else cursor.values, query.order_by, strict=False):
        if order.field == NAME and (value.project, value.database) != database:
            raise invalid("The cursor key is in a different database than the query")


def _needs_index(query: Query) -> bool:
    by = orders(query)
    return len(by) > 1 or any(each.field != NAME for each in flat(query.where))
