"""What the `indexes` commands compare: the queries, and the indexes that are defined for them."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from firewarden.cli.project import find_project
from firewarden.errors import FirewardenError

if TYPE_CHECKING:
    from firewarden.indexes import Definitions, Judgement

_CATALOG = "queries.yaml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """`content` is what the file of definitions holds, nothing if it does not exist."""

    file: Path
    content: Mapping[str, Any]
    definitions: Definitions
    judgement: Judgement
    count: int
    """How many queries there are."""


def add_sources(command: argparse.ArgumentParser) -> None:
    """Declare where queries and definitions come from."""
    command.add_argument(
        "--queries",
        type=Path,
        metavar="FILE",
        help="catalog of queries (default: queries.yaml beside the definitions, unless there is --usage)",
    )
    command.add_argument(
        "--usage",
        type=Path,
        action="append",
        default=[],
        metavar="FILE",
        help="answer of a server's :indexUsage, as JSON; may be given several times",
    )
    command.add_argument(
        "--index-file",
        type=Path,
        metavar="FILE",
        help="definitions (default: those of firebase.json, else firestore.indexes.json)",
    )


def add_findings(command: argparse.ArgumentParser) -> None:
    """Declare the same for a command that tells what it has found."""
    add_sources(command)
    command.add_argument("--json", action="store_true", help="one JSON object on stdout")


def compared(args: argparse.Namespace) -> Compared:
    """The queries held against the definitions."""
    from firewarden.indexes import (  # noqa: PLC0415 - only these commands plan queries
        Definitions,
        judge,
        planned,
        read_catalog,
        read_definitions,
        recorded,
    )

    file = args.index_file or _index_file()
    exists = file.is_file()
    if args.index_file and not exists:
        raise FirewardenError(f"There is no file {file}.", hint="Name the definitions that Firebase deploys.")
    definitions = read_definitions(file) if exists else Definitions()
    needs = list(recorded(report for path in args.usage for report in _reports(path)))
    if args.queries or not args.usage:
        needs += planned(read_catalog(_catalog(args.queries, file)).queries)
    content = json.loads(file.read_text(encoding="utf-8")) if exists else {}
    judgement = judge(needs, definitions)
    return Compared(file=file, content=content, definitions=definitions, judgement=judgement, count=len(needs))


def _index_file() -> Path:
    project = find_project(Path.cwd())
    return project.firestore_indexes or project.root / "firestore.indexes.json"


def _catalog(named: Path | None, definitions: Path) -> Path:
    file = named or definitions.parent / _CATALOG
    if not file.is_file():
        raise FirewardenError(
            f"There is no catalog of queries {file}.",
            hint="Name it with --queries, or give a recorded :indexUsage with --usage.",
        )
    return file


def _reports(file: Path) -> list[Mapping[str, Any]]:
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
        return list(content.get("reports", ()))
    except (OSError, ValueError, AttributeError) as error:
        raise FirewardenError(
            f"{file} is no answer of :indexUsage: {error}.",
            hint="Ask a server: GET /emulator/v1/projects/ID:indexUsage?database=projects/ID/databases/(default)",
        ) from error
