"""What a local Firestore imports when it starts and exports when it ends."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from firewarden.cli.progress import counting
from firewarden.firestore.documents import DatabaseName
from firewarden.server.engine import Engine
from firewarden.server.exporting import export_project, import_database, is_empty, other_projects
from firewarden.store.exports import database_of, find_exports

Report = Callable[[str], None]


@contextmanager
def exchanged(args: argparse.Namespace, project: str, engine: Engine, *, report: Report) -> Iterator[None]:
    """What was exported is there inside the context; what is there at its end is exported."""
    if args.import_from is not None:
        for metadata in find_exports(args.import_from):
            _import(engine, project, metadata, report)
    yield
    if args.export_on_exit is not None:
        root: Path = args.export_on_exit.absolute()
        with counting("exported") as progress:
            number = export_project(engine, project, root, progress=progress)
        report(f"exported {number} documents to {args.export_on_exit}")
        if others := other_projects(engine, project):
            report(f"not exported: what there is of {', '.join(others)}; this was {project}, --project names another")


def _import(engine: Engine, project: str, metadata: Path, report: Report) -> None:
    """An export is where a database begins; one that has begun is left as it is."""
    name = DatabaseName(project, database_of(metadata))
    if not is_empty(engine, name):
        report(f"{metadata} was not imported: {name} holds documents already")
        return
    with counting("imported") as progress:
        number = import_database(engine, name, metadata, progress=progress)
    report(f"imported {number} documents of {metadata}")
