"""A listener of Google's Python client, and the snapshots that it was called with."""

from __future__ import annotations

from collections.abc import Callable
from queue import Empty, Queue
from typing import Any

import pytest

PATIENCE_S = 30.0


class Watching:
    """A listener, and the snapshots that it was called with."""

    def __init__(self, watched: Any) -> None:
        self._calls: Queue[tuple[list[Any], list[Any], Any]] = Queue()
        self._watch = watched.on_snapshot(lambda *call: self._calls.put(call))

    def until(self, holds: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """The first snapshot of which this holds; fails if none comes."""
        seen: list[dict[str, Any]] = []
        while True:
            try:
                documents, _, _ = self._calls.get(timeout=PATIENCE_S)
            except Empty:
                pytest.fail(f"no such snapshot; there were {seen}")
            found = {each.reference.path: each.to_dict() for each in documents if each.exists}
            seen.append(found)
            if holds(found):
                return found

    def shows(self, expected: dict[str, Any]) -> None:
        """Waits until the listener shows exactly these documents, in this order."""
        found = self.until(lambda documents: list(documents.items()) == list(expected.items()))
        assert found == expected

    def next_changes(self) -> list[tuple[str, str]]:
        """How the next call says what has changed."""
        _, changes, _ = self._calls.get(timeout=PATIENCE_S)
        return [(each.type.name, each.document.id) for each in changes]

    def stop(self) -> None:
        self._watch.unsubscribe()
