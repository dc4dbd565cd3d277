"""The documents of one database: committed, read as of now or as of a moment before, removed."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final, NamedTuple, cast

from firewarden.firestore.documents import DatabaseName, DocumentPath
from firewarden.firestore.encoding import encode_id
from firewarden.firestore.query.scanning import ScanIndex
from firewarden.store.connection import transaction
from firewarden.store.indexing import Indexes
from firewarden.store.numbering import Collections
from firewarden.store.snapshots import StoreSnapshot
from firewarden.store.versions import Versions
from firewarden.store.window import Present, Window
from firewarden.values import Timestamp

_MICROSECOND: Final = 1_000

Row = tuple[int, bytes, bytes, int, int]
"""A document: collection, id, data, created, updated."""


class Change(NamedTuple):
    """What a document becomes: its fields (as `StoredDocument.data`) and times, or None where it is no more."""

    path: DocumentPath
    data: bytes | None
    create_time: Timestamp | None
    update_time: Timestamp | None


@dataclass(frozen=True, slots=True)
class Statistics:
    """How much a database holds. `versions` are past ones within the window."""

    documents: int
    versions: int
    collections: int
    indexes: int
    entries: int


class Database:
    """One database of a store. Its versions are numbered by the times of its commits, which only go up."""

    def __init__(self, connection: sqlite3.Connection, name: DatabaseName, versions: Versions, window: Window) -> None:
        self.name = name
        self._connection = connection
        self._versions = versions
        number, last_version, cleared = _row(connection, name)
        self._number = number
        self._collections = Collections(connection, number)
        self._indexes = Indexes(connection, number, self._collections)
        self._present = Present(window, last_version, cleared)
        window.reach(last_version)

    @property
    def last_version(self) -> Timestamp:
        """The time of the last commit."""
        return Timestamp(self._present.last_version)

    def commit(self, changes: Sequence[Change], *, time: Timestamp) -> None:
        """Store all the changes at one time, or none of them. The time must be after that of the commit before."""
        if time.nanos <= self._present.last_version:
            raise ValueError(f"a commit at {time} cannot follow one at {self.last_version}")
        self._versions.vacuum_if_due()  # first: should it fail, this commit has not happened either
        with self._change(time.nanos):
            rows = self._rows(changes, time)
            if rows is None:
                for change in changes:
                    self._store(change, time)
            else:
                self._versions.supersede_all([(time.nanos, *row[:2], time.nanos) for row in rows])
                self._connection.executemany(_PUT, rows)

    def snapshot(self, at: Timestamp | None = None, *, now: Timestamp | None = None) -> StoreSnapshot:
        """The database as it is, or as it was at a time, whatever is committed later.

        Refuses with FAILED_PRECONDITION what is older than the window, which ends `now`, and what was cleared since.
        """
        present = self._present
        version = present.last_version
        if at is not None:
            if now is not None:
                present.window.reach(now.nanos)
            present.require(at.nanos)
            version = min(version, at.nanos)
        return StoreSnapshot(self._connection, self._collections, self._indexes, present, version)

    def ensure_index(self, index: ScanIndex) -> None:
        """Make an index of all documents now rather than when it is first read."""
        self._indexes.ensure(index)

    @property
    def indexes(self) -> tuple[ScanIndex, ...]:
        """The indexes that are kept, the one that was needed last at the end."""
        return tuple(each.index for each in self._indexes.all())

    def clear(self) -> None:
        """Forget all documents, their past and the indexes. Snapshots taken before are too old from now on."""
        time = self._present.last_version + _MICROSECOND
        with self._change(time):
            for table in ("documents", "versions"):
                self._connection.execute(f"DELETE FROM {table} WHERE collection IN ({_OWN})", (self._number,))  # noqa: S608
            self._connection.execute("DELETE FROM collections WHERE database = ?", (self._number,))
            self._connection.execute("UPDATE databases SET cleared = ? WHERE number = ?", (time, self._number))
            self._indexes.delete_all()
        self._present.cleared = time
        self._collections.forget()
        self._indexes.load()

    def clear_below(self, path: tuple[str, ...], *, time: Timestamp) -> int:
        """Delete a document or a collection with all that lies below; returns how many documents that were."""
        snapshot = self.snapshot()
        paths = [each.path for each in snapshot.documents_below(path)]
        if path and len(path) % 2 == 0 and snapshot.document(path) is not None:
            paths.append(path)
        return self._delete(paths, time)

    def remove_collections(self, ids: Iterable[str], *, time: Timestamp) -> int:
        """Delete the documents of all collections with these ids, not what lies below; returns how many."""
        snapshot = self.snapshot()
        paths = [
            entry.document.path
            for each in dict.fromkeys(ids)
            for _, collection in self._collections.named(each)
            for entry in snapshot.scan(ScanIndex(each, group=False, fields=()), collection[:-1], b"", None)
        ]
        return self._delete(paths, time)

    def statistics(self) -> Statistics:
        """How much there is. Counts, so it takes time where there is much."""
        values = {"database": self._number}
        return Statistics(*(self._connection.execute(each, values).fetchone()[0] for each in _COUNTS))

    def forget_collections(self) -> None:
        """Look collections up again: somebody else has removed some."""
        self._collections.forget()

    def _delete(self, paths: Sequence[DocumentPath], time: Timestamp) -> int:
        if paths:
            self.commit([Change(each, None, None, None) for each in paths], time=time)
        return len(paths)

    @contextmanager
    def _change(self, time: int) -> Iterator[None]:
        """A transaction that makes a version; if it fails, nothing is remembered that was not stored."""
        try:
            with transaction(self._connection):
                yield
                self._connection.execute(_ADVANCE, (time, self._number))
        except BaseException:
            self._collections.forget()
            raise
        self._present.last_version = time
        self._present.window.reach(time)

    def _rows(self, changes: Sequence[Change], time: Timestamp) -> list[Row] | None:
        """The rows of documents that no index holds; None if there are others, or one is deleted or there twice."""
        rows: dict[tuple[int, bytes], Row] = {}
        for path, data, created, updated in changes:
            if data is None or self._indexes.are_kept(path[-2]):
                return None
            _check_times(path, created, updated, time)
            collection, name = self._collections.make(path[:-1]), encode_id(path[-1])
            rows[collection, name] = (collection, name, data, cast("Timestamp", created).nanos, time.nanos)
        return list(rows.values()) if len(rows) == len(changes) else None

    def _store(self, change: Change, time: Timestamp) -> None:
        path, data, created, updated = change
        if data is None:
            self._remove(path, time)
            return
        _check_times(path, created, updated, time)
        collection, name = self._collections.make(path[:-1]), encode_id(path[-1])
        found = self._connection.execute(_FIND, (collection, name)).fetchone()
        if found is None:
            values = (collection, name, data, cast("Timestamp", created).nanos, time.nanos)
            number, before = cast("int", self._connection.execute(_INSERT, values).lastrowid), None
        else:
            number, before = found
            self._versions.supersede(number, time.nanos)
            self._connection.execute(_UPDATE, (data, cast("Timestamp", created).nanos, time.nanos, number))
        self._indexes.keep_up(collection, path, number, before, data)

    def _remove(self, path: DocumentPath, time: Timestamp) -> None:
        collection = self._collections.find(path[:-1])
        found = self._connection.execute(_FIND, (collection, encode_id(path[-1]))).fetchone()
        if collection is None or found is None:
            return
        number, before = found
        self._versions.supersede(number, time.nanos)
        self._connection.execute("DELETE FROM documents WHERE number = ?", (number,))
        self._indexes.keep_up(collection, path, number, before, None)


def _row(connection: sqlite3.Connection, name: DatabaseName) -> tuple[int, int, int]:
    """Number, time of the last commit and of the last clearing; a new database is written down."""
    connection.execute("INSERT OR IGNORE INTO databases (project, name) VALUES (?, ?)", name)
    row: tuple[int, int, int] = connection.execute(
        "SELECT number, last_version, cleared FROM databases WHERE project = ? AND name = ?", name
    ).fetchone()
    return row


def _check_times(path: DocumentPath, created: Timestamp | None, updated: Timestamp | None, time: Timestamp) -> None:
    if created is None or updated != time:
        raise ValueError(f"{'/'.join(path)} must have a create_time, and the commit's time as its update_time")


_OWN: Final = "SELECT number FROM collections WHERE database = ?"
_ADVANCE: Final = "UPDATE databases SET last_version = ? WHERE number = ?"
_FIND: Final = "SELECT number, data FROM documents WHERE collection = ? AND id = ?"
_UPDATE: Final = "UPDATE documents SET data = ?, created = ?, updated = ? WHERE number = ?"
_INSERT: Final = "INSERT INTO documents (collection, id, data, created, updated) VALUES (?, ?, ?, ?, ?)"
_PUT: Final = f"""
    {_INSERT} ON CONFLICT (collection, id)
    DO UPDATE SET data = excluded.data, created = excluded.created, updated = excluded.updated"""
_COUNTS: Final = (
    "SELECT count(*) FROM documents WHERE collection IN (SELECT number FROM collections WHERE database = :database)",
    "SELECT count(*) FROM versions WHERE collection IN (SELECT number FROM collections WHERE database = :database)",
    "SELECT count(*) FROM collections WHERE database = :database",
    "SELECT count(*) FROM indexes WHERE database = :database",
    "SELECT count(*) FROM entries WHERE index_number IN (SELECT number FROM indexes WHERE database = :database)",
)
