"""Pessimistic locks: what a transaction has read, nobody else changes before it ends.

Documents are locked one by one, whether they exist or not. A query locks what it could find: a write waits if the
document before it or after it is one that the query asks for, limits aside, so nothing appears or vanishes between
two reads. Locks are shared among readers; writing happens at once, so nobody ever waits for a write.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from firewarden.firestore.documents import DocumentPath, StoredDocument

if TYPE_CHECKING:
    from firewarden.firestore.query.model import Query

TransactionId = int


class Locks:
    """Who holds what, and who waits for whom."""

    __slots__ = ("_documents", "_held", "_queries", "_waiting")

    def __init__(self) -> None:
        self._documents: dict[DocumentPath, set[TransactionId]] = {}
        self._held: dict[TransactionId, list[DocumentPath]] = {}
        self._queries: dict[TransactionId, list[Query]] = {}
        self._waiting: dict[TransactionId, frozenset[TransactionId]] = {}

    @property
    def any_held(self) -> bool:
        """Whether anything is locked at all."""
        return bool(self._documents or self._queries)

    def hold(self, transaction: TransactionId, path: DocumentPath) -> None:
        """Keep others from changing a document."""
        holders = self._documents.setdefault(path, set())
        if transaction not in holders:
            holders.add(transaction)
            self._held.setdefault(transaction, []).append(path)

    def hold_query(self, transaction: TransactionId, query: Query) -> None:
        """Keep others from changing what a query finds."""
        held = self._queries.setdefault(transaction, [])
        if query not in held:
            held.append(query)

    def holders(
        self, path: DocumentPath, states: Iterable[StoredDocument | None], *, besides: TransactionId | None
    ) -> frozenset[TransactionId]:
        """The transactions that keep a document from getting from one of these states into another."""
        found = set(self._documents.get(path, ()))
        if self._queries:
            from firewarden.firestore.query.matching import matches  # noqa: PLC0415 - who runs no query does without

            existing = [each.fields for each in states if each is not None]
            for transaction, queries in self._queries.items():
                if transaction not in found and any(matches(q, path, each) for q in queries for each in existing):
                    found.add(transaction)
        return frozenset(found - {besides})

    def wait(self, transaction: TransactionId, holders: frozenset[TransactionId]) -> bool:
        """Note that one transaction waits for others; False if one of those waits, in the end, for it."""
        reached, edge = set(holders), set(holders)
        while edge:
            edge = {further for each in edge for further in self._waiting.get(each, ())} - reached
            reached |= edge
        if transaction in reached:
            return False
        self._waiting[transaction] = holders
        return True

    def go_on(self, transaction: TransactionId) -> None:
        """Note that a transaction waits no longer."""
        self._waiting.pop(transaction, None)

    def release(self, transaction: TransactionId) -> None:
        """Give up everything that a transaction holds."""
        for path in self._held.pop(transaction, ()):
            holders = self._documents[path]
            holders.discard(transaction)
            if not holders:
                del self._documents[path]
        self._queries.pop(transaction, None)
        self._waiting.pop(transaction, None)
