"""What a commit does to the tables: its documents are found together, and changed in few statements."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple

from firewarden.firestore.documents import DocumentPath
from firewarden.firestore.encoding import encode_id
from firewarden.store.indexing import Indexes, Slot
from firewarden.store.numbering import CollectionPath, Collections
from firewarden.store.versions import Past
from firewarden.values import Timestamp

_FEW: Final = 4
"""So many documents of a collection are found one by one: a long statement pays for more."""
_CHUNK: Final = 100

Row = tuple[bytes, int, bytes, int, int]
"""A document that is there: id, number, data, created, updated."""


class Change(NamedTuple):
    """What a document becomes: its fields (as `StoredDocument.data`) and times, or None where it is no more."""

    path: DocumentPath
    data: bytes | None
    create_time: Timestamp | None
    update_time: Timestamp | None


Found = tuple[int | None, bytes, Row | None]
"""What lies at a path: the number of the collection, the id, and the document, as far as they are there."""


def find(
    connection: sqlite3.Connection, collections: Collections, paths: Iterable[DocumentPath]
) -> dict[DocumentPath, Found]:
    """What lies at these paths."""
    paths = tuple(paths)
    if len(paths) == 1:  # as most commits do
        return {path: _find_one(connection, collections, path) for path in paths}
    wanted: dict[CollectionPath, dict[bytes, DocumentPath]] = {}
    for path in paths:
        wanted.setdefault(path[:-1], {})[encode_id(path[-1])] = path
    found: dict[DocumentPath, Found] = {}
    for parent, path_of in wanted.items():
        collection = collections.find(parent)
        rows = {} if collection is None else {row[0]: row for row in _rows(connection, collection, list(path_of))}
        for name, path in path_of.items():
            found[path] = collection, name, rows.get(name)
    return found


def _find_one(connection: sqlite3.Connection, collections: Collections, path: DocumentPath) -> Found:
    collection, name = collections.find(path[:-1]), encode_id(path[-1])
    row = None if collection is None else connection.execute(_FIND, (collection, name)).fetchone()
    return collection, name, row


def _rows(connection: sqlite3.Connection, collection: int, names: Sequence[bytes]) -> Iterator[Row]:
    if len(names) <= _FEW:
        for name in names:
            yield from connection.execute(_FIND, (collection, name)).fetchall()
        return
    for start in range(0, len(names), _CHUNK):
        chunk = names[start : start + _CHUNK]
        missing = _CHUNK - len(chunk)  # one statement for every number of documents is prepared once
        yield from connection.execute(_FIND_MANY, [collection, *chunk, *[chunk[-1]] * missing]).fetchall()


class Changing:
    """The changes of one commit, gathered inside of its transaction, then written table by table."""

    def __init__(
        self, connection: sqlite3.Connection, collections: Collections, indexes: Indexes, time: Timestamp
    ) -> None:
        self.past: list[Past] = []
        self._connection = connection
        self._collections = collections
        self._indexes = indexes
        self._time = time
        self._updated: list[tuple[bytes, int, int, int]] = []
        self._inserted: list[tuple[int, int, bytes, bytes, int, int]] = []
        self._deleted: list[tuple[int]] = []
        self._slots_gone: list[Slot] = []
        self._slots_new: list[tuple[int, int, bytes, int]] = []
        self._last_number: int | None = None

    def add(self, change: Change, found: Found) -> None:
        """One document becomes another; each document once, as it was found."""
        path, data, created, updated = change
        collection, name, row = found
        if data is not None and (created is None or (updated is not self._time and updated != self._time)):
            text = "/".join(path)
            raise ValueError(f"{text} must have a create_time, and the commit's time as its update_time")
        if data is None or created is None:
            if row is not None and collection is not None:
                self._supersede(collection, row)
                self._deleted.append((row[1],))
                self._index(collection, path, row[1], row[2], None)
            return
        if collection is None:
            collection = self._collections.make(path[:-1])
        time = self._time.nanos
        if row is None:
            number = self._number()
            self._inserted.append((number, collection, name, data, created.nanos, time))
            self._index(collection, path, number, None, data)
            return
        self._supersede(collection, row)
        self._updated.append((data, created.nanos, time, row[1]))
        self._index(collection, path, row[1], row[2], data)

    def write(self) -> None:
        """Change the tables."""
        for sql, rows in (
            (_DELETE, self._deleted),
            (_UPDATE, self._updated),
            (_INSERT, self._inserted),
            (_DELETE_ENTRY, self._slots_gone),
            (_INSERT_ENTRY, self._slots_new),
        ):
            if rows:
                self._connection.executemany(sql, rows)

    def _supersede(self, collection: int, row: Row) -> None:
        name, _, data, created, updated = row
        if updated < self._time.nanos:  # what the same commit made was never to be seen
            self.past.append((collection, name, data, created, updated, self._time.nanos))

    def _index(
        self, collection: int, path: DocumentPath, number: int, before: bytes | None, after: bytes | None
    ) -> None:
        if self._indexes.are_kept(path[-2]):
            gone, new = self._indexes.moved(collection, path, before, after)
            self._slots_gone += gone
            self._slots_new += [(*slot, number) for slot in new]

    def _number(self) -> int:
        """The next document's number: its entries must know it before it is written."""
        if self._last_number is None:
            (self._last_number,) = self._connection.execute("SELECT ifnull(max(number), 0) FROM documents").fetchone()
        self._last_number += 1
        return self._last_number


_SELECT: Final = "SELECT id, number, data, created, updated FROM documents WHERE collection = ?"
_FIND: Final = f"{_SELECT} AND id = ?"
_FIND_MANY: Final = f"{_SELECT} AND id IN ({', '.join('?' * _CHUNK)})"
_DELETE: Final = "DELETE FROM documents WHERE number = ?"
_UPDATE: Final = "UPDATE documents SET data = ?, created = ?, updated = ? WHERE number = ?"
_INSERT: Final = "INSERT INTO documents (number, collection, id, data, created, updated) VALUES (?, ?, ?, ?, ?, ?)"
_DELETE_ENTRY: Final = "DELETE FROM entries WHERE index_number = ? AND collection = ? AND key = ?"
_INSERT_ENTRY: Final = "INSERT INTO entries (index_number, collection, key, document) VALUES (?, ?, ?, ?)"
