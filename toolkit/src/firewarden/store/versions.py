"""Past versions of documents: kept for the point-in-time window, then removed a few at a time.

In a file they are written with the commit that makes them past. In memory nothing outlives the process anyway, so they
wait as they are, and are written when somebody first reads the past: most are over before anybody does.
"""

from __future__ import annotations

import sqlite3
from collections import Counter, deque
from collections.abc import Callable, Iterable, Sequence
from typing import Final

from firewarden.store.connection import transaction
from firewarden.store.numbering import remove_if_empty
from firewarden.store.window import Window

SUPERSEDED_PER_VACUUM: Final = 1_000
"""So many versions come to be past before some that are over are removed."""
REMOVED_PER_VACUUM: Final = 4 * SUPERSEDED_PER_VACUUM
"""At most so many at once: removal keeps ahead of what is added, and no commit waits long."""

Past = tuple[int, bytes, bytes, int, int, int]
"""A past version: collection, id, data, created, updated, until."""


class Versions:
    """The past versions of all documents of a store. A version counts from `updated` until just before `until`."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        window: Window,
        *,
        is_durable: bool,
        on_collections_removed: Callable[[], None],
    ) -> None:
        self._connection = connection
        self._window = window
        self._is_durable = is_durable
        self._superseded = 0
        self._on_collections_removed = on_collections_removed
        self._waiting: deque[Past] = deque()
        self._waiting_in: Counter[int] = Counter()
        """How many of those that wait each collection has."""

    def write(self, past: Sequence[Past]) -> None:
        """Write down what a commit makes past, inside of its transaction."""
        if self._is_durable:
            self._insert(past)

    def written(self, past: Sequence[Past]) -> None:
        """The same commit is done."""
        self._superseded += len(past)
        if not self._is_durable:
            self._waiting += past
            for each in past:
                self._waiting_in[each[0]] += 1

    def settle(self) -> None:
        """Write what waits: somebody wants to read it."""
        if self._waiting:
            with transaction(self._connection):
                self._insert(self._waiting)
            self._waiting.clear()
            self._waiting_in.clear()

    def forget(self, collections: Iterable[int]) -> None:
        """Forget what waits of some collections."""
        forgotten = self._waiting_in.keys() & set(collections)
        if forgotten:
            self._waiting = deque(each for each in self._waiting if each[0] not in forgotten)
            for each in forgotten:
                del self._waiting_in[each]

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
        collections = {collection for _, collection in rows}
        number = len(rows)
        # Where the clocks of commits disagree, some wait a little longer.
        while self._waiting and self._waiting[0][-1] <= self._window.start and (limit is None or number < limit):
            collections.add(self._drop_oldest())
            number += 1
        if not number:
            return 0
        with transaction(self._connection):
            if rows:
                last = rows[-1][0]
                self._connection.execute("DELETE FROM past_entries WHERE version <= ?", (last,))
                self._connection.execute("DELETE FROM versions WHERE number <= ?", (last,))
            removed = [remove_if_empty(self._connection, each, kept=self._waiting_in) for each in collections]
        if any(removed):
            self._on_collections_removed()
        return number

    def _drop_oldest(self) -> int:
        collection = self._waiting.popleft()[0]
        self._waiting_in[collection] -= 1
        if not self._waiting_in[collection]:
            del self._waiting_in[collection]
        return collection

    def _insert(self, past: Iterable[Past]) -> None:
        self._connection.executemany(_INSERT, past)


_INSERT: Final = "INSERT INTO versions (collection, id, data, created, updated, until) VALUES (?, ?, ?, ?, ?, ?)"
_ALL: Final = -1
# Versions become past in the order of their numbers; where the clocks of commits disagree, some stay a little longer.
_OVER: Final = """
    SELECT number, collection FROM versions
    WHERE number < ifnull((SELECT number FROM versions WHERE until > :start ORDER BY number LIMIT 1), 1 << 62)
    ORDER BY number LIMIT :limit"""
