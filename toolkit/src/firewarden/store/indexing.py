"""Indexes as they are stored: made when a query first needs one, kept up by every write from then on.

What documents were in the past is indexed only when somebody reads an index as it was: each past version once.
"""

from __future__ import annotations

import json
import math
import sqlite3
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple, cast
from zlib import crc32

from firewarden.firestore.documents import DocumentPath
from firewarden.firestore.encoding import decode_id, encode
from firewarden.firestore.query.entries import entries
from firewarden.firestore.query.scanning import IndexedField, Mode, ScanIndex
from firewarden.firestore.wire.values import decode_some
from firewarden.store.connection import transaction
from firewarden.store.numbering import CollectionPath, Collections
from firewarden.values import LatLng, Reference, Timestamp, Vector

_SAMPLES: Final = (
    *(None, False, True, math.nan, -math.inf, -1.5, -1, -0.0, 0, 1, 1.5, 2**53 + 1, math.inf),
    *(Timestamp(1_000), "a\x00é", b"a\x00\xff", Reference("p", "d", ("c", "a")), LatLng(-1.0, 1.0)),
    *([1, [2]], Vector((1.0, -2.0)), {"b": {"a": 1}, "a": None}),
)
ENCODING: Final = crc32(b"".join(map(encode, _SAMPLES)))
"""Tells how keys are made, by the keys of some values: indexes with other keys are made anew."""
MATERIALISED_MAX: Final = 500
"""Indexes a database keeps; then the one that was not needed for the longest time is dropped."""
_BATCH: Final = 2_000
_NO_COLLECTION: Final = 0
_REMEMBERED_MAX: Final = 10_000

Slot = tuple[int, int, bytes]
"""Where an entry lies: index, collection, key."""
Version = tuple[int, int, bytes, bytes]
"""A past version: number, collection, id, data."""


class Materialised:
    """A stored index; past versions up to number `past` are in it."""

    __slots__ = ("index", "number", "past")

    def __init__(self, number: int, index: ScanIndex, past: int) -> None:
        self.number = number
        self.index = index
        self.past = past


class _Affected(NamedTuple):
    """The indexes that documents of one collection id are in, and the fields that those need."""

    indexes: tuple[Materialised, ...]
    fields: tuple[str, ...]


