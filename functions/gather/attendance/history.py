"""statusHistory: it only grows, and its last entry says the status. Pure.

Clients are held to that by the rules; privileged writers are not, so on_rsvp_written repairs what they broke.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from gather.attendance.model import Status

SYSTEM = "system"
ENTRIES_MAX = 200  # shared with the rules: rsvps.rules refuses more
ENTRY_FIELDS = {"status", "changedAt", "changedBy"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Repair:
    """The history to store, and what was wrong with the one found there."""

    history: list[dict[str, Any]]
    problem: str


def entry(status: Status, *, at: datetime, by: str) -> dict[str, Any]:
    """Make one history entry."""
    return {"status": status.value, "changedAt": at, "changedBy": by}


def valid_entries(history: Any) -> list[dict[str, Any]]:
    """Return the well-formed entries of whatever is stored as statusHistory."""
    return [item for item in history if _is_entry(item)] if isinstance(history, list) else []


def repair(before: Sequence[dict[str, Any]], current: Any, status: Status, *, now: datetime) -> Repair | None:
    """Return the repaired history, or None where `current` is sound.

    Sound: it holds every entry of `before`, in order, all its entries are well-formed, and the last says the status.

    Old entries are restored in front, well-formed new ones are kept behind them, and one by `system` closes the
    repair, so the result of a repair is sound and repairing it again changes nothing.
    """
    kept = valid_entries(current)
    problem = _problem(before, current, kept, status)
    if problem is None:
        return None
    restored = [*before, *(item for item in kept if item not in before)]
    return Repair(history=[*restored, entry(status, at=now, by=SYSTEM)], problem=problem)


def is_closed_by_functions(before: Any, after: Any) -> bool:
    """Say whether the write from `before` to `after` appended an entry by `system`: a function's own write.

    Such a write broke nothing, and its before-image may be the very damage that it repaired.
    """
    entries = valid_entries(after)
    return bool(entries) and entries[-1]["changedBy"] == SYSTEM and entries[-1] not in valid_entries(before)


def _problem(before: Sequence[Any], current: Any, kept: list[dict[str, Any]], status: Status) -> str | None:
    if not isinstance(current, list):
        return "statusHistory is not a list"
    if len(kept) != len(current):
        return "entries are malformed"
    if not _contains_in_order(kept, before):
        return "earlier entries were changed or removed"
    if not kept or kept[-1]["status"] != status:
        return "the last entry does not say the status"
    return None


def _contains_in_order(history: Sequence[Any], entries: Sequence[Any]) -> bool:
    """Not a prefix test: a repair puts old entries before newer ones, and must not look like damage in its turn."""
    rest = iter(history)
    return all(any(item == wanted for item in rest) for wanted in entries)


def _is_entry(item: Any) -> bool:
    return (
        isinstance(item, dict)
        and set(item) == ENTRY_FIELDS
        and isinstance(item["status"], str)
        and item["status"] in set(Status)
        and isinstance(item["changedAt"], datetime)
        and isinstance(item["changedBy"], str)
    )
