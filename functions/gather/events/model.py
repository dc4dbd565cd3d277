"""The public face of the events domain's pure half: the types, the reading of stored data, and the laws.

Everything importable from here is free of I/O and clocks; `store` talks to Firestore.
"""

from gather.events.access import can_manage, can_read
from gather.events.event import GUEST, Event, Fault, Viewer, Visibility
from gather.events.laws import Status, is_past, is_public, last_end, schedule_digest, status_of, wants_teaser
from gather.events.parse import parse_event
from gather.recurrence import ENDLESS, effective_end

__all__ = [
    "ENDLESS",
    "GUEST",
    "Event",
    "Fault",
    "Status",
    "Viewer",
    "Visibility",
    "can_manage",
    "can_read",
    "effective_end",
    "is_past",
    "is_public",
    "last_end",
    "parse_event",
    "schedule_digest",
    "status_of",
    "wants_teaser",
]
