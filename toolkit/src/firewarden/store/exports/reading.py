"""Reads an export in a stream: what is damaged is named with its file and its place there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from firewarden.errors import ExportDamaged
from firewarden.firestore.exporting.damage import Damaged
from firewarden.firestore.exporting.entities import Exported, read_entity
from firewarden.firestore.exporting.log import BLOCK_BYTES, records
from firewarden.firestore.exporting.metadata import KindFolder, read_kind, read_overall
from firewarden.firestore.exporting.values import DEFAULT_DATABASE

_NO_EXPORT = "Name an export: its folder, or the file that ends in .overall_export_metadata."


def exported(metadata: Path, project: str) -> Iterator[Exported]:
    """The documents of an export, for a project to import. Raises `ExportDamaged` when it comes to what cannot be read.

    The number of documents is compared in the end: nobody may trust the ones before the iterator has ended.
    """
    for kind in _overall(metadata):
        described = metadata.parent / kind.metadata
        number = 0
        for name in _kind(described):
            file = described.parent / name
            for at, data in read_export(file):
                try:
                    yield read_entity(data, project)
                except ValueError as error:
                    raise _damaged(file, Damaged(at, str(error))) from error
                number += 1
        if number != kind.entities:
            problem = f"{number} documents are there, and it speaks of {kind.entities}"
            raise ExportDamaged(f"{metadata}: {problem}.", hint="Use another copy of the export.")


def database_of(metadata: Path) -> str:
    """The id of the database that was exported; an empty export does not tell it, and may be anybody's."""
    first = next(exported(metadata, ""), None)
    return DEFAULT_DATABASE if first is None else first.database


def read_export(file: Path) -> Iterator[tuple[int, bytes]]:
    """The records of one file and where each begins; raises `ExportDamaged`."""
    try:
        with file.open("rb") as stream:
            yield from records(iter(lambda: stream.read(BLOCK_BYTES), b""))
    except Damaged as damage:
        raise _damaged(file, damage) from damage
    except OSError as error:
        raise _unreadable(file, error) from error


def _overall(metadata: Path) -> list[KindFolder]:
    try:
        with metadata.open("rb") as stream:
            return read_overall(list(iter(lambda: stream.read(BLOCK_BYTES), b"")))
    except Damaged as damage:
        raise _damaged(metadata, damage) from damage
    except OSError as error:
        raise _unreadable(metadata, error, hint=_NO_EXPORT) from error


def _kind(described: Path) -> list[str]:
    try:
        return read_kind(described.read_bytes())
    except Damaged as damage:
        raise _damaged(described, damage) from damage
    except OSError as error:
        raise _unreadable(described, error) from error


def _damaged(file: Path, damage: Damaged) -> ExportDamaged:
    return ExportDamaged(f"{file} is damaged at byte {damage.offset}: {damage.problem}.", hint=_ANOTHER)


def _unreadable(file: Path, error: OSError, *, hint: str = "") -> ExportDamaged:
    return ExportDamaged(f"{file} cannot be read: {error.strerror or error}.", hint=hint or _ANOTHER)


_ANOTHER = "Nothing was imported. Use another copy of the export."
