"""An event as HTTP clients are shown it: stored fields under their own names, times in UTC, status computed. Pure."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from gather.events.body import CLIENT_FIELDS
from gather.events.event import Event
from gather.events.laws import status_of
from gather.recurrence import Occurrence

FUNCTIONS_FIELDS = ("attendingCount", "waitlistCount", "lastEndAt", "sequence")
MANAGERS_ONLY = frozenset({"invitedUsers"})


def event_json(event: Event, stored: Mapping[str, Any], *, now: datetime, may_manage: bool) -> dict[str, Any]:
    """Render what is stored; who is invited is for those who manage the event."""
    names = (*CLIENT_FIELDS, *FUNCTIONS_FIELDS, "createdBy", "createdAt", "updatedAt")
    shown = {name: plain(stored[name]) for name in names if name in stored}
    if not may_manage:
        shown = {name: value for name, value in shown.items() if name not in MANAGERS_ONLY}
    return {"id": event.id, **shown, "visibility": event.visibility.value, "status": status_of(event, now)}


def occurrence_json(occurrence: Occurrence) -> dict[str, Any]:
    """Render one occurrence as it takes place."""
    override = occurrence.override
    changed = {} if override is None else {"title": override.title, "location": override.location}
    canceled = override is not None and override.canceled is True
    found = {"id": occurrence.id, "startAt": plain(occurrence.start), "endAt": plain(occurrence.end)}
    return found | {name: value for name, value in changed.items() if value is not None} | {"canceled": canceled}


def plain(value: Any) -> Any:
    """Return a stored value as JSON has it."""
    if isinstance(value, datetime):
        return f"{value.astimezone(UTC).replace(tzinfo=None).isoformat()}Z"
    if isinstance(value, Mapping):
        return {name: plain(each) for name, each in value.items()}
    if isinstance(value, list):
        return [plain(each) for each in value]
    return value
