"""Differences once found, kept as cases: `firewarden rules replay` and a test run them for ever."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from toolkit.tests.conformance.rules.differences import Difference

FOLDER = Path(__file__).parents[2] / "vectors" / "found"


def store(differences: Iterable[Difference], folder: Path) -> list[str]:
    """Append each that is not there yet to the file of its format; gives the ids of the new ones."""
    folder.mkdir(parents=True, exist_ok=True)
    added = []
    for difference in differences:
        record = _record(difference)
        path = folder / f"{difference.format}.jsonl"
        known = path.read_text() if path.exists() else ""
        if f'"{record["id"]}"' not in known:
            path.write_text(f"{known}{json.dumps(record)}\n")
            added.append(record["id"])
    return added


def _record(difference: Difference) -> dict[str, Any]:
    content = json.dumps(difference.record, sort_keys=True)
    digest = hashlib.sha256(content.encode()).hexdigest()[:8]
    return {"id": f"found-{difference.format}-{digest}", "group": "found", **difference.record}
