"""The folder that the Firebase CLI exports into: `firebase-export-metadata.json` says where each emulator's part is.

Firebase knows the default database only. Others are named beside it under `databases`, which its CLI passes over.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from itertools import count
from pathlib import Path
from typing import Any, Final

from firewarden.errors import ExportDamaged, ExportRefused
from firewarden.firestore.exporting.metadata import OVERALL_SUFFIX
from firewarden.firestore.exporting.values import DEFAULT_DATABASE
from firewarden.store.exports.files import replace_file

FIREBASE_FILE: Final = "firebase-export-metadata.json"
_OTHERS: Final = "databases"
_METADATA: Final = "metadata_file"
_FOLDER: Final = "firestore_export"
_FORMAT: Final = "1.19.9"
"""The version of Google's emulator whose exports these are."""
_CLI: Final = "15.0.0"
"""The first version of the Firebase CLI that this was tried with; it asks for the major version only."""


def new_place(root: Path, database: str) -> Path:
    """A folder for the next export of a database; the one before stays until `record_exports` names another."""
    name = _FOLDER if database == DEFAULT_DATABASE else f"{_FOLDER}-{database}"
    names = (name if number == 1 else f"{name}-{number}" for number in count(1))
    return next(place for each in names if not (place := root / each).exists())


def find_exports(path: Path) -> list[Path]:
    """The metadata files that are meant: a file itself, those of a Firebase export, or the only one in a folder."""
    if not path.is_dir():
        return [path]
    if (path / FIREBASE_FILE).is_file():
        found = list(recorded_exports(path).values())
        if not found:
            raise ExportDamaged(f"{path / FIREBASE_FILE} names no export of Firestore.", hint="Export it again.")
        return found
    found = sorted(path.glob(f"*{OVERALL_SUFFIX}"))
    if len(found) != 1:
        what = "are several exports" if found else "is no export"
        raise ExportDamaged(f"There {what} in {path}.", hint=f"Name a file that ends in {OVERALL_SUFFIX}.")
    return found


def recorded_exports(root: Path) -> dict[str, Path]:
    """The metadata files that a folder names, by the ids of their databases; none if it is no Firebase export."""
    file = root / FIREBASE_FILE
    if not file.is_file():
        return {}
    section = _read(file).get("firestore", {})
    sections = {DEFAULT_DATABASE: section, **section.get(_OTHERS, {})} if isinstance(section, Mapping) else {}
    named = {database: each.get(_METADATA) for database, each in sections.items() if isinstance(each, Mapping)}
    return {database: root / each for database, each in named.items() if isinstance(each, str)}


def record_exports(root: Path, written: Mapping[str, Path]) -> None:
    """Name the metadata files of databases in one step, and remove what was named of them before."""
    file = root / FIREBASE_FILE
    content: dict[str, Any] = _read(file) if file.is_file() else {"version": _CLI}
    before = recorded_exports(root)
    others = {database: _section(root, metadata) for database, metadata in {**before, **written}.items()}
    section: dict[str, Any] = {**others.pop(DEFAULT_DATABASE, {})}
    content["firestore"] = {**section, _OTHERS: others} if others else section
    try:
        replace_file(file, f"{json.dumps(content, indent=2)}\n".encode())
    except OSError as error:
        raise ExportRefused(f"{file} cannot be written: {error.strerror}.", hint="Name another folder.") from error
    for database in before.keys() & written.keys():
        old = before[database].parent
        if old != written[database].parent and old.parent == root:
            shutil.rmtree(old, ignore_errors=True)


def _section(root: Path, metadata: Path) -> dict[str, str]:
    path = metadata.relative_to(root)
    return {"version": _FORMAT, "path": path.parent.as_posix(), _METADATA: path.as_posix()}


def _read(file: Path) -> dict[str, Any]:
    try:
        content = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise ExportDamaged(f"{file} cannot be read: {error}.", hint="Export it again.") from error
    if not isinstance(content, dict):
        raise ExportDamaged(f"{file} is not a JSON object.", hint="Export it again.")
    return content
