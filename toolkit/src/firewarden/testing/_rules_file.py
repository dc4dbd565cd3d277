"""Where a project's rules are: what ``firebase.json`` says, found upwards. Reads no rules."""

from __future__ import annotations

import json
from pathlib import Path

from firewarden.errors import Fault, FaultyFile


def find_rules(start: Path) -> Path | None:
    """The rules of the default database named by the nearest ``firebase.json`` at or above `start`."""
    for folder in (start, *start.parents):
        config = folder / "firebase.json"
        if config.is_file():
            named = _named_rules(config)
            return folder / named if named else None
    return None


def _named_rules(config: Path) -> str | None:
    try:
        firestore = json.loads(config.read_text()).get("firestore", {})
    except (ValueError, AttributeError) as error:
        raise FaultyFile([Fault(str(config), 0, f"is not a JSON object: {error}")]) from error
    # One database is an object, several are a list; the rules of the default one are meant.
    databases = firestore if isinstance(firestore, list) else [firestore]
    named = [entry.get("rules") for entry in databases if entry.get("database", "(default)") == "(default)"]
    return named[0] if named else None
