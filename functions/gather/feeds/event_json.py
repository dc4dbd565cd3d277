"""One event as plain JSON: the public fields of its document under their own names.

Left out on purpose: who was invited, who created it, and the counters, which would give the feed a new ETag with
every RSVP (`GET /events/{id}/availability` has them). An absent field is an absent key, as in the document.
"""

from datetime import UTC, datetime
from typing import Any

from gather.events.model import Event, effective_end
from gather.feeds.ical import DESCRIPTION_LENGTH_MAX, UNTITLED
from gather.feeds.origin import Origin
from gather.feeds.text import clip
from gather.recurrence import Occurrence, local_date, overridden_occurrences, zone_named


def event_json(event: Event, origin: Origin, description_length_max: int = DESCRIPTION_LENGTH_MAX) -> dict[str, Any]:
    """Times are RFC 3339 in UTC, `endAt` is always there, all-day events also carry their local dates."""
    start, end = event.start_at, effective_end(event)
    assert start is not None  # noqa: S101  # INVARIANT: `fragment` leaves out events without a start
    assert end is not None  # noqa: S101  # INVARIANT: what starts has an effective end
    fields: dict[str, Any] = {
        "id": event.id,
        "uid": origin.uid(event.id),
        "url": origin.url(event.id),
        "title": event.title or UNTITLED,
        "description": _clipped(event.description, description_length_max),
        **_span(event, start, end),
        "allDay": event.all_day,
        "timezone": event.timezone,
        "location": event.location,
        "imageUrl": event.image_url,
        "tags": list(event.tags) or None,
        "recurrence": _recurrence(event),
        "overrides": {
            occurrence.id: _override(event, occurrence, description_length_max)
            for occurrence in overridden_occurrences(event)
        }
        or None,
        "isPaid": event.is_paid,
        "priceCents": event.price_cents if event.is_paid else None,
        "currency": event.currency if event.is_paid else None,
        "maxAttendees": event.max_attendees,
        "organizationId": event.organization_id,
        "canceled": event.canceled,
        "cancelReason": event.cancel_reason if event.canceled else None,
        "sequence": event.sequence,
        "createdAt": _moment(event.created_at),
        "updatedAt": _moment(event.updated_at),
    }
    return _present(fields)


def rfc3339(moment: datetime) -> str:
    """Return the instant in UTC, to the second unless it has a fraction (RFC 3339, 5.6)."""
    return f"{moment.astimezone(UTC).replace(tzinfo=None).isoformat()}Z"


def _span(event: Event, start: datetime, end: datetime) -> dict[str, Any]:
    fields = {"startAt": rfc3339(start), "endAt": rfc3339(end)}
    if event.all_day:
        zone = zone_named(event.timezone)
        # endDate is exclusive, as DTEND is.
        fields |= {"startDate": f"{local_date(start, zone)}", "endDate": f"{local_date(end, zone)}"}
    return fields


def _recurrence(event: Event) -> dict[str, Any] | None:
    if event.recurrence is None:
        return None
    exdates = [rfc3339(exdate) for exdate in event.recurrence.exdates]
    return _present({"rrule": event.recurrence.rule.text, "exdates": exdates or None})


def _override(event: Event, occurrence: Occurrence, description_length_max: int) -> dict[str, Any]:
    override = occurrence.override
    assert override is not None  # noqa: S101  # INVARIANT: `overridden_occurrences` gives only such
    return _present(
        {
            **_span(event, occurrence.start, occurrence.end),
            "title": override.title,
            "description": _clipped(override.description, description_length_max),
            "location": override.location,
            "imageUrl": override.image_url,
            "tags": list(override.tags) if override.tags is not None else None,
            "canceled": override.canceled,
            "cancelReason": override.cancel_reason,
        }
    )


def _clipped(text: str | None, length_max: int) -> str | None:
    return clip(text, length_max) if text and length_max else None


def _moment(moment: datetime | None) -> str | None:
    return rfc3339(moment) if moment is not None else None


def _present(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}
