"""Collections by number: paths are long and repeat, so documents and entries hold a number for theirs."""

from __future__ import annotations

import sqlite3
from collections.abc import Container
from typing import Final, cast

from firewarden.firestore.encoding import decode_id, encode_id

CollectionPath = tuple[str, ...]
"""A collection by its segments below `/documents`: `("events",)`, `("events", "e1", "rsvps")`."""

_REMEMBERED_MAX: Final = 50_000
"""Numbers kept at hand; a database may have a collection below every document."""


class Collections:
    """The numbered collections of one database."""

    def __init__(self, connection: sqlite3.Connection, database: int) -> None:
        self._execute = connection.execute
        self._database = database
        self._numbers: dict[CollectionPath, int] = {}
        self._paths: dict[int, CollectionPath] = {}

    def find(self, path: CollectionPath) -> int | None:
        """The number of a collection that something was stored in, or below, once."""
        number = self._numbers.get(path)
        if number is None:
            row = self._execute(_NUMBER, (self._database, encode_parent(path[:-1]), path[-1])).fetchone()
            if row is None:
                return None
            number = self._remember(row[0], path)
        return number

    def make(self, path: CollectionPath) -> int:
        """The number of a collection; a new one gets the next, and so do those on the way to it."""
        number = self._numbers.get(path) or self.find(path)
        if number is not None:
            return number
        if len(path) > 1:
            self.make(path[:-2])
        made = self._execute(
            "INSERT INTO collections (database, parent, id) VALUES (?, ?, ?)",
            (self._database, encode_parent(path[:-1]), path[-1]),
        ).lastrowid
        return self._remember(cast("int", made), path)

    def path(self, number: int) -> CollectionPath:
        """The path of a numbered collection."""
        path = self._paths.get(number)
        if path is None:
            parent, name = self._execute("SELECT parent, id FROM collections WHERE number = ?", (number,)).fetchone()
            path = (*decode_parent(parent), name)
            self._remember(number, path)
        return path

    def children(self, parent: tuple[str, ...]) -> list[tuple[int, str]]:
        """Number and id of the collections directly below a document, or the root, in order; some may be empty."""
        return self._execute(
            "SELECT number, id FROM collections WHERE database = ? AND parent = ? ORDER BY id",
            (self._database, encode_parent(parent)),
        ).fetchall()

    def named(self, collection: str | None) -> list[tuple[int, CollectionPath]]:
        """Number and path of the collections with this id, wherever they are; None: all of them."""
        if collection is None:
            return self.below(())
        rows = self._execute(
            "SELECT number, parent FROM collections WHERE database = ? AND id = ?", (self._database, collection)
        )
        return [(number, (*decode_parent(parent), collection)) for number, parent in rows]

    def below(self, path: tuple[str, ...]) -> list[tuple[int, CollectionPath]]:
        """Number and path of all collections below a document, however deep; of a collection itself too."""
        prefix = encode_parent(path)
        rows = self._execute(
            "SELECT number, parent, id FROM collections WHERE database = ? AND parent >= ? AND parent < ?"
            " ORDER BY parent, id",
            (self._database, prefix, prefix + AFTER),
        )
        found = [(number, (*decode_parent(parent), name)) for number, parent, name in rows]
        own = self.find(path) if len(path) % 2 else None
        return found if own is None else [(own, path), *found]

    def next_parent(self, low: bytes, high: bytes) -> bytes | None:
        """The first encoded document in a range that has collections below it."""
        row = self._execute(
            "SELECT parent FROM collections WHERE database = ? AND parent >= ? AND parent < ? ORDER BY parent LIMIT 1",
            (self._database, low, high),
        ).fetchone()
        return None if row is None else row[0]

    def forget(self) -> None:
        """Remember nothing that the file may not hold any more."""
        self._numbers.clear()
        self._paths.clear()

    def _remember(self, number: int, path: CollectionPath) -> int:
        if len(self._numbers) >= _REMEMBERED_MAX:
            self.forget()
        self._numbers[path] = number
        self._paths[number] = path
        return number


def remove_if_empty(connection: sqlite3.Connection, number: int, *, kept: Container[int]) -> bool:
    """Remove a collection without documents, past or present, and without any below it; then what only led to it.

    `kept` are those of which something is known that is not written down yet.
    """
    if number in kept:
        return False
    row = connection.execute("SELECT database, parent, id FROM collections WHERE number = ?", (number,)).fetchone()
    if row is None:
        return False
    database, parent, name = row
    prefix = parent + encode_id(name)
    values = {"number": number, "database": database, "prefix": prefix, "after": prefix + AFTER}
    if connection.execute(_USES, values).fetchone() is not None:
        return False
    connection.execute("DELETE FROM collections WHERE number = ?", (number,))
    if parent:
        *above, leading, _ = decode_parent(parent)
        found = connection.execute(_NUMBER, (database, encode_parent(tuple(above)), leading)).fetchone()
        remove_if_empty(connection, found[0], kept=kept)
    return True


_NUMBER: Final = "SELECT number FROM collections WHERE database = ? AND parent = ? AND id = ?"
_USES: Final = """
    SELECT 1 FROM documents WHERE collection = :number
    UNION ALL SELECT 1 FROM versions WHERE collection = :number
    UNION ALL SELECT 1 FROM collections WHERE database = :database AND parent >= :prefix AND parent < :after
    LIMIT 1"""
AFTER: Final = b"\xff"
"""Behind the encoding of a path: greater than all that lies below it."""


def encode_parent(path: tuple[str, ...]) -> bytes:
    """A path whose encoding is the beginning of the encodings of all below it."""
    return b"".join(map(encode_id, path))


def decode_parent(encoded: bytes) -> tuple[str, ...]:
    """The path of `encode_parent`."""
    return tuple(decode_id(each + _ID_END) for each in encoded.split(_ID_END)[:-1])


_ID_END: Final = b"\x00\x01"
