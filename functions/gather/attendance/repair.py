"""Histories that a privileged writer broke: found by a trigger's before-image, restored and audited."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from google.cloud import firestore

from gather.attendance.history import repair, valid_entries
from gather.attendance.model import parse_rsvp


def with_sound_history(rsvp: Any, before: Any | None, now: datetime) -> tuple[Mapping[str, Any] | None, str | None]:
    """Return the RSVP as it should read, None where there is none, and what was wrong with its history."""
    if not rsvp.exists:
        return None, None
    stored: Mapping[str, Any] = rsvp.to_dict()
    # An RSVP deleted and written anew owes nothing to its predecessor, whose late events may still arrive.
    same = before is not None and before.create_time == rsvp.create_time
    earlier = valid_entries((before.to_dict() or {}).get("statusHistory")) if same and before is not None else []
    status = parse_rsvp(rsvp.id, stored, written_at=now).status
    repaired = repair(earlier, stored.get("statusHistory"), status, now=now)
    if repaired is None:
        return stored, None
    return {**stored, "status": status.value, "statusHistory": repaired.history}, repaired.problem


def audit_repair(
    transaction: Any, event_ref: Any, uid: str, problem: str, stored: Mapping[str, Any], *, cause: str | None
) -> None:
    """Keep what was found, under an id derived from the delivery."""
    audit = event_ref.collection("audit").document(f"history-{uid}-{cause}" if cause else None)
    transaction.set(
        audit,
        {
            "kind": "statusHistory.repaired",
            "uid": uid,
            "actor": "system",
            "problem": problem,
            "found": stored.get("statusHistory"),
            "at": firestore.SERVER_TIMESTAMP,
        },
    )
