"""What a disk or a data file can refuse, in words a person can act on."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Final

from firewarden.errors import DataInUse, DataRefused, FirewardenError
from firewarden.firestore.status import Code, StatusError


def failure(error: sqlite3.Error) -> StatusError:
    """The status of a request that storage could not serve. Nothing of the request was stored."""
    code = getattr(error, "sqlite_errorcode", 0) & _PRIMARY
    status, text = _TEXTS.get(code, (Code.INTERNAL, "The data file could not be used"))
    return StatusError(status, f"{text} ({error}). Nothing of this request was stored.")


def refusal(path: Path | None, error: sqlite3.Error) -> FirewardenError:
    """Why a data file cannot be opened."""
    code = getattr(error, "sqlite_errorcode", 0) & _PRIMARY
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return DataInUse(
            f"{path} is in use by another process.", hint="Stop that one, or give this one its own folder."
        )
    if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return DataRefused(f"{path} is damaged: {error}.", hint="Restore it from a backup, or move it away.")
    return DataRefused(f"{path} cannot be opened: {error}.", hint="Check the folder and its permissions.")


def foreign(path: Path | None) -> DataRefused:
    """A file that somebody else made."""
    return DataRefused(f"{path} is not a data file of Firewarden.", hint="Move it away, or name another folder.")


def no_folder(folder: Path, error: OSError) -> DataRefused:
    """A place where no file can be made."""
    return DataRefused(f"{folder} cannot be a folder of data: {error.strerror}.", hint="Name another folder.")


_PRIMARY: Final = 0xFF
"""SQLite's codes have refinements in the higher bits."""

_TEXTS: Final = {
    sqlite3.SQLITE_FULL: (Code.RESOURCE_EXHAUSTED, "The disk is full; free some space and try again"),
    sqlite3.SQLITE_IOERR: (Code.UNAVAILABLE, "The disk with the data file does not answer; look at it and try again"),
    sqlite3.SQLITE_READONLY: (Code.FAILED_PRECONDITION, "The data file cannot be written; check its permissions"),
    sqlite3.SQLITE_CORRUPT: (Code.DATA_LOSS, "The data file is damaged; restore it from a backup"),
    sqlite3.SQLITE_NOTADB: (Code.DATA_LOSS, "The data file is damaged; restore it from a backup"),
    sqlite3.SQLITE_NOMEM: (Code.RESOURCE_EXHAUSTED, "There is no memory left; make the request smaller"),
}
