"""Exports as folders on a disk, in the format of Firestore and its emulators: written whole or not, streamed."""

from firewarden.store.exports.firebase import (
    FIREBASE_FILE,
    find_exports,
    new_place,
    record_exports,
    recorded_exports,
)
from firewarden.store.exports.reading import database_of, exported, read_export
from firewarden.store.exports.writing import Progress, silent, write_export

__all__ = [
    "FIREBASE_FILE",
    "Progress",
    "database_of",
    "exported",
    "find_exports",
    "new_place",
    "read_export",
    "record_exports",
    "recorded_exports",
    "silent",
    "write_export",
]
