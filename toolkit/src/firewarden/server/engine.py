"""The server's heart: databases, one request at a time. Knows no transport; see `services` for what can be asked."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from itertools import count

from firewarden.firestore.documents import DatabaseName, DocumentPath
from firewarden.server.clock import Now, VirtualClock, system_now
from firewarden.server.database import Databases, OnCommit, ServedDatabase
from firewarden.server.judging import Denied
from firewarden.server.listening.feed import Feed
from firewarden.server.meter import Meter
from firewarden.server.options import Options
from firewarden.server.rulesets import Rulesets
from firewarden.server.ttl import delete_expired
from firewarden.store import Store

Seconds = Callable[[], float]


class Engine:
    """All databases of one store. Whoever wants something of them holds the guard.

    A virtual `clock` takes the place of `now` and `seconds`.
    """

    def __init__(
        self,
        store: Store,
        *,
        options: Options | None = None,
        now: Now = system_now,
        seconds: Seconds = time.monotonic,
        denied: Denied | None = None,
        clock: VirtualClock | None = None,
        rulesets: Rulesets | None = None,
    ) -> None:
        self.options = options or Options()
        self.rulesets = rulesets or Rulesets(compatibility=self.options.compatibility)
        self.clock = clock
        self.seconds = seconds if clock is None else clock.monotonic
        now = now if clock is None else clock.timestamp
        self.on_commit: list[OnCommit] = []
        self.meter = Meter()
        self.write_streams = count()
        self.denied = denied
        self.databases = Databases(
            store.database,
            self.options,
            self.rulesets,
            now,
            on_commit=self.on_commit,
            denied=denied,
            meter=self.meter,
        )
        self._store = store
        self.guard = threading.RLock()
        self.feed = Feed(self.guard)
        self.on_commit.append(self.feed.committed)
        self.rulesets.on_put.append(self.feed.look_again)
        if clock is not None:
            clock.follow(self)

    @property
    def is_kept(self) -> bool:
        """Whether the documents are on the disk."""
        return self._store.path is not None

    def database(self, name: DatabaseName) -> ServedDatabase:
        """A database; there is no need to create one."""
        return self.databases[name]

    def names(self) -> list[DatabaseName]:
        """All databases there are, opened or not."""
        with self.guard:
            return self._store.databases()

    def expire(self) -> None:
        """End the transactions that nobody has used for too long, and delete the documents whose time is over."""
        with self.guard:
            for each in self.databases.opened():
                each.transactions.expire(self.seconds())
                delete_expired(each, seconds=self.seconds())

    def due(self) -> None:
        """No time is better than another for `expire`."""

    def moved(self) -> None:
        """The clock has gone on: who waits for a transaction may have waited long enough."""
        with self.guard:
            self.expire()
            for each in self.databases.opened():
                each.transactions.ended.fire()

    def clear(self, name: DatabaseName, below: DocumentPath = ()) -> None:
        """Forget the documents of a database, or those at and below a path, and its transactions; rules stay."""
        with self.feed.rewriting(name):
            database = self.database(name)
            database.transactions.end_all()
            if below:
                database.documents.clear_below(below, time=database.commit_time())
            else:
                database.documents.clear(time=database.commit_time())

    def reset(self) -> None:
        """Forget all documents and transactions; rules stay."""
        with self.guard:
            for each in self.databases.opened():
                self.clear(each.name)

    def close(self) -> None:
        """End all transactions and close the store."""
        with self.guard:
            for each in self.databases.opened():
                each.transactions.end_all()
            if self.feed.look_again in self.rulesets.on_put:
                self.rulesets.on_put.remove(self.feed.look_again)
            if self.clock is not None:
                self.clock.leave(self)
            self._store.close()
