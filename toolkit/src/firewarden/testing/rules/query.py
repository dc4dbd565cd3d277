"""Queries for list requests: built as with google-cloud-firestore, or taken from it or from the notation of files."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from importlib import import_module
from typing import Any, Literal

from firewarden.errors import FirewardenError
from firewarden.indexes import notation
from firewarden.indexes.notation.queries import OPERATORS
from firewarden.rules import Both, Either, Filter, List, Query
from firewarden.rules.environment import root
from firewarden.rules.query import Where
from firewarden.rules.recordings.wire import query
from firewarden.testing.rules.attempt import Attempt
from firewarden.testing.rules.values import engine_value
from firewarden.values import Path

_OPERATORS = {"array_contains": "array-contains", "array_contains_any": "array-contains-any", "not_in": "not-in"}
_KNOWN = (*OPERATORS, *_OPERATORS)


@dataclass(frozen=True, slots=True)
class FieldFilter:
    """One condition, as in google-cloud-firestore."""

    field_path: str
    op_string: str
    value: Any


@dataclass(frozen=True, slots=True)
class And:
    """All of the filters."""

    filters: tuple[Any, ...] | list[Any]


@dataclass(frozen=True, slots=True)
class Or:
    """At least one of the filters."""

    filters: tuple[Any, ...] | list[Any]


@dataclass(frozen=True, slots=True)
class QueryBuilder:
    """A query under construction; `get()` asks for it."""

    query: Query
    now: datetime
    _ask: Callable[[Any], Attempt]

    def where(self, field: str = "", operator: str = "", value: Any = None, *, filter: Any = None) -> QueryBuilder:  # noqa: A002 - named as in the client library
        """Add a condition: three words, or `filter=FieldFilter(…)`, `And(…)`, `Or(…)`."""
        added = where_of(FieldFilter(field, operator, value) if filter is None else filter, self.query, self.now)
        known = () if self.query.where is None else (self.query.where,)
        return self._with(where=Both(filters=(*known, added)) if known else added)

    def order_by(self, field: str, direction: Literal["ASCENDING", "DESCENDING"] = "ASCENDING") -> QueryBuilder:
        """Add a sort key."""
        order = "DESC" if direction.upper().startswith("DESC") else "ASC"
        return self._with(order_by=(*self.query.order_by, (field, order)))

    def limit(self, count: int) -> QueryBuilder:
        """Return at most this many."""
        return self._with(limit=count)

    def limit_to_last(self, count: int) -> QueryBuilder:
        """Return at most this many from the end; rules see the limit and turned sort keys."""
        turned = tuple((field, "ASC" if order == "DESC" else "DESC") for field, order in self.query.order_by)
        return self._with(limit=count, order_by=turned)

    def offset(self, count: int) -> QueryBuilder:
        """Skip this many."""
        return self._with(offset=count)

    def get(self) -> Attempt:
        """Ask for the documents."""
        return self._ask(List(query=self.query))

    stream = get

    def _with(self, **changes: Any) -> QueryBuilder:
        return replace(self, query=replace(self.query, **changes))


def collection_query(path: str, *, group: bool = False) -> Query:
    """The query for all of a collection, or of a collection group."""
    segments = tuple(path.strip("/").split("/"))
    if len(segments) % 2 == 0 or "" in segments or (group and len(segments) > 1):
        hint = "A collection has an odd number of segments, such as events or events/e1/rsvps; a group is one name."
        raise FirewardenError(f"{path!r} is no path of a collection.", hint=hint)
    return Query(parent=segments[:-1], collection=segments[-1], all_descendants=group)


def query_of(given: Any, now: datetime) -> Query:
    """The query that is meant: a `QueryBuilder`, a mapping in the notation, or one of google-cloud-firestore's."""
    if isinstance(given, QueryBuilder):
        return given.query
    if isinstance(given, Query):
        return given
    if isinstance(given, Mapping):
        given = notation.parse_query(given)
    if isinstance(given, notation.Query):
        return _from_notation(given, now)
    return _from_google(given)


def where_of(given: Any, query: Query, now: datetime) -> Where:
    """A filter of ours, of the notation or of google-cloud-firestore, by its shape."""
    if isinstance(given, notation.Join):
        parts = tuple(where_of(each, query, now) for each in given.parts)
        return Either(filters=parts) if given.kind == "or" else Both(filters=parts)
    if isinstance(given, notation.FieldFilter):
        return _filter(given.field, given.op, given.value, query, now)
    if hasattr(given, "op_string"):
        return _filter(given.field_path, given.op_string, given.value, query, now)
    if hasattr(given, "filters"):
        parts = tuple(where_of(each, query, now) for each in given.filters)
        return Either(filters=parts) if type(given).__name__ == "Or" else Both(filters=parts)
    raise FirewardenError(f"{given!r} is no filter.", hint='Write FieldFilter("visibility", "==", "public").')


def _filter(field: str, operator: str, value: Any, query: Query, now: datetime) -> Filter:
    name = _OPERATORS.get(operator, operator)
    if name not in OPERATORS:
        raise FirewardenError(f"{operator!r} is no operator of a query.", hint=f"There are {', '.join(_KNOWN)}.")
    converted = engine_value(value, now, field)
    if field == "__name__":
        converted = _named(converted, query)
    if value is None and name in ("==", "!="):  # what client libraries send for null
        return Filter(field=field, operator="is-null" if name == "==" else "is-not-null")
    if isinstance(value, float) and value != value and name in ("==", "!="):  # noqa: PLR0124 - NaN
        return Filter(field=field, operator="is-nan" if name == "==" else "is-not-nan")
    return Filter(field=field, operator=name, value=converted)  # type: ignore[arg-type]  # it is among OPERATORS


def _named(value: Any, query: Query) -> Any:
    """Documents are compared by reference; an id or a path may stand for one."""
    if isinstance(value, list):
        return [_named(each, query) for each in value]
    if isinstance(value, str):
        below = tuple(value.split("/")) if "/" in value else (*query.parent, str(query.collection), value)
        return Path(root("(default)") + below)
    return value


def _from_notation(given: notation.Query, now: datetime) -> Query:
    query = collection_query(given.collection, group=given.group)
    wheres = tuple(where_of(each, query, now) for each in given.where)
    turned = given.limit_to_last is not None
    orders = tuple((each.field, _direction(descending=each.descending is not turned)) for each in given.order_by)
    limit = given.limit if given.limit_to_last is None else given.limit_to_last
    where = None if not wheres else wheres[0] if len(wheres) == 1 else Both(filters=wheres)
    return replace(query, where=where, order_by=orders, limit=limit)


def _direction(*, descending: bool) -> Literal["ASC", "DESC"]:
    return "DESC" if descending else "ASC"


def _from_google(given: Any) -> Query:
    """By the request it would send. A collection of the client library is a query for all of it."""
    given = given._query() if hasattr(given, "_query") else given  # noqa: SLF001 - see below
    if not hasattr(given, "_to_protobuf"):
        hint = 'Write user.collection("events").where("visibility", "==", "public").'
        raise FirewardenError(f"{given!r} is no query.", hint=hint)
    json_format = import_module("google.protobuf.json_format")  # present if its query is; it publishes no types
    # The library has no public way to a query's request; these two have been stable since its first release.
    message, parent = given._to_protobuf(), given._parent.parent  # noqa: SLF001
    fields = json_format.MessageToDict(getattr(message, "_pb", message))
    return query(fields, parent.path if parent is not None else "")
