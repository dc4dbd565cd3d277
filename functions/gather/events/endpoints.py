"""`/events`: lists, single events, editing them, their occurrences, and how full they are."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, Response, jsonify, request

from gather.events.body import fields_of
from gather.events.fields import is_document_id
from gather.events.listing import list_audit, list_events, read_list_request
from gather.events.model import Event, can_manage, can_read, status_of
from gather.events.rendering import event_json, occurrence_json, plain
from gather.events.store import event_of, load_event, viewer_of
from gather.events.write import EventRefusedError, create_event, delete_event, edit_event, managed, replaced
from gather.http.answers import private
from gather.http.auth import caller, require_caller
from gather.http.body import read_json
from gather.http.context import current_runtime
from gather.http.errors import ApiError
from gather.recurrence import RecurrenceError, expand

WINDOW_DEFAULT = timedelta(days=90)
MESSAGES: Mapping[str, str] = {
    "event_not_found": "there is no such event, or you may not see it",
    "forbidden": "events are created by members, for organizations they belong to, and changed by who organizes them",
    "validation_failed": "the event is not as events are; see details",
}
Change = Callable[[Mapping[str, Any]], Mapping[str, Any]]

blueprint = Blueprint("events", __name__)


@blueprint.get("/events")
def list_() -> Response:
    """A page of events that the caller may read, by the filters asked for."""
    found = current_runtime()
    now, signed_in = found.now(), caller()
    asked, details = read_list_request(request.args, now=now)
    if details:
        raise ApiError("validation_failed", "the query string is not understood", details)
    if asked.mine and signed_in is None:
        require_caller()
    page, cursor = list_events(found.firestore, signed_in, asked, now=now)
    events = [
        event_json(event, stored, now=now, may_manage=can_manage(event, viewer)) for event, stored, viewer in page
    ]
    return private(jsonify({"events": events} | ({"cursor": cursor} if cursor else {})))


@blueprint.post("/events")
def create() -> tuple[Response, int]:
    """Create an event; 201 with the event as it is stored."""
    found, signed_in = current_runtime(), require_caller()
    fields = _fields()
    try:
        event_id = create_event(found.firestore, signed_in, {name: v for name, v in fields.items() if v is not None})
    except EventRefusedError as refused:
        raise _error(refused) from refused
    response = _shown(event_id)
    response.headers["Location"] = f"/events/{event_id}"
    return response, 201


@blueprint.get("/events/<event_id>")
def show(event_id: str) -> Response:
    """One event; one that the caller may not read answers as one that does not exist."""
    return _shown(event_id)


@blueprint.put("/events/<event_id>")
def replace(event_id: str) -> Response:
    """Replace what organizers write of an event; what is not sent is removed."""
    fields = _fields()
    return _edited(event_id, lambda stored: replaced(stored, fields))


@blueprint.patch("/events/<event_id>")
def change(event_id: str) -> Response:
    """Change the fields sent; null removes one."""
    fields = _fields()
    return _edited(event_id, lambda _: fields)


@blueprint.delete("/events/<event_id>")
def delete(event_id: str) -> tuple[str, int]:
    """Delete an event with everything below it."""
    found, signed_in = current_runtime(), require_caller()
    try:
        delete_event(found.firestore, _existing(event_id), signed_in, now=found.now(), transact=found.transact)
    except EventRefusedError as refused:
        raise _error(refused) from refused
    return "", 204


@blueprint.post("/events/<event_id>/publish")
def publish(event_id: str) -> Response:
    """Show a draft to its readers."""
    return _edited(event_id, lambda _: {"published": True})


@blueprint.post("/events/<event_id>/unpublish")
def unpublish(event_id: str) -> Response:
    """Make an event a draft."""
    return _edited(event_id, lambda _: {"published": False})


@blueprint.post("/events/<event_id>/cancel")
def cancel(event_id: str) -> Response:
    """Call an event off; an optional `reason` is told to everybody."""
    body = read_json(default={})
    reason = body.get("reason") if isinstance(body, Mapping) else body
    if reason is not None and not isinstance(reason, str):
        raise ApiError("validation_failed", "the reason is no text", [{"field": "reason", "problem": "is no string"}])
    return _edited(event_id, lambda _: {"canceled": True} | ({"cancelReason": reason} if reason else {}))


@blueprint.get("/events/<event_id>/occurrences")
def occurrences(event_id: str) -> Response:
    """When an event takes place between `from` (now) and `to` (90 days later)."""
    found = current_runtime()
    now = found.now()
    asked, details = read_list_request(request.args, now=now)
    if details:
        raise ApiError("validation_failed", "the query string is not understood", details)
    event, _, _ = _readable(event_id, now)
    until = asked.until or asked.since + WINDOW_DEFAULT
    try:
        taking_place = expand(event, asked.since, until)
    except RecurrenceError as error:
        problem = {"field": "to", "problem": error.unquoted}
        raise ApiError("validation_failed", "the window is too long", [problem]) from error
    return private(jsonify({"eventId": event.id, "occurrences": [occurrence_json(each) for each in taking_place]}))


@blueprint.get("/events/<event_id>/audit")
def audit(event_id: str) -> Response:
    """Who changed what of an event, and whose seats, the latest first: for who manages it."""
    found, signed_in = current_runtime(), require_caller()
    asked, details = read_list_request(request.args, now=found.now())
    if details:
        raise ApiError("validation_failed", "the query string is not understood", details)
    try:
        snapshot = found.firestore.document("events", _existing(event_id)).get()
        managed(found.firestore, snapshot, signed_in, now=found.now())
    except EventRefusedError as refused:
        raise _error(refused) from refused
    page, cursor = list_audit(found.firestore, event_id, asked)
    return private(jsonify({"entries": [plain(entry) for entry in page]} | ({"cursor": cursor} if cursor else {})))


def _shown(event_id: str) -> Response:
    now = current_runtime().now()
    event, stored, may_manage = _readable(event_id, now)
    return private(jsonify(event_json(event, stored, now=now, may_manage=may_manage)))


def _readable(event_id: str, now: datetime) -> tuple[Event, Mapping[str, Any], bool]:
    client, signed_in = current_runtime().firestore, caller()
    snapshot = client.document("events", _existing(event_id)).get()
    event = event_of(snapshot)
    if event is not None:
        viewer = viewer_of(client, signed_in, event)
        if can_read(event, viewer, now=now):
            return event, snapshot.to_dict(), can_manage(event, viewer)
    raise ApiError("event_not_found", MESSAGES["event_not_found"])


def _edited(event_id: str, make: Change) -> Response:
    found, signed_in = current_runtime(), require_caller()
    try:
        edit_event(found.firestore, _existing(event_id), signed_in, make, now=found.now(), transact=found.transact)
    except EventRefusedError as refused:
        raise _error(refused) from refused
    return _shown(event_id)


def _fields() -> dict[str, Any]:
    require_caller()
    fields, details = fields_of(read_json())
    if details:
        raise ApiError("validation_failed", MESSAGES["validation_failed"], details)
    return fields


def _existing(event_id: str) -> str:
    if not is_document_id(event_id):
        raise ApiError("event_not_found", MESSAGES["event_not_found"])
    return event_id


def _error(refused: EventRefusedError) -> ApiError:
    return ApiError(refused.code, MESSAGES[refused.code], refused.details or None)


@blueprint.get("/events/<event_id>/availability")
def availability(event_id: str) -> Response:
    """Seats taken and left; an event that the caller may not read answers as one that does not exist."""
    found = current_runtime()
    now = found.now()
    signed_in = caller()
    event = load_event(found.firestore, event_id)
    if event is None or not can_read(event, viewer_of(found.firestore, signed_in, event), now=now):
        raise ApiError("event_not_found", "there is no such event, or you may not see it")
    response = private(jsonify(availability_json(event, now)))
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
