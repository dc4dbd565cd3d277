"""All databases of a server, in memory or in one file."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path
from typing import Final, Self

from firewarden.errors import BackupRefused
from firewarden.firestore.documents import DatabaseName
from firewarden.limits import POINT_IN_TIME_SECONDS
from firewarden.store.connection import Durability, connect, transaction
from firewarden.store.database import Database
from firewarden.store.failures import failure, refusal
from firewarden.store.versions import Versions
from firewarden.store.window import Window
from firewarden.values import NANOS_PER_SECOND, Timestamp

DATA_FILE: Final = "firestore.sqlite3"
"""The file in a folder of data."""


class Store:
    """Databases by name. Calls may come from any thread, one at a time.

    `path` is a file, made if it is not there, that no other process can open meanwhile; None keeps all in memory.
    Raises `DataRefused` for a file that is not ours, newer or damaged, and `DataInUse`.
    """

    def __init__(
        self,
        path: Path | None = None,
        *,
        durability: Durability = Durability.PROCESS,
        window_seconds: float = POINT_IN_TIME_SECONDS,
    ) -> None:
        self.path = path
        self.connection = connect(path, durability)
        self._window = Window(int(window_seconds * NANOS_PER_SECOND))
        self._open: dict[DatabaseName, Database] = {}
        self._versions = Versions(
            self.connection,
            self._window,
            is_durable=path is not None,
            on_collections_removed=self._forget_collections,
        )
        try:
            for name in self.databases():
                self._open[name] = Database(self.connection, name, self._versions, self._window)
        except sqlite3.Error as error:
            self.close()
            raise refusal(path, error) from error

    def database(self, name: DatabaseName) -> Database:
        """A database; there is no need to create one."""
        found = self._open.get(name)
        if found is None:
            try:
                found = self._open[name] = Database(self.connection, name, self._versions, self._window)
            except sqlite3.Error as error:
                raise failure(error) from error
        return found

    def databases(self) -> list[DatabaseName]:
        """The names of all databases there are, in order."""
        return [DatabaseName(*row) for row in self.connection.execute(_NAMES)]

    def drop(self, name: DatabaseName) -> None:
        """Remove a database and all that is known of it. What was opened of it must not be used any more."""
        if name not in self.databases():
            return
        self.database(name).clear()
        del self._open[name]
        with transaction(self.connection):
            self.connection.execute("DELETE FROM databases WHERE project = ? AND name = ?", name)

    def vacuum(self, *, now: Timestamp) -> int:
        """Remove all past versions that are outside the window when it ends `now`; returns how many."""
        self._window.reach(now.nanos)
        return self._versions.vacuum()

    def settle(self) -> None:
        """Put all that is known of the past into the tables; in a file it always is."""
        self._versions.settle()

    def backup(self, path: Path) -> None:
        """Write everything into a new file that can be opened as a store; it appears only when it is whole."""
        if path.exists():
            raise BackupRefused(f"{path} exists already.", hint="Name another file, or remove this one.")
        part = path.with_name(f"{path.name}.part")
        try:
            part.unlink(missing_ok=True)
            self.settle()
            self.connection.execute("VACUUM INTO ?", (str(part),))
            _write_through(part)
            part.rename(path)
        except (OSError, sqlite3.Error) as error:
            raise BackupRefused(f"{path} cannot be written: {error}.", hint="Name a file in another folder.") from error
        finally:
            part.unlink(missing_ok=True)

    def close(self) -> None:
        """Close the file; others may open it then."""
        self.connection.close()

    def _forget_collections(self) -> None:
        for each in self._open.values():
            each.forget_collections()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()


def _write_through(path: Path) -> None:
    """Wait until a file is on the disk."""
    with path.open("r+b") as file:
        os.fsync(file.fileno())


_NAMES: Final = "SELECT project, name FROM databases ORDER BY project, name"
