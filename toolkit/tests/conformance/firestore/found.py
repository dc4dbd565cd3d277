"""Differences once found, kept with the answers of who was right, so that a test asks us for ever."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from toolkit.tests.conformance.firestore.differences import Difference

FILE = Path(__file__).parent / "found.jsonl"


def store(differences: Iterable[Difference], file: Path) -> list[str]:
    """Append each that is not there yet; gives the ids of the new ones."""
    added = []
    for difference in differences:
        record = _record(difference)
        known = file.read_text(encoding="utf-8") if file.exists() else ""
        if f'"{record["id"]}"' not in known:
            file.write_text(f"{known}{json.dumps(record, ensure_ascii=False)}\n", encoding="utf-8")
            added.append(record["id"])
    return added


def load(file: Path = FILE) -> list[dict[str, Any]]:
    """Everything stored."""
    # Not splitlines: values may hold what Unicode takes for the end of a line.
    return [json.loads(line) for line in file.read_text(encoding="utf-8").split("\n") if line]


def _record(difference: Difference) -> dict[str, Any]:
    content = json.dumps(list(difference.history), sort_keys=True)
    digest = hashlib.sha256(content.encode()).hexdigest()[:8]
    return {
        "id": f"{difference.operation['call']}-{digest}",
        "judge": difference.judge,
        "history": list(difference.history),
        "answer": difference.expected,
    }
