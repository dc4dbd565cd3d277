"""One record, asked again: what this engine answers, and in what it differs."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from firewarden.rules.compatibility import OFFICIAL_1_19_9, Compatibility
from firewarden.rules.recordings.decisions import replay_program, replay_request
from firewarden.rules.recordings.discrepancy import Discrepancy, Record
from firewarden.rules.recordings.expressions import replay_expression, replay_limit
from firewarden.rules.recordings.sources import replay_source


def replay(format_: str, record: Record, *, compatibility: Compatibility = OFFICIAL_1_19_9) -> Discrepancy | None:
    """What differs from the recorded answer; None if nothing does, or if the answer was not the rules' own."""
    return _FORMATS[format_](record, compatibility)


def format_of(record: Record) -> str | None:
    """The format of a record, told from its keys; None if it is in none of them."""
    for name, keys in _KEYS.items():
        if keys <= record.keys():
            return name
    return None


_KEYS: Mapping[str, frozenset[str]] = {
    "limits": frozenset({"unit", "shape", "max_n"}),
    "program": frozenset({"source", "accepted", "request", "allow"}),
    "compile": frozenset({"source", "accepted", "error"}),
    "expr": frozenset({"expr", "outcome"}),
    "list": frozenset({"rules", "documents", "request", "outcome"}),
}
_FORMATS: Mapping[str, Callable[[Record, Compatibility], Discrepancy | None]] = {
    "compile": lambda record, _: replay_source(record),
    "expr": replay_expression,
    "limits": replay_limit,
    "list": replay_request,
    "program": replay_program,
    "request": replay_request,
}
FORMATS = tuple(_FORMATS)
