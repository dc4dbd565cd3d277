"""Past versions of documents: kept for the point-in-time window, then removed a few at a time."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from typing import Final

from firewarden.store.connection import transaction
from firewarden.store.numbering import remove_if_empty
from firewarden.store.window import Window

SUPERSEDED_PER_VACUUM: Final = 1_000
"""So many versions come to be past before some that are over are removed."""
REMOVED_PER_VACUUM: Final = 4 * SUPERSEDED_PER_VACUUM
"""At most so many at once: removal keeps ahead of what is added, and no commit waits long."""


class Versions:
    """The past versions of all documents of a store. A version counts from `updated` until just before `until`."""

    def __init__(
        self, connection: sqlite3.Connection, window: Window, *, on_collections_removed: Callable[[], None]
    ) -> None:
        self._connection = connection
        self._window = window
        self._superseded = 0
        self._on_collections_removed = on_collections_removed

    def supersede(self, document: int, time: int) -> None:
        """Keep a document as it is, before it changes at `time`. What the same commit made was never to be seen."""
        self._connection.execute(_SUPERSEDE, (time, document, time))
        self._superseded += 1

    def supersede_all(self, documents: Sequence[tuple[int, int, bytes, int]]) -> None:
        """The same of many: time, collection, id, time of each."""
        self._superseded += self._connection.executemany(_SUPERSEDE_NAMED, documents).rowcount

    def vacuum_if_due(self) -> None:
        """Remove some of what is over, once enough has been added."""
        if self._superseded >= SUPERSEDED_PER_VACUUM:
            self._superseded = 0
            self.vacuum(limit=REMOVED_PER_VACUUM)

    def vacuum(self, *, limit: int | None = None) -> int:
        """Remove what lies before the window, the oldest first, and collections that are then empty; how many."""
        if self._window.start <= 0:
            return 0
        rows = self._connection.execute(_OVER, {"start": self._window.start, "limit": limit or _ALL}).fetchall()
        if not rows:
            return 0
        last = rows[-1][0]
        with transaction(self._connection):
            self._connection.execute("DELETE FROM past_entries WHERE version <= ?", (last,))
            self._connection.execute("DELETE FROM versions WHERE number <= ?", (last,))
            removed = [remove_if_empty(self._connection, each) for each in {collection for _, collection in rows}]
        if any(removed):
            self._on_collections_removed()
        return len(rows)


_SUPERSEDE: Final = """
    INSERT INTO versions (collection, id, data, created, updated, until)
    SELECT collection, id, data, created, updated, ? FROM documents WHERE number = ? AND updated < ?"""
_SUPERSEDE_NAMED: Final = """
    INSERT INTO versions (collection, id, data, created, updated, until)
    SELECT collection, id, data, created, updated, ? FROM documents WHERE collection = ? AND id = ? AND updated < ?"""
_ALL: Final = -1
# Versions become past in the order of their numbers; where the clocks of commits disagree, some stay a little longer.
_OVER: Final = """
    SELECT number, collection FROM versions
    WHERE number < ifnull((SELECT number FROM versions WHERE until > :start ORDER BY number LIMIT 1), 1 << 62)
    ORDER BY number LIMIT :limit"""
