"""Where a project's rules and indexes are: what ``firebase.json`` says, found upwards. Reads neither."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from firewarden.errors import Fault, FaultyFile


def find_rules(start: Path) -> Path | None:
    """The rules of the default database named by the nearest ``firebase.json`` at or above `start`."""
    return _named(start, "rules")


def find_indexes(start: Path) -> Path | None:
    """The index definitions of the default database, likewise."""
    return _named(start, "indexes")


def _named(start: Path, what: str) -> Path | None:
    for folder in (start, *start.parents):
        config = folder / "firebase.json"
        if config.is_file():
            named = _default_database(config).get(what)
            return folder / named if named else None
    return None


def _default_database(config: Path) -> dict[str, Any]:
    try:
        firestore = json.loads(config.read_text()).get("firestore", {})
    except (ValueError, AttributeError) as error:
        raise FaultyFile([Fault(str(config), 0, f"is not a JSON object: {error}")]) from error
    # One database is an object, several are a list; what the default one has is meant.
    databases = firestore if isinstance(firestore, list) else [firestore]
    return next((entry for entry in databases if entry.get("database", "(default)") == "(default)"), {})
