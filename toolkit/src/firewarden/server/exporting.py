"""Exports and imports of a served database, as `:export` and `:import` ask for them and commands do.

Google's emulator, too, lets its endpoints read and write any folder of the machine that it runs on.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Final

from firewarden.firestore.documents import DatabaseName
from firewarden.firestore.exporting.entities import Exported, write_entity
from firewarden.firestore.exporting.values import DEFAULT_DATABASE
from firewarden.firestore.wire.serialising import encode_fields
from firewarden.server.database import ServedDatabase
from firewarden.server.engine import Engine
from firewarden.store import Change
from firewarden.store.exports import (
    Progress,
    exported,
    new_place,
    record_exports,
    recorded_exports,
    silent,
    write_export,
)
from firewarden.values import Timestamp

_BATCH: Final = 500
"""Documents at once: between two batches other requests have their turn with an export."""


def export_database(
    engine: Engine, name: DatabaseName, folder: Path, *, progress: Progress = silent
) -> tuple[Path, int]:
    """Write a database, as it is now whatever is committed meanwhile, as the export that is this folder.

    Returns the metadata file and how many documents there were. Raises `ExportRefused`.
    """
    database = engine.database(name)
    return write_export(folder, _entities(engine, name), now=database.now, progress=progress)


def import_database(engine: Engine, name: DatabaseName, metadata: Path, *, progress: Progress = silent) -> int:
    """Write the documents of an export that are of a database with this id; returns how many that were.

    All of them are written, or none; others stay as they are. A document that holds the same already is left alone, and
    one that was there keeps its time of creation. Raises `ExportDamaged`.
    """
    with engine.feed.rewriting(name):
        database = engine.database(name)
        database.transactions.end_all()
        time = database.commit_time()
        loading = _Loading(database, time, progress)
        database.documents.load(loading.batches(exported(metadata, name.project)), time=time)
        return loading.number


def export_project(engine: Engine, project: str, root: Path, *, progress: Progress = silent) -> int:
    """Write all databases of a project into a folder as the Firebase CLI has it; returns how many documents there were.

    The older exports in that folder hold until all new ones are written. Raises `ExportRefused`.
    """
    known = {each.database for each in engine.names() if each.project == project}
    written, total = {}, 0
    for database in sorted(known | {DEFAULT_DATABASE, *recorded_exports(root)}):
        name = DatabaseName(project, database)
        if database != DEFAULT_DATABASE and is_empty(engine, name) and database not in recorded_exports(root):
            continue
        written[database], number = export_database(engine, name, new_place(root, database), progress=progress)
        total += number
    record_exports(root, written)
    return total


def other_projects(engine: Engine, project: str) -> list[str]:
    """The projects besides this one that hold documents."""
    return sorted({each.project for each in engine.names() if each.project != project and not is_empty(engine, each)})


def is_empty(engine: Engine, name: DatabaseName) -> bool:
    """Whether a database holds no document."""
    with engine.guard:
        return next(engine.database(name).documents.snapshot().documents_below(()), None) is None


def _entities(engine: Engine, name: DatabaseName) -> Iterator[bytes]:
    """The documents, a batch at a time: the store serves one call at a time."""
    with engine.guard:
        documents = engine.database(name).documents.snapshot().documents_below(())
    while True:
        with engine.guard:
            batch = list(islice(documents, _BATCH))
        if not batch:
            return
        for each in batch:
            yield write_entity(name, each.path, each.fields)


class _Loading:
    """Turns what an export holds into changes, and counts."""

    def __init__(self, database: ServedDatabase, time: Timestamp, progress: Progress) -> None:
        self._database = database
        self._stored = database.documents.snapshot().document
        self._time = time
        self._progress = progress
        self.number = 0

    def batches(self, documents: Iterable[Exported]) -> Iterator[Sequence[Change]]:
        own = (each for each in documents if each.database == self._database.name.database)
        while batch := list(islice(own, _BATCH)):
            self.number += len(batch)
            yield [change for each in batch if (change := self._change(each)) is not None]
            self._progress(self.number)

    def _change(self, document: Exported) -> Change | None:
        data = encode_fields(document.fields)
        before = self._stored(document.path)
        if before is not None and before.data == data:
            return None
        return Change(document.path, data, self._time if before is None else before.create_time, self._time)
