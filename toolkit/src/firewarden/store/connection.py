"""The one connection to a data file: opened, recognised, locked and brought up to date; its transactions."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from enum import StrEnum
from pathlib import Path
from typing import Final

from firewarden.errors import DataRefused
from firewarden.store.failures import failure, foreign, no_folder, refusal

APPLICATION: Final = 0x46695764
"""Marks a data file as ours ("FiWd"), where SQLite keeps the id of the application."""
SCHEMA: Final = 1
"""The version of `schema.sql`; see `UPGRADES`."""
UPGRADES: Final[Mapping[int, str]] = {}
"""From a version of the schema to the statements that make the next one of it."""


class Durability(StrEnum):
    """What an acknowledged commit survives."""

    PROCESS = "process"
    """The end of the process, however sudden. After a power cut the last commits may be missing, never parts of one."""
    POWER = "power"
    """A power cut too: every commit waits for the disk."""


_SYNCHRONOUS: Final = {Durability.PROCESS: "NORMAL", Durability.POWER: "FULL"}
_STATEMENTS: Final = 256
"""Prepared statements that are kept; there are fewer."""
_CACHE_KIB: Final = 16_384
_PAGE_BYTES_MIN: Final = 512
"""What is shorter SQLite takes for empty and writes over (https://www.sqlite.org/fileformat.html, 1.3.2)."""


def connect(
    path: Path | None, durability: Durability, *, schema: int = SCHEMA, upgrades: Mapping[int, str] = UPGRADES
) -> sqlite3.Connection:
    """Open a data file, or memory; a file that is not there is made. Nobody else can open it before it is closed."""
    if path is not None:
        _recognise(path)
    try:
        connection = sqlite3.connect(
            path or ":memory:", timeout=0, isolation_level=None, check_same_thread=False, cached_statements=_STATEMENTS
        )
    except sqlite3.Error as error:
        raise refusal(path, error) from error
    try:
        _settle(connection, path, durability, schema, upgrades)
    except sqlite3.Error as error:
        connection.close()
        raise refusal(path, error) from error
    except BaseException:
        connection.close()
        raise
    return connection


class transaction:  # noqa: N801 - used like a function; as a generator it would cost a commit three times as much
    """All that is done inside happens, or nothing of it."""

    __slots__ = ("_connection",)

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def __enter__(self) -> None:
        self._execute("BEGIN IMMEDIATE")

    def __exit__(self, _kind: object, error: BaseException | None, _traceback: object) -> None:
        if error is None:
            self._execute("COMMIT")
        else:
            self._undo(error)

    def _execute(self, statement: str) -> None:
        try:
            self._connection.execute(statement)
        except BaseException as error:
            self._undo(error)
            raise

    def _undo(self, error: BaseException) -> None:
        # Some failures have rolled back already.
        if self._connection.in_transaction:
            self._connection.execute("ROLLBACK")
        if isinstance(error, sqlite3.Error):
            raise failure(error) from error


def _recognise(path: Path) -> None:
    """Refuse a file of somebody else before SQLite may write into it or beside it.

    The file is not opened by Python: to close it would end the locks that this process may hold on it
    (https://www.sqlite.org/howtocorrupt.html, 2.2). What cannot be read like this may be whole with the log beside it,
    which only the true opening reads; that one looks again whose file it is.
    """
    if not path.exists():
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise no_folder(path.parent, error) from error
        return
    if Path(f"{path}-journal").exists():
        return  # A first start that was cut off; SQLite is going to restore the file.
    if 0 < path.stat().st_size < _PAGE_BYTES_MIN:
        raise foreign(path)
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)) as looking:
            (owner,) = looking.execute("PRAGMA application_id").fetchone()
    except sqlite3.Error as error:
        if error.sqlite_errorcode == sqlite3.SQLITE_NOTADB:
            raise foreign(path) from error
        return
    if owner not in (0, APPLICATION):
        raise foreign(path)


def _settle(
    connection: sqlite3.Connection, path: Path | None, durability: Durability, schema: int, upgrades: Mapping[int, str]
) -> None:
    """Lock the file for good, see that it is ours, and choose how it is written."""
    connection.execute("PRAGMA locking_mode = EXCLUSIVE")
    connection.execute("BEGIN IMMEDIATE")
    connection.execute("COMMIT")
    _prepare(connection, path, schema, upgrades)
    connection.execute(f"PRAGMA journal_mode = {'MEMORY' if path is None else 'WAL'}")
    connection.execute(f"PRAGMA synchronous = {_SYNCHRONOUS[durability]}")
    connection.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
    connection.execute("PRAGMA temp_store = MEMORY")


def _prepare(connection: sqlite3.Connection, path: Path | None, schema: int, upgrades: Mapping[int, str]) -> None:
    (owner,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if owner != APPLICATION:
        if owner or connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone():
            raise foreign(path)
        script = Path(__file__).with_name("schema.sql").read_text("utf-8")
        _run(connection, f"{script}; PRAGMA application_id = {APPLICATION}; PRAGMA user_version = {SCHEMA}")
        version = SCHEMA
    if version > schema:
        raise DataRefused(
            f"{path} was written by a newer version (schema {version}; this one knows {schema}).",
            hint="Update Firewarden, or give it another folder.",
        )
    for old in range(version, schema):
        _run(connection, f"{upgrades[old]}; PRAGMA user_version = {old + 1}")


def _run(connection: sqlite3.Connection, script: str) -> None:
    """Execute statements as one: a process that ends in between leaves the file as it was."""
    try:
        connection.executescript(f"BEGIN IMMEDIATE; {script}; COMMIT;")
    except sqlite3.Error:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
