"""What follows from an event: when it is over, whether it is public, whether it has a teaser. Pure.

Each question of the specification is answered by exactly one function, here or, for people, in `access`.
"""

import hashlib
import json
from datetime import datetime
from typing import Literal

from gather.events.event import Event, Visibility
from gather.recurrence import ENDLESS, effective_end
from gather.recurrence import last_end as last_end_of_series

Status = Literal["draft", "scheduled", "canceled", "past"]


def is_public(event: Event) -> bool:
    """Public means visibility 'public', or the legacy mark `public: true`, which is read as that."""
    return event.visibility is Visibility.PUBLIC


def is_past(event: Event, now: datetime) -> bool:
    """An event is past when the whole of it is over: lastEndAt < now.

    Before the functions have written lastEndAt, only an event without recurrence can be past, by its own end. A
    series whose rule cannot be read is never past, whatever was stored: to be past opens an event to everyone.
    """
    if event.has_unreadable_recurrence:
        return False
    if event.last_end_at is not None:
        return event.last_end_at < now
    end = effective_end(event)
    return event.recurrence is None and end is not None and end < now


def last_end(event: Event) -> datetime | None:
    """The end of the last occurrence; `ENDLESS` for an endless series and for one whose rule cannot be read."""
    return ENDLESS if event.has_unreadable_recurrence else last_end_of_series(event)


def status_of(event: Event, now: datetime) -> Status:
    """A draft is a draft whatever its dates; what is canceled stays so after its end."""
    if not event.published:
        return "draft"
    if event.canceled:
        return "canceled"
    return "past" if is_past(event, now) else "scheduled"


def wants_teaser(event: Event, now: datetime) -> bool:
    """A teaser shows the title to everyone, so: published, not private, not canceled, wanted, still to come."""
    is_shown = event.published and not event.no_teaser and not event.canceled
    is_upcoming = event.start_at is not None and event.start_at > now
    return is_shown and is_upcoming and event.visibility is not Visibility.PRIVATE


def schedule_digest(event: Event) -> str:
    """Equal for two states of an event between which nobody has to change their calendar.

    That is its times, zone, place, recurrence, cancellation, and the same of its overrides (RFC 5546 2.1.4).
    """
    recurrence = event.recurrence
    schedule = {
        "startAt": _text(event.start_at),
        "endAt": _text(event.end_at),
        "allDay": event.all_day,
        "timezone": event.timezone,
        "location": event.location,
        "canceled": event.canceled,
        "recurrence": recurrence and [recurrence.rule.text, [_text(exdate) for exdate in recurrence.exdates]],
        "overrides": {
            name: [_text(each.start_at), _text(each.end_at), each.location, each.canceled]
            for name, each in event.overrides.items()
        },
    }
    canonical = json.dumps(schedule, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def _text(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
