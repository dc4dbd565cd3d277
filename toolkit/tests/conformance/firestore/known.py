"""Differences from the emulator that are understood: each a predicate, which `docs/differences.md` explains."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from types import MappingProxyType

from toolkit.tests.conformance.firestore.universe import Json


def reason_of(operation: Json, expected: Json, got: Json) -> str | None:
    """The name of what explains the difference; None if nothing does."""
    return next((name for name, explains in EXPLANATIONS.items() if explains(operation, expected, got)), None)


def _is_version_of_deleted(operation: Json, expected: Json, got: Json) -> bool:
    """The emulator remembers when a document was deleted, and takes that for its version."""
    if "the stored version (0)" in got.get("message", ""):
        return expected["code"] == "OK" or any(
            text in expected["message"] for text in ("stored version", "Invalid base version", "no entity to update")
        )
    return _without_verified(operation, expected) == _without_verified(operation, got)


def _without_verified(operation: Json, answer: Json) -> str:
    """The answer without the times of what is only verified."""
    writes = operation["request"].get("writes", [])
    results = answer.get("results", [])
    if len(results) != len(writes):
        return json.dumps(answer, sort_keys=True)
    kept = [{} if "verify" in write else result for write, result in zip(writes, results, strict=True)]
    return json.dumps({**answer, "results": kept}, sort_keys=True)


def _is_skipped_count(_operation: Json, expected: Json, got: Json) -> bool:
    """How many documents the offset skipped the emulator tells with a limit never, and else too many at times."""
    return "skipped" in got and json.dumps({**expected, "skipped": got["skipped"]}, sort_keys=True) == json.dumps(
        got, sort_keys=True
    )


EXPLANATIONS: Mapping[str, Callable[[Json, Json, Json], bool]] = MappingProxyType(
    {
        "version of a deleted document": _is_version_of_deleted,
        "count of skipped documents": _is_skipped_count,
    }
)
