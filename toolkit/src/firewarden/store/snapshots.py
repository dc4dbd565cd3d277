"""A database as it was at one time, for as long as that time is within the point-in-time window.

Rows are read in batches, and no statement stays open between them: commits may happen while somebody reads lazily. What
changes meanwhile is found in `versions`.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any, Final, cast

from firewarden.firestore.documents import DocumentPath, StoredDocument
from firewarden.firestore.encoding import decode_id, encode_id
from firewarden.firestore.query.scanning import Entry, Mode, ScanIndex
from firewarden.store.failures import failure
from firewarden.store.indexing import Indexes
from firewarden.store.numbering import AFTER, CollectionPath, Collections, encode_parent
from firewarden.store.versions import Versions
from firewarden.store.window import Present
from firewarden.values import Timestamp

_BATCH_FIRST: Final = 8
_BATCH_MAX: Final = 512
_BATCH_GROWTH: Final = 4
_BATCH_BYTES: Final = 1 << 20
"""About so much is read at once: whoever reads slowly holds no more."""
_END: Final = b"\xff\xff"
"""Behind every key: a zero byte in a name is escaped, so even inverted ones never begin like this."""

Row = tuple[bytes, int, bytes, bytes, int, int]
"""Key, collection, id, data, created, updated."""


class StoreSnapshot:
    """One database as it was when its version `at` was the last one: a `firestore.query.scanning.Snapshot`."""

    __slots__ = ("_at", "_collections", "_connection", "_indexes", "_present", "_versions")

    def __init__(
        self,
        connection: sqlite3.Connection,
        collections: Collections,
        indexes: Indexes,
        versions: Versions,
        present: Present,
        at: int,
    ) -> None:
        self._connection = connection
        self._collections = collections
        self._indexes = indexes
        self._versions = versions
        self._present = present
        self._at = at

    def document(self, path: DocumentPath) -> StoredDocument | None:
        """The document at a path."""
        collection = self._collections.find(path[:-1])
        if collection is None:
            self._is_past()
            return None
        key = (collection, encode_id(path[-1]))
        try:
            row = self._connection.execute(_DOCUMENT, key).fetchone()
            if (row is None or row[2] > self._at) and self._is_past():
                row = self._connection.execute(_DOCUMENT_THEN, (*key, self._at, self._at)).fetchone()
        except sqlite3.Error as error:
            raise failure(error) from error
        if row is None:
            return None
        data, created, updated = row
        moment = Timestamp(updated)
        return StoredDocument(path, data, moment if created == updated else Timestamp(created), moment)

    def scan(
        self, index: ScanIndex, parent: DocumentPath, low: bytes, high: bytes | None, *, reverse: bool = False
    ) -> Iterator[Entry]:
        """The entries with `low <= key < high` in order of their keys, or the other way round; see `Snapshot`."""
        if index.group:
            return self._scan_group(index, parent, low, high, reverse=reverse)
        if index.collection is None:
            raise ValueError("an index without a collection is one of a group")
        return self._scan_collection(index, (*parent, index.collection), low, high, reverse=reverse)

    def count(self, index: ScanIndex, parent: DocumentPath, low: bytes, high: bytes | None, most: int | None) -> int:
        """How many entries `scan` would give; `most` if there are more. No document is read where nothing is past."""
        if self._is_past() or (index.group and parent):
            return sum(1 for _ in islice(self.scan(index, parent, low, high), most))
        number = 0 if index.collection is None or index.group else self._collections.find((*parent, index.collection))
        if number is None:
            return 0
        values = {
            "collection": number,
            "low": low,
            "high": _END if high is None else high,
            "limit": _ALL if most is None else most,
        }
        sql = _COUNT_DOCUMENTS
        if not _is_order_of_documents(index):
            sql, values["index"] = _COUNT_ENTRIES, self._indexes.ensure(index).number
        try:
            (found,) = self._connection.execute(sql, values).fetchone()
        except sqlite3.Error as error:
            raise failure(error) from error
        return cast("int", found)

    def contents(self, index: ScanIndex, parent: DocumentPath, low: bytes, high: bytes | None) -> Iterator[bytes]:
        """The fields alone of the documents that `scan` would give."""
        if index.group and parent:
            yield from (entry.document.data for entry in self.scan(index, parent, low, high))
            return
        number = 0 if index.collection is None or index.group else self._collections.find((*parent, index.collection))
        if number is None:
            self._is_past()
            return
        for rows in self._batches(index, number, low, high, reverse=False):
            for row in rows:
                yield row[3]

    def collections(self, parent: DocumentPath) -> list[str]:
        """The ids of the collections below a document, or the root, that hold a document or lead to one; in order."""
        self._is_past()
        children = self._collections.children(parent)
        return [name for number, name in children if self._leads_to_documents((*parent, name), number)]

    def missing_documents(
        self, collection: CollectionPath, low: bytes = b"", high: bytes | None = None
    ) -> Iterator[str]:
        """The ids of what is no document but has documents below it, in order; `low` and `high` are encoded ids."""
        prefix = encode_parent(collection)
        at, end = prefix + low, prefix + (AFTER if high is None else high)
        while (parent := self._collections.next_parent(at, end)) is not None:
            name = parent[len(prefix) : parent.index(_ID_END, len(prefix)) + len(_ID_END)]
            path = (*collection, decode_id(name))
            if self.document(path) is None and self._leads_to_documents(path):
                yield path[-1]
            at = prefix + name + AFTER

    def documents_below(self, path: DocumentPath) -> Iterator[StoredDocument]:
        """All documents below a document, or the root: collection by collection, in each in order of their ids."""
        self._is_past()
        for _, collection in self._collections.below(path):
            for entry in self._scan_collection(_BY_NAME, collection, b"", None, reverse=False):
                yield entry.document

    def _scan_collection(
        self, index: ScanIndex, collection: CollectionPath, low: bytes, high: bytes | None, *, reverse: bool
    ) -> Iterator[Entry]:
        number = self._collections.find(collection)
        if number is None:
            self._is_past()
            return
        for rows in self._batches(index, number, low, high, reverse=reverse):
            yield from _entries(rows, lambda _: collection)

    def _scan_group(
        self, index: ScanIndex, parent: DocumentPath, low: bytes, high: bytes | None, *, reverse: bool
    ) -> Iterator[Entry]:
        if parent and not index.fields and index.name is Mode.ASCENDING:
            prefix = encode_parent(parent)
            low, high = max(low, prefix), min(_END if high is None else high, prefix + AFTER)
        depth = len(parent)
        for rows in self._batches(index, 0, low, high, reverse=reverse):
            # Collections may be gone before the batch is taken whole.
            paths = {number: self._collections.path(number) for number in {row[1] for row in rows}}
            for entry in _entries(rows, paths.__getitem__):
                path = entry.document.path
                if path[:depth] == parent and len(path) > depth:
                    yield entry

    def _batches(
        self, index: ScanIndex, collection: int, low: bytes, high: bytes | None, *, reverse: bool
    ) -> Iterator[list[Row]]:
        """The rows of a range, in batches that grow: little is read in vain, and much in few statements."""
        values = {"collection": collection, "low": low, "high": _END if high is None else high, "at": self._at}
        size = _BATCH_FIRST
        while True:
            rows = self._batch(index, {**values, "limit": size}, reverse=reverse)
            yield rows
            if len(rows) < size:
                return
            last = rows[-1][0]
            values |= {"high": last} if reverse else {"low": last + b"\x00"}
            held = sum(len(row[3]) for row in rows) + 1
            size = max(min(size * _BATCH_GROWTH, _BATCH_MAX, len(rows) * _BATCH_BYTES // held), 1)

    def _batch(self, index: ScanIndex, values: dict[str, Any], *, reverse: bool) -> list[Row]:
        is_past = self._is_past()
        if _is_order_of_documents(index):
            sql = _DOCUMENTS[is_past, reverse]
        else:
            ensure = self._indexes.ensure_past if is_past else self._indexes.ensure
            values["index"] = ensure(index).number
            sql = _ENTRIES[is_past, reverse]
        try:
            return self._connection.execute(sql, values).fetchall()
        except sqlite3.Error as error:
            raise failure(error) from error

    def _leads_to_documents(self, path: tuple[str, ...], number: int | None = None) -> bool:
        """Whether there are documents in a collection, or anywhere below a path."""
        if number is not None and self._has_documents(number):
            return True
        return any(self._has_documents(each) for each, _ in self._collections.below(path))

    def _has_documents(self, collection: int) -> bool:
        sql = _ANY[self._is_past()]
        return self._connection.execute(sql, {"collection": collection, "at": self._at}).fetchone() is not None

    def _is_past(self) -> bool:
        """Whether something may have changed since, so that past versions count. Refuses if they are not known."""
        if self._at == self._present.last_version:
            return False
        self._present.require(self._at)
        self._versions.settle()
        return True


def _entries(rows: list[Row], path_of: Callable[[int], CollectionPath]) -> Iterator[Entry]:
    last, moment = 0, Timestamp(0)
    for key, collection, name, data, created, updated in rows:
        if updated != last:  # what was written together has one time
            last, moment = updated, Timestamp(updated)
        path = (*path_of(collection), decode_id(name))
        yield Entry(key, StoredDocument(path, data, moment if created == updated else Timestamp(created), moment))


def _is_order_of_documents(index: ScanIndex) -> bool:
    """Documents themselves are in the order of this index."""
    return not index.group and not index.fields and index.name is Mode.ASCENDING


_ID_END: Final = b"\x00\x01"
_ALL: Final = -1
_BY_NAME: Final = ScanIndex(None, group=False, fields=())
_DOCUMENT: Final = "SELECT data, created, updated FROM documents WHERE collection = ? AND id = ?"
_DOCUMENT_THEN: Final = """
    SELECT data, created, updated FROM versions WHERE collection = ? AND id = ? AND updated <= ? AND until > ?"""
_ANY: Final = {
    False: "SELECT 1 FROM documents WHERE collection = :collection LIMIT 1",
    True: """
    SELECT 1 FROM documents WHERE collection = :collection AND updated <= :at
    UNION ALL SELECT 1 FROM versions WHERE collection = :collection AND updated <= :at AND until > :at LIMIT 1""",
}

_COUNT_DOCUMENTS: Final = """
    SELECT count(*) FROM (
        SELECT 1 FROM documents WHERE collection = :collection AND id >= :low AND id < :high LIMIT :limit)"""
_COUNT_ENTRIES: Final = """
    SELECT count(*) FROM (
        SELECT 1 FROM entries
        WHERE index_number = :index AND collection = :collection AND key >= :low AND key < :high LIMIT :limit)"""

# CROSS JOIN is SQLite's way to say which table leads: the entries, in their order, so that nothing is sorted.
_DOCUMENTS_NOW: Final = """
    SELECT id AS key, collection, id, data, created, updated FROM documents
    WHERE collection = :collection AND id >= :low AND id < :high"""
_DOCUMENTS_THEN: Final = """
    SELECT id AS key, collection, id, data, created, updated FROM versions
    WHERE collection = :collection AND id >= :low AND id < :high AND updated <= :at AND until > :at"""
_ENTRIES_NOW: Final = """
    SELECT e.key AS key, d.collection, d.id, d.data, d.created, d.updated
    FROM entries e CROSS JOIN documents d ON d.number = e.document
    WHERE e.index_number = :index AND e.collection = :collection AND e.key >= :low AND e.key < :high"""
_ENTRIES_THEN: Final = """
    SELECT p.key AS key, v.collection, v.id, v.data, v.created, v.updated
    FROM past_entries p CROSS JOIN versions v ON v.number = p.version
    WHERE p.index_number = :index AND p.collection = :collection AND p.key >= :low AND p.key < :high
    AND v.updated <= :at AND v.until > :at"""


def _statements(now: str, then: str, unchanged: str) -> dict[tuple[bool, bool], str]:
    """By whether past versions count and whether it goes backwards."""
    return {
        (is_past, reverse): f"{source} ORDER BY key {order} LIMIT :limit"
        for is_past, source in ((False, now), (True, f"{now} AND {unchanged} UNION ALL {then}"))
        for reverse, order in ((False, "ASC"), (True, "DESC"))
    }


_DOCUMENTS: Final = _statements(_DOCUMENTS_NOW, _DOCUMENTS_THEN, "updated <= :at")
_ENTRIES: Final = _statements(_ENTRIES_NOW, _ENTRIES_THEN, "d.updated <= :at")