class Indexes:
    """The stored indexes of one database."""

    def __init__(self, connection: sqlite3.Connection, database: int, collections: Collections) -> None:
        self._connection = connection
        self._database = database
        self._collections = collections
        self._stored: dict[ScanIndex, Materialised] = {}
        self._affected: dict[str, _Affected] = {}
        self.load()

    def load(self) -> None:
        """Learn from the file which indexes there are."""
        self._stored.clear()
        self._affected.clear()
        for number, definition, encoding, past in self._connection.execute(
            "SELECT number, definition, encoding, past FROM indexes WHERE database = ? ORDER BY number",
            (self._database,),
        ).fetchall():
            index = parse_index(definition)
            if encoding == ENCODING:
                self._stored[index] = Materialised(number, index, past)
            else:
                self._delete(number)

    def all(self) -> tuple[Materialised, ...]:
        """Every stored index."""
        return tuple(self._stored.values())

    def ensure(self, index: ScanIndex) -> Materialised:
        """The stored index; made of all documents if it is new."""
        found = self._stored.pop(index, None)
        if found is None:
            try:
                found = self._make(index)
            except BaseException:
                self.load()
                raise
        self._stored[index] = found  # last, as the one that was needed last
        return found

    def ensure_past(self, index: ScanIndex) -> Materialised:
        """The stored index with the entries of all past versions too."""
        found = self.ensure(index)
        (last,) = self._connection.execute("SELECT ifnull(max(number), 0) FROM versions").fetchone()
        while found.past < last:
            batch = self._unindexed_versions(found)
            is_last = len(batch) < _BATCH
            if batch:
                self._add_versions(found, batch)
            found.past = last if is_last else batch[-1][0]
        return found

    def moved(
        self, collection: int, path: DocumentPath, before: bytes | None, after: bytes | None
    ) -> tuple[set[Slot], set[Slot]]:
        """The entries of a document that go, and those that come, when it changes from what it was to what it is."""
        affected = self._affected.get(path[-2]) or self._affect(path[-2])
        old = set() if before is None else self._slots(affected.indexes, collection, path, before, affected.fields)
        new = set() if after is None else self._slots(affected.indexes, collection, path, after, affected.fields)
        return old - new, new - old

    def are_kept(self, collection: str) -> bool:
        """Whether there are indexes of collections with this id."""
        return bool((self._affected.get(collection) or self._affect(collection)).indexes)

    def slots(self, stored: Materialised, collection: int, path: DocumentPath, data: bytes) -> set[Slot]:
        """The entries that a document has in one index."""
        return self._slots((stored,), collection, path, data)

    def delete_all(self) -> None:
        """Remove all indexes from the file; to be loaded again when that is done for good."""
        for each in self.all():
            self._delete(each.number)

    def _make(self, index: ScanIndex) -> Materialised:
        with transaction(self._connection):
            self._make_room()
            number = self._connection.execute(
                "INSERT INTO indexes (database, definition, encoding) VALUES (?, ?, ?)",
                (self._database, format_index(index), ENCODING),
            ).lastrowid
            made = Materialised(cast("int", number), index, 0)
            for collection, path in self._collections.named(index.collection):
                self._fill(made, collection, path)
        self._affected.clear()
        return made

    def _make_room(self) -> None:
        while len(self._stored) >= MATERIALISED_MAX:
            oldest = next(iter(self._stored))
            self._delete(self._stored.pop(oldest).number)

    def _fill(self, made: Materialised, collection: int, path: CollectionPath) -> None:
        """Add the documents of a collection; in batches sorted by key, which makes a tree grow faster."""
        low = b""
        while True:
            batch = self._connection.execute(
                "SELECT number, id, data FROM documents WHERE collection = ? AND id > ? ORDER BY id LIMIT ?",
                (collection, low, _BATCH),
            ).fetchall()
            self._connection.executemany(
                "INSERT INTO entries (index_number, collection, key, document) VALUES (?, ?, ?, ?)",
                sorted(
                    (*slot, number)
                    for number, name, data in batch
                    for slot in self._slots((made,), collection, (*path, decode_id(name)), data)
                ),
            )
            if len(batch) < _BATCH:
                return
            low = batch[-1][1]

    def _unindexed_versions(self, stored: Materialised) -> list[Version]:
        where = "" if stored.index.collection is None else "AND c.id = :id"
        sql = f"""
            SELECT v.number, v.collection, v.id, v.data
            FROM versions v CROSS JOIN collections c ON c.number = v.collection
            WHERE v.number > :past AND c.database = :database {where} ORDER BY v.number LIMIT :limit"""  # noqa: S608
        values = {"past": stored.past, "database": self._database, "id": stored.index.collection, "limit": _BATCH}
        return self._connection.execute(sql, values).fetchall()

    def _add_versions(self, stored: Materialised, batch: Sequence[Version]) -> None:
        path = self._collections.path
        rows = [
            (*slot, version)
            for version, collection, name, data in batch
            for slot in self._slots((stored,), collection, (*path(collection), decode_id(name)), data)
        ]
        with transaction(self._connection):
            self._connection.executemany(
                "INSERT INTO past_entries (index_number, collection, key, version) VALUES (?, ?, ?, ?)", sorted(rows)
            )
            self._connection.execute("UPDATE indexes SET past = ? WHERE number = ?", (batch[-1][0], stored.number))

    def _affect(self, collection: str) -> _Affected:
        indexes = tuple(each for each in self._stored.values() if each.index.collection in (None, collection))
        if len(self._affected) >= _REMEMBERED_MAX:
            self._affected.clear()
        self._affected[collection] = affected = _Affected(indexes, _needed_fields(indexes))
        return affected

    def _slots(
        self,
        indexes: tuple[Materialised, ...],
        collection: int,
        path: DocumentPath,
        data: bytes,
        needed: tuple[str, ...] | None = None,
    ) -> set[Slot]:
        # To decode fields that no index needs would cost more than all the rest.
        names = _needed_fields(indexes) if needed is None else needed
        fields = decode_some(data, names) if names else {}
        return {
            (each.number, _NO_COLLECTION if each.index.group else collection, key)
            for each in indexes
            for key in entries(each.index, path, fields)
        }

    def _delete(self, number: int) -> None:
        self._affected.clear()
        self._connection.execute("DELETE FROM entries WHERE index_number = ?", (number,))
        self._connection.execute("DELETE FROM past_entries WHERE index_number = ?", (number,))
        self._connection.execute("DELETE FROM indexes WHERE number = ?", (number,))


def format_index(index: ScanIndex) -> str:
    """An index as text, the same for the same index."""
    fields = [[*field.path, field.mode] for field in index.fields]
    return json.dumps([index.collection, index.group, fields, index.name])


def parse_index(text: str) -> ScanIndex:
    """The index of `format_index`."""
    collection, group, fields, name = json.loads(text)
    return ScanIndex(
        collection, group, tuple(IndexedField(tuple(path), Mode(mode)) for *path, mode in fields), Mode(name)
    )


def _needed_fields(indexes: Iterable[Materialised]) -> tuple[str, ...]:
    return tuple({field.path[0]: None for each in indexes for field in each.index.fields})
