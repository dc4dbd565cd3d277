"""The documents of one database: committed, read as of now or as of a moment before, removed."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final, NamedTuple, TypeVar

from firewarden.firestore.documents import DatabaseName, DocumentPath, StoredDocument
from firewarden.firestore.query.scanning import ScanIndex
from firewarden.store.changing import Change, Changing, Found, Row, find
from firewarden.store.connection import transaction
from firewarden.store.failures import failure
from firewarden.store.indexing import Indexes
from firewarden.store.numbering import Collections
from firewarden.store.snapshots import StoreSnapshot
from firewarden.store.versions import Past, Versions
from firewarden.store.window import Present, Window
from firewarden.values import Timestamp

_MICROSECOND: Final = 1_000

Result = TypeVar("Result")

Read = Callable[[DocumentPath], StoredDocument | None]


class Statistics(NamedTuple):
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
        self.last_version = Timestamp(last_version)
        """The time of the last commit."""
        self._now: StoreSnapshot | None = None
        """The snapshot of the last version, once somebody has wanted it."""
        self._found: Mapping[DocumentPath, Found] = {}
        """What was read since the last commit."""
        window.reach(last_version)

    def reader(self, paths: Iterable[DocumentPath]) -> Read:
        """Reads documents as they are until something is committed; those at `paths` are read together.

        What is read here is known when it is committed next.
        """
        snapshot = self.snapshot()
        try:
            found = self._found = find(self._connection, self._collections, paths)
        except sqlite3.Error as error:
            raise failure(error) from error
        documents = {path: None if row is None else _document(path, row) for path, (_, _, row) in found.items()}

        def read(path: DocumentPath) -> StoredDocument | None:
            return documents[path] if path in documents else snapshot.document(path)

        return read

    def commit(self, changes: Sequence[Change], *, time: Timestamp) -> None:
        """Store all the changes at one time, or none of them. The time must be after that of the commit before."""
        self.load((changes,), time=time)

    def load(self, batches: Iterable[Sequence[Change]], *, time: Timestamp) -> None:
        """The same for changes that come in batches and are never held all together; if one fails, none is stored."""
        if time.nanos <= self._present.last_version:
            raise ValueError(f"a commit at {time} cannot follow one at {self.last_version}")
        self._versions.vacuum_if_due()  # first: should it fail, this commit has not happened either

        def put() -> list[Past]:
            return [past for changes in batches for past in self._put({each.path: each for each in changes}, time)]

        self._versions.written(self._in_new_version(time, put))

    def _put(self, changes: Mapping[DocumentPath, Change], time: Timestamp) -> Sequence[Past]:
        """Store some changes, inside of the transaction; what was there before is past."""
        found = self._found
        if not changes.keys() <= found.keys():
            found = find(self._connection, self._collections, changes)
        changing = Changing(self._connection, self._collections, self._indexes, time)
        for path, change in changes.items():
            changing.add(change, found[path])
        changing.write()
        self._versions.write(changing.past)
        self._found = {}
        return changing.past

    def snapshot(self, at: Timestamp | None = None, *, now: Timestamp | None = None) -> StoreSnapshot:
        """The database as it is, or as it was at a time, whatever is committed later.

        Refuses with FAILED_PRECONDITION what is older than the window, which ends `now`, and what was cleared since.
        """
        present = self._present
        if at is None:
            if self._now is None:
                self._now = self._snapshot(present.last_version)
            return self._now
        if now is not None:
            present.window.reach(now.nanos)
        present.require(at.nanos)
        return self._snapshot(min(present.last_version, at.nanos))

    def _snapshot(self, version: int) -> StoreSnapshot:
        return StoreSnapshot(self._connection, self._collections, self._indexes, self._versions, self._present, version)

    def ensure_index(self, index: ScanIndex) -> None:
        """Make an index of all documents now rather than when it is first read."""
        self._indexes.ensure(index)

    @property
    def indexes(self) -> tuple[ScanIndex, ...]:
        """The indexes that are kept, the one that was needed last at the end."""
        return tuple(each.index for each in self._indexes.all())

    def clear(self, *, time: Timestamp | None = None) -> None:
        """Forget all documents, their past and the indexes. Snapshots taken before are too old from now on.

        It counts as a commit at `time`, or right after the last one.
        """
        cleared = self._present.last_version + _MICROSECOND if time is None else time.nanos
        own = [number for (number,) in self._connection.execute(_OWN, (self._number,))]

        def delete() -> None:
            for table in ("documents", "versions"):
                self._connection.execute(f"DELETE FROM {table} WHERE collection IN ({_OWN})", (self._number,))  # noqa: S608
            self._connection.execute("DELETE FROM collections WHERE database = ?", (self._number,))
            self._connection.execute("UPDATE databases SET cleared = ? WHERE number = ?", (cleared, self._number))
            self._indexes.delete_all()

        self._in_new_version(Timestamp(cleared), delete)
        self._versions.forget(own)
        self._present.cleared = cleared
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
        self._versions.settle()
        values = {"database": self._number}
        return Statistics(*(self._connection.execute(each, values).fetchone()[0] for each in _COUNTS))

    def forget_collections(self) -> None:
        """Look collections up again: somebody else has removed some."""
        self._found = {}
        self._collections.forget()

    def _delete(self, paths: Sequence[DocumentPath], time: Timestamp) -> int:
        if paths:
            self.commit([Change(each, None, None, None) for each in paths], time=time)
        return len(paths)

    def _in_new_version(self, time: Timestamp, change: Callable[[], Result]) -> Result:
        """Change tables in a transaction that makes a version; if it fails, forget what was not stored."""
        try:
            with transaction(self._connection):
                result = change()
                self._connection.execute(_ADVANCE, (time.nanos, self._number))
        except BaseException:
            self._collections.forget()
            raise
        finally:
            self._found = {}
        self.last_version = time
        self._present.last_version = time.nanos
        self._present.window.reach(time.nanos)
        self._now = None
        return result


def _row(connection: sqlite3.Connection, name: DatabaseName) -> tuple[int, int, int]:
    """Number, time of the last commit and of the last clearing; a new database is written down."""
    connection.execute("INSERT OR IGNORE INTO databases (project, name) VALUES (?, ?)", name)
    row: tuple[int, int, int] = connection.execute(
        "SELECT number, last_version, cleared FROM databases WHERE project = ? AND name = ?", name
    ).fetchone()
    return row


def _document(path: DocumentPath, row: Row) -> StoredDocument:
    _, _, data, created, updated = row
    moment = Timestamp(updated)
    return StoredDocument(path, data, moment if created == updated else Timestamp(created), moment)


_OWN: Final = "SELECT number FROM collections WHERE database = ?"
_ADVANCE: Final = "UPDATE databases SET last_version = ? WHERE number = ?"
_COUNTS: Final = (
    "SELECT count(*) FROM documents WHERE collection IN (SELECT number FROM collections WHERE database = :database)",
    "SELECT count(*) FROM versions WHERE collection IN (SELECT number FROM collections WHERE database = :database)",
    "SELECT count(*) FROM collections WHERE database = :database",
    "SELECT count(*) FROM indexes WHERE database = :database",
    "SELECT count(*) FROM entries WHERE index_number IN (SELECT number FROM indexes WHERE database = :database)",
)
