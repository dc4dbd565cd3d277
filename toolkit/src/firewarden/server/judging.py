"""Asks the rules. Admins are not asked about; where nobody else asks, nothing of the rules engine is imported."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol, cast

from firewarden.firestore.documents import DatabaseName, DocumentPath, StoredDocument
from firewarden.firestore.status import Code, StatusError, invalid
from firewarden.firestore.wire.values import rules_fields
from firewarden.server.account import Account
from firewarden.server.auth import Caller
from firewarden.server.rulesets import Loaded
from firewarden.values import Timestamp

if TYPE_CHECKING:
    from firewarden.firestore.query import model
    from firewarden.firestore.writes import Write
    from firewarden.rules import Commit, CompiledRules, Decision, Get, List, Request
    from firewarden.rules.lookups import Read
    from firewarden.server.coverage import Coverage
    from firewarden.server.evaluations import Evaluations

Stored = Callable[[DocumentPath], StoredDocument | None]


class Denied(Protocol):
    """Is told of every denial, for logs; may take its time to explain it."""

    def __call__(
        self, database: DatabaseName, rules: CompiledRules, request: Request, read: Read, decision: Decision
    ) -> None:
        """One request was denied; `read` gives what the rules looked up, now and later."""


class Judge:
    """Decides for one database; raises PERMISSION_DENIED with the rules' own text. Admins need none."""

    def __init__(
        self,
        database: DatabaseName,
        loaded: Loaded,
        stored: Stored,
        denied: Denied | None = None,
        account: Account | None = None,
        coverage: Coverage | None = None,
        evaluations: Evaluations | None = None,
    ) -> None:
        self._database = database
        self._rules = loaded.rules
        self._errors = loaded.errors
        self._stored = stored
        self._denied = denied
        self._account = account
        self._coverage = coverage
        self._evaluations = evaluations

    def get(
        self,
        caller: Caller,
        paths: Sequence[DocumentPath],
        now: Timestamp,
        *,
        in_transaction: bool,
    ) -> None:
        """May these documents be read? Rules see nothing of a mask: `request.fields` is that of queries."""
        if not self._passes(caller):
            from firewarden.server import asking  # noqa: PLC0415 - see there

            asked = asking.get_of(paths, in_transaction=in_transaction)
            self._ask(caller, asked, now, known=paths)

    def list(self, caller: Caller, query: model.Query, now: Timestamp, *, in_transaction: bool) -> None:
        """May this query be run?"""
        if not self._passes(caller):
            from firewarden.server import asking  # noqa: PLC0415 - see there

            asked = asking.list_of(query, in_transaction=in_transaction)
            self._ask(caller, asked, now, known=asking.named(query))

    def commit(self, caller: Caller, writes: Iterable[Write], now: Timestamp, *, auto_id: bool = False) -> None:
        """May these writes be done, all together?"""
        if not self._passes(caller):
            from firewarden.server import asking  # noqa: PLC0415 - see there

            asked = asking.commit_of(writes, auto_id=auto_id)
            if asked.writes:
                self._ask(caller, asked, now, known=[each.path for each in asked.writes])

    def _passes(self, caller: Caller) -> bool:
        if caller.is_admin:
            return True
        if self._errors:
            raise invalid(self._errors)
        return self._rules is None

    def _ask(
        self, caller: Caller, operation: Get | List | Commit, now: Timestamp, *, known: Sequence[DocumentPath]
    ) -> None:
        """`known` are the documents that the request is about; those that rules read besides are charged."""
        from firewarden.rules import Request, auth_of, decide  # noqa: PLC0415 - see `asking`

        request = Request(operation=operation, time=now, auth=auth_of(caller.claims), database=self._database.database)
        rules = cast("CompiledRules", self._rules)  # without any, nobody is asked about
        looked_up: dict[DocumentPath, Mapping[str, Any] | None] = {}

        def read(path: DocumentPath) -> Mapping[str, Any] | None:
            found = looked_up[path] = self._read(path)
            return found

        decision = decide(rules, request, read)
        if self._account is not None and not decision.without_documents:
            self._account.rules_read(looked_up.keys() - known)
        if self._coverage is not None:
            self._coverage.record(rules, request, self._read, scope=self._database.project)
        if self._evaluations is not None:
            self._evaluations.record(self._database, rules, request, self._read)
        if decision.allowed:
            return
        if self._denied is not None:
            self._denied(self._database, rules, request, looked_up.get, decision)
        if decision.crashed:
            raise StatusError(Code.UNKNOWN, "")
        text = decision.message or ""
        if caller.wants_explanation:
            from firewarden.server import asking  # noqa: PLC0415 - see there

            text = f"{text}\n\n{asking.explanation(rules, request, self._read)}"
        raise StatusError(Code.PERMISSION_DENIED, text)

    def _read(self, path: DocumentPath) -> Mapping[str, Any] | None:
        stored = self._stored(path)
        return None if stored is None else rules_fields(stored.data)
