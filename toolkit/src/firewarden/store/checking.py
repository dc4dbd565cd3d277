"""Whether a store is consistent: what must be true of it, compared with what is there. Reads all of it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Final

from firewarden.firestore.encoding import decode_id
from firewarden.store.indexing import Indexes, Materialised, Slot
from firewarden.store.numbering import Collections
from firewarden.store.store import Store

_SHOWN_MAX: Final = 3
"""Examples of one kind of fault."""
_FAULT_CHARACTERS_MAX: Final = 500


def faults(store: Store) -> list[str]:
    """What is wrong with a store, in words. Empty if it is as it must be."""
    store.settle()
    connection = store.connection
    found = [text for (text,) in connection.execute("PRAGMA integrity_check") if text != "ok"]
    for what, sql in _NEVER:
        found += _examples(what, connection.execute(sql))
    for number, project, name in connection.execute("SELECT number, project, name FROM databases").fetchall():
        collections = Collections(connection, number)
        indexes = Indexes(connection, number, collections)
        for index in indexes.all():
            where = f"projects/{project}/databases/{name}, index {index.index}"
            found += _index_faults(connection, collections, indexes, index, where)
    return found


def _index_faults(
    connection: sqlite3.Connection, collections: Collections, indexes: Indexes, index: Materialised, where: str
) -> Iterator[str]:
    """Entries that documents do not have, and entries that they should have."""
    documents = connection.execute("SELECT number, collection, id, data FROM documents")
    versions = connection.execute("SELECT number, collection, id, data FROM versions WHERE number <= ?", (index.past,))
    for of, table, number, rows in (
        ("documents", "entries", "document", documents),
        ("past versions", "past_entries", "version", versions),
    ):
        wanted = set(_wanted(collections, indexes, index, rows))
        sql = f"SELECT index_number, collection, key, {number} FROM {table} WHERE index_number = ?"  # noqa: S608
        stored = {((one, two, key), owner) for one, two, key, owner in connection.execute(sql, (index.number,))}
        yield from _examples(f"{where}: entries that no {of} have", stored - wanted)
        yield from _examples(f"{where}: entries that {of} lack", wanted - stored)


def _wanted(
    collections: Collections, indexes: Indexes, index: Materialised, rows: Iterable[tuple[int, int, bytes, bytes]]
) -> Iterator[tuple[Slot, int]]:
    own = dict(collections.named(index.index.collection))
    for number, collection, name, data in rows:
        if collection in own:
            path = (*own[collection], decode_id(name))
            yield from ((slot, number) for slot in indexes.slots(index, collection, path, data))


def _examples(what: str, rows: Iterable[object]) -> list[str]:
    return [f"{what}: {row}"[:_FAULT_CHARACTERS_MAX] for row in islice(rows, _SHOWN_MAX)]


_NEVER: Final = (
    (
        "documents without a collection",
        "SELECT * FROM documents WHERE collection NOT IN (SELECT number FROM collections)",
    ),
    (
        "versions without a collection",
        "SELECT * FROM versions WHERE collection NOT IN (SELECT number FROM collections)",
    ),
    (
        "collections without a database",
        "SELECT * FROM collections WHERE database NOT IN (SELECT number FROM databases)",
    ),
    ("indexes without a database", "SELECT * FROM indexes WHERE database NOT IN (SELECT number FROM databases)"),
    ("entries without an index", "SELECT * FROM entries WHERE index_number NOT IN (SELECT number FROM indexes)"),
    (
        "documents of a time that did not come yet",
        """
        SELECT x.* FROM documents x
        JOIN collections c ON c.number = x.collection JOIN databases d ON d.number = c.database
        WHERE x.created > x.updated OR x.updated > d.last_version""",
    ),
    (
        "versions that are not over",
        """
        SELECT x.* FROM versions x
        JOIN collections c ON c.number = x.collection JOIN databases d ON d.number = c.database
        WHERE x.updated >= x.until OR x.until > d.last_version""",
    ),
    (
        "versions that were there at the same time",
        """
        SELECT a.* FROM versions a JOIN versions b ON a.collection = b.collection AND a.id = b.id
        WHERE a.number < b.number AND a.until > b.updated""",
    ),
    (
        "documents that were there before their last version was over",
        """
        SELECT x.* FROM documents x JOIN versions v ON v.collection = x.collection AND v.id = x.id
        WHERE v.until > x.updated""",
    ),
)
