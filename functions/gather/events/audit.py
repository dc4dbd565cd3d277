"""The audit trail of an event: who changed what, as organizers read it. Pure.

Entries are named by the delivery that told of the change, so a delivery that comes again writes the same entry.
"""

from collections.abc import Mapping
from typing import Any

FUNCTION_FIELDS = frozenset(
    {
        "attendingCount", "waitlistCount", "busyUntil", "lastEndAt", "sequence", "scheduleDigest", "titleLower",
        "cancelAnnounced", "updatedAt", "updatedBy",
    }
)  # fmt: skip
"""What nobody decides: written by functions, or beside every edit."""


def entry_of(before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """Return what a change of an event is remembered by; None for what only functions changed, and for a deletion.

    A deleted event takes its trail along. The actor is whom the rules have let write their own uid; an edit by a
    client that does not send it has none.
    """
    if after is None:
        return None
    if before is None:
        return {"kind": "event.created", "actor": _text(after.get("createdBy")), "fields": []}
    fields = sorted(name for name in {*before, *after} - FUNCTION_FIELDS if _differs(before, after, name))
    if not fields:
        return None
    return {"kind": _kind(before, after), "actor": _text(after.get("updatedBy")), "fields": fields}


def _kind(before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    if _differs(before, after, "canceled"):
        return "event.canceled" if after.get("canceled") is True else "event.reinstated"
    if _differs(before, after, "published"):
        return "event.published" if after.get("published") is True else "event.unpublished"
    return "event.changed"


def _differs(before: Mapping[str, Any], after: Mapping[str, Any], name: str) -> bool:
    if name == "published" and name not in before and after.get(name) is True:
        return False  # absent means true; a function has written it out
    return (name in before) != (name in after) or bool(before.get(name) != after.get(name))


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
