"""Requests as they came over the wire, put as rules see them.

Imported with the first user who asks something of rules: a database without any, or without users, does without.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from firewarden.firestore.documents import DocumentPath
from firewarden.firestore.field_paths import FieldPath, format_field_path
from firewarden.firestore.query import model
from firewarden.firestore.query.normalize import flat
from firewarden.firestore.transforms import Kind
from firewarden.firestore.wire.values import rules_value
from firewarden.firestore.writes import Write
from firewarden.rules import Both, Commit, CompiledRules, Either, Filter, Get, List, Query, Request, Transform
from firewarden.rules import Write as RulesWrite
from firewarden.rules.lookups import Read
from firewarden.values import Reference

_EXPLANATION_MAX = 3_000
"""Characters: gRPC sends a status as a header, and clients refuse those of more than 8 KiB."""


def get_of(paths: Sequence[DocumentPath], *, in_transaction: bool) -> Get:
    """Reading documents."""
    return Get(paths=tuple(paths), in_transaction=in_transaction)


def list_of(query: model.Query, *, in_transaction: bool) -> List:
    """Running a query."""
    return List(query=_query(query, in_transaction=in_transaction))


def commit_of(writes: Iterable[Write], *, auto_id: bool) -> Commit:
    """Doing all the writes together."""
    return Commit(writes=tuple(_write(each, auto_id=auto_id) for each in writes))


def named(query: model.Query) -> list[DocumentPath]:
    """The documents that a query names: they are read for what they are, not looked up."""
    values = [each.value for each in flat(query.where) if each.field == model.NAME]
    listed = [each for value in values for each in (value if isinstance(value, list) else [value])]
    return [each.segments for each in listed if isinstance(each, Reference)]


def explanation(rules: CompiledRules, request: Request, read: Read) -> str:
    """Why the request is denied, for whoever wants to know that with the denial."""
    from firewarden.rules.explain import explain  # noqa: PLC0415 - most servers never explain

    text = explain(rules, request, read).text()
    return text if len(text) <= _EXPLANATION_MAX else f"{text[:_EXPLANATION_MAX]} ..."


def _write(write: Write, *, auto_id: bool) -> RulesWrite:
    return RulesWrite(
        path=write.path,
        data=None if write.fields is None else {name: rules_value(each) for name, each in write.fields.items()},
        mask=None if write.mask is None else tuple(map(format_field_path, write.mask)),
        transforms=tuple(
            Transform(field=format_field_path(each.field), kind=_KINDS[each.kind], operand=rules_value(each.operand))
            for each in write.transforms
        ),
        exists=write.exists,
        update_time=write.update_time,
        verify=write.verify,
        auto_id=auto_id,
    )


def _query(query: model.Query, *, in_transaction: bool) -> Query:
    return Query(
        parent=query.parent,
        collection=query.collection,
        all_descendants=query.all_descendants,
        where=None if query.where is None else _where(query.where),
        order_by=tuple(
            (format_field_path(each.field), "DESC" if each.descending else "ASC") for each in query.order_by
        ),
        limit=query.limit,
        offset=query.offset,
        fields=None if query.select is None else tuple(_selected(query.select)),
        in_transaction=in_transaction,
    )


def _selected(fields: Iterable[FieldPath]) -> Iterator[str]:
    """Without the name, which is always there and no field to rules."""
    return (format_field_path(each) for each in fields if each != model.NAME)


def _where(where: model.Where) -> Filter | Both | Either:
    match where:
        case model.Filter():
            field = format_field_path(where.field)
            return Filter(field=field, operator=where.operator.value, value=rules_value(where.value))
        case model.And():
            return Both(filters=tuple(map(_where, where.filters)))
        case model.Or():
            return Either(filters=tuple(map(_where, where.filters)))


_KINDS: Mapping[Kind, Any] = {
    Kind.SERVER_TIME: "server_time",
    Kind.INCREMENT: "increment",
    Kind.MAXIMUM: "maximum",
    Kind.MINIMUM: "minimum",
    Kind.ARRAY_UNION: "array_union",
    Kind.ARRAY_REMOVE: "array_remove",
}
