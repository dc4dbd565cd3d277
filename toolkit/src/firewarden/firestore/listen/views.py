"""Which documents a target holds, decided document by document: nothing of its result is kept.

A document's place in the result of a query without limit depends on nothing but the document. So what a commit changes
is told by the document before and after it, whatever the target's size.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Protocol

from firewarden.firestore.documents import DocumentPath, StoredDocument
from firewarden.firestore.listen.changes import Changes
from firewarden.firestore.listen.steps import Step
from firewarden.firestore.query.matching import SortKey, in_scope, matches, sort_key
from firewarden.firestore.query.model import NAME, Query
from firewarden.firestore.query.normalize import flat, orders

Refill = Callable[[int | None], Iterable[StoredDocument]]
"""The first documents of a target's query as they are after the changes, its offset not skipped; None is all."""


class View(Protocol):
    """What a target holds."""

    def steps(self, changes: Changes, refill: Refill) -> Iterator[Step]:
        """What the changes make of it."""


class DocumentsView:
    """Named documents: each is told of, whether it exists or not."""

    def __init__(self, paths: Sequence[DocumentPath]) -> None:
        self.paths = dict.fromkeys(paths)

    def steps(self, changes: Changes, refill: Refill) -> Iterator[Step]:
        """What the changes make of it; never asks for more."""
        del refill
        for path, before, after in changes.among(self.paths):
            yield Step(path, before is not None, after, after is not None)


class QueryView:
    """All documents that match a query. What it skips or how many it wants is a `WindowView`'s affair."""

    def __init__(self, query: Query) -> None:
        self.query = query
        self.orders = orders(query)
        fields = [*(each.field for each in flat(query.where)), *(each.field for each in self.orders)]
        self._names = tuple({each[0]: None for each in fields if each != NAME})
        # What sorts by a field leaves out the documents that lack it.
        self._asks_scope_only = not self._names and query.where is None and query.start is None and query.end is None

    def holds(self, document: StoredDocument | None) -> bool:
        """Whether a document matches; none matches nothing."""
        if document is None or not in_scope(self.query, document.path):
            return False
        return self._asks_scope_only or matches(self.query, document.path, document.some(self._names))

    def steps(self, changes: Changes, refill: Refill) -> Iterator[Step]:
        """What the changes make of it; never asks for more."""
        del refill
        for path, before, after in changes.of(self.query.collection):
            was_in, is_in = self.holds(before), self.holds(after)
            if was_in or is_in:
                yield Step(path, was_in, after if is_in else None, after is not None)

    def key(self, document: StoredDocument) -> SortKey:
        """What sorts a document that matches."""
        key = sort_key(self.orders, document.path, document.some(self._names))
        assert key is not None  # noqa: S101 - a document that lacks what sorts does not match
        return key
