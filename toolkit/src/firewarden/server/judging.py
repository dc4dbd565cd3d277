"""Asks the rules: requests as they came over the wire, put as rules see them. Admins are not asked about."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Protocol, cast

from firewarden.firestore.documents import DatabaseName, DocumentPath, StoredDocument
from firewarden.firestore.field_paths import FieldPath, format_field_path
from firewarden.firestore.query import model
from firewarden.firestore.status import Code, StatusError, invalid
from firewarden.firestore.transforms import Kind
from firewarden.firestore.wire.values import rules_fields, rules_value
from firewarden.firestore.writes import Write
from firewarden.rules import (
    Both,
    Commit,
    CompiledRules,
    Either,
    Filter,
    Get,
    List,
    Query,
    Request,
    Transform,
    auth_of,
    decide,
)
from firewarden.rules import Write as RulesWrite
from firewarden.rules.decision import Decision
from firewarden.rules.lookups import Read
from firewarden.server.auth import Caller
from firewarden.server.rulesets import Loaded
from firewarden.values import Timestamp

Stored = Callable[[DocumentPath], StoredDocument | None]


_EXPLANATION_MAX = 3_000
"""Characters: gRPC sends a status as a header, and clients refuse those of more than 8 KiB."""


class Denied(Protocol):
    """Is told of every denial, for logs; may take its time to explain it."""

    def __call__(
        self, database: DatabaseName, rules: CompiledRules, request: Request, read: Read, decision: Decision
    ) -> None:
        """One request was denied; `read` is what the rules looked up, as long as this lasts."""


class Judge:
    """Decides for one database; raises PERMISSION_DENIED with the rules' own text."""

    def __init__(self, database: DatabaseName, loaded: Loaded, stored: Stored, denied: Denied | None = None) -> None:
        self._database = database
        self._rules = loaded.rules
        self._errors = loaded.errors
        self._stored = stored
        self._denied = denied

    def get(
        self,
        caller: Caller,
        paths: Sequence[DocumentPath],
        now: Timestamp,
        *,
        mask: Sequence[FieldPath] | None,
        in_transaction: bool,
    ) -> None:
        """May these documents be read, or what a mask leaves of them?"""
        if not self._passes(caller):
            fields = None if mask is None else tuple(map(format_field_path, mask))
            self._ask(caller, Get(paths=tuple(paths), fields=fields, in_transaction=in_transaction), now)

    def list(self, caller: Caller, query: model.Query, now: Timestamp, *, in_transaction: bool) -> None:
        """May this query be run?"""
        if not self._passes(caller):
            self._ask(caller, List(query=_query(query, in_transaction=in_transaction)), now)

    def commit(self, caller: Caller, writes: Iterable[Write], now: Timestamp, *, auto_id: bool = False) -> None:
        """May these writes be done, all together?"""
        if not self._passes(caller):
            asked = tuple(_write(each, auto_id=auto_id) for each in writes)
            if asked:
                self._ask(caller, Commit(writes=asked), now)

    def _passes(self, caller: Caller) -> bool:
        if caller.is_admin:
            return True
        if self._errors:
            raise invalid(self._errors)
        return self._rules is None

    def _ask(self, caller: Caller, operation: Get | List | Commit, now: Timestamp) -> None:
        request = Request(operation=operation, time=now, auth=auth_of(caller.claims), database=self._database.database)
        rules = cast("CompiledRules", self._rules)  # without any, nobody is asked about
        decision = decide(rules, request, self._read)
        if decision.allowed:
            return
        if self._denied is not None:
            self._denied(self._database, rules, request, self._read, decision)
        if decision.crashed:
            raise StatusError(Code.UNKNOWN, "")
        text = decision.message or ""
        if caller.wants_explanation:
            text = f"{text}\n\n{_explanation(rules, request, self._read)}"
        raise StatusError(Code.PERMISSION_DENIED, text)

    def _read(self, path: DocumentPath) -> Mapping[str, Any] | None:
        stored = self._stored(path)
        return None if stored is None else rules_fields(stored.data)


def _explanation(rules: CompiledRules, request: Request, read: Read) -> str:
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
        fields=None if query.select is None else tuple(map(format_field_path, query.select)),
        in_transaction=in_transaction,
    )


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
