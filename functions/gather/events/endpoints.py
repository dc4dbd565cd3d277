"""`GET /events/{id}/availability`: how full an event is, for whoever may read the event."""

from datetime import datetime
from typing import Any

from flask import Blueprint, Response, jsonify, request

from gather.events.model import Event, can_read, status_of
from gather.events.store import load_event, viewer_of
from gather.http.auth import caller
from gather.http.context import current_runtime
from gather.http.errors import ApiError

blueprint = Blueprint("events", __name__)


@blueprint.get("/events/<event_id>/availability")
def availability(event_id: str) -> Response:
    """Seats taken and left; an event that the caller may not read answers as one that does not exist."""
    found = current_runtime()
    now = found.now()
    signed_in = caller()
    event = load_event(found.firestore, event_id)
    if event is None or not can_read(event, viewer_of(found.firestore, signed_in, event), now=now):
        raise ApiError("event_not_found", "there is no such event, or you may not see it")
    response = jsonify(availability_json(event, now))
    response.headers["Cache-Control"] = "private, no-cache"
    response.vary.add("Authorization")
    response.add_etag()
    response.make_conditional(request)
    return response


def availability_json(event: Event, now: datetime) -> dict[str, Any]:
    """`available` is null for an event without a limit, and 0 when it is full or overbooked."""
    left = None if event.max_attendees is None else max(0, event.max_attendees - event.attending_count)
    return {
        "eventId": event.id,
        "status": status_of(event, now),
        "maxAttendees": event.max_attendees,
        "attendingCount": event.attending_count,
        "available": left,
        "waitlistCount": event.waitlist_count,
        "isWaitlistEnabled": event.is_waitlist_enabled,
    }
