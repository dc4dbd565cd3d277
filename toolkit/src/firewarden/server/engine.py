"""The server's heart: databases, one request at a time. Knows no transport; see `services` for what can be asked."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from firewarden.firestore.documents import DatabaseName, DocumentPath
from firewarden.server.clock import Now, system_now
from firewarden.server.database import Databases, OnCommit, ServedDatabase
from firewarden.server.judging import Denied
from firewarden.server.options import Options
from firewarden.server.rulesets import Rulesets
from firewarden.store import Store

Seconds = Callable[[], float]


class Engine:
    """All databases of one store. Whoever wants something of them holds the guard."""

    def __init__(
        self,
        store: Store,
        *,
        options: Options | None = None,
        now: Now = system_now,
        seconds: Seconds = time.monotonic,
        denied: Denied | None = None,
    ) -> None:
        self.options = options or Options()
        self.rulesets = Rulesets(compatibility=self.options.compatibility)
        self.seconds = seconds
        self.on_commit: list[OnCommit] = []
        self.databases = Databases(
            store.database, self.options, self.rulesets, now, on_commit=self.on_commit, denied=denied
        )
        self._store = store
        self.guard = threading.RLock()

    def database(self, name: DatabaseName) -> ServedDatabase:
        """A database; there is no need to create one."""
        return self.databases[name]

    def expire(self) -> None:
        """End the transactions that nobody has used for too long."""
        with self.guard:
            for each in self.databases.opened():
                each.transactions.expire(self.seconds())

    def clear(self, name: DatabaseName, below: DocumentPath = ()) -> None:
        """Forget the documents of a database, or those at and below a path, and its transactions; rules stay."""
        with self.guard:
            database = self.database(name)
            database.transactions.end_all()
            if below:
                database.documents.clear_below(below, time=database.commit_time())
            else:
                database.documents.clear()

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
            self._store.close()
