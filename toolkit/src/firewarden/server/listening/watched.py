"""What a target is about: documents by name, or a query; how rules are asked about it, and what it holds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Protocol

from firewarden.firestore.documents import DocumentPath, StoredDocument
from firewarden.firestore.field_paths import FieldPath
from firewarden.firestore.listen.steps import Result, Step
from firewarden.firestore.listen.views import DocumentsView, QueryView, View
from firewarden.firestore.listen.windows import WindowView
from firewarden.firestore.query.execute import run
from firewarden.firestore.query.plans import Plan
from firewarden.firestore.query.scanning import Snapshot
from firewarden.server.auth import Caller
from firewarden.server.judging import Judge
from firewarden.values import Timestamp


class Watched(Protocol):
    """Documents that somebody listens to."""

    @property
    def select(self) -> Sequence[FieldPath] | None:
        """The fields that are told of; None is all."""

    def ask(self, judge: Judge, caller: Caller, now: Timestamp) -> None:
        """Raises PERMISSION_DENIED if the caller may not read them."""

    def view(self, snapshot: Snapshot) -> View:
        """What follows changes, beginning with those after this snapshot."""

    def result(self, snapshot: Snapshot) -> Result:
        """The documents as of a snapshot."""

    def refill(self, snapshot: Snapshot, count: int | None) -> Iterable[StoredDocument]:
        """The first documents of the query, its offset not skipped."""

    def absent(self, result: Result) -> Iterable[Step]:
        """What is told at first of what is not there."""


class WatchedDocuments:
    """Named documents; all must be allowed."""

    select: Sequence[FieldPath] | None = None

    def __init__(self, paths: Sequence[DocumentPath]) -> None:
        self.paths = tuple(dict.fromkeys(paths))

    def ask(self, judge: Judge, caller: Caller, now: Timestamp) -> None:
        """Raises PERMISSION_DENIED if the caller may not get one of them."""
        if self.paths:
            judge.get(caller, self.paths, now, in_transaction=False)

    def view(self, snapshot: Snapshot) -> View:
        """What follows changes."""
        del snapshot  # nothing need be known of the beginning
        return DocumentsView(self.paths)

    def result(self, snapshot: Snapshot) -> Result:
        """Those that exist."""
        found = ((path, snapshot.document(path)) for path in self.paths)
        return {path: document for path, document in found if document is not None}

    def refill(self, snapshot: Snapshot, count: int | None) -> Iterable[StoredDocument]:
        """Never asked for."""
        raise NotImplementedError

    def absent(self, result: Result) -> Iterable[Step]:
        """Clients are told of each that does not exist."""
        return (Step(path, was_in=True, now=None, exists=False) for path in self.paths if path not in result)


class WatchedQuery:
    """A query; rules must promise that all it can find may be listed."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._query = plan.query
        self.select = plan.query.select
        self._window = bool(plan.query.offset) or plan.query.limit is not None

    def ask(self, judge: Judge, caller: Caller, now: Timestamp) -> None:
        """Raises PERMISSION_DENIED if the caller may not run it."""
        judge.list(caller, self._query, now, in_transaction=False)

    def view(self, snapshot: Snapshot) -> View:
        """What follows changes; a window is filled."""
        if not self._window:
            return QueryView(self._query)
        window = WindowView(self._query)
        window.fill(self.refill(snapshot, window.width))
        return window

    def result(self, snapshot: Snapshot) -> Result:
        """What the query finds."""
        return {each.path: each for each in run(self._plan, snapshot)}

    def refill(self, snapshot: Snapshot, count: int | None) -> Iterable[StoredDocument]:
        """The first documents of the query, its offset not skipped."""
        return run(replace(self._plan, query=replace(self._query, offset=0, limit=count)), snapshot)

    def absent(self, result: Result) -> Iterable[Step]:
        """Nothing: a query does not say what it does not find."""
        del result
        return ()
