"""The part of the OpenAPI document that is about events: reading, writing, listing, occurrences and the audit trail."""

from typing import Any

from gather.events.body import CLIENT_FIELDS, IGNORED, OLDER_NAMES
from gather.http.describing import in_path, in_query, operation

_EVENT_ID = in_path("event_id")
_EDIT_ERRORS = ["not_signed_in", "forbidden", "event_not_found", "payload_too_large", "validation_failed", "try_again"]

EVENT_BODIES: dict[str, Any] = {
    "EventBody": {
        "type": "object",
        "description": "The fields that organizers write; times are RFC 3339 with an offset.",
        "additionalProperties": False,
        "properties": {name: {} for name in (*CLIENT_FIELDS, *OLDER_NAMES, "price", *sorted(IGNORED))},
    },
    "Cancellation": {"type": "object", "properties": {"reason": {"type": "string"}}},
}


def _edit(summary: str, *, body: str | None = "EventBody") -> dict[str, Any]:
    return operation(summary, [_EVENT_ID], {"200": "the event"}, _EDIT_ERRORS, body=body, signed="required")


EVENTS: dict[str, Any] = {
    "/events": {
        "get": operation(
            "Events that the caller may read",
            [
                in_query(name)
                for name in ("q", "tag", "from", "to", "visibility", "organizationId", "mine", "limit", "cursor")
            ],
            {"200": "a page of events, and a cursor if there are more"},
            ["not_signed_in", "validation_failed"],
            signed="optional",
        ),
        "post": operation(
            "Create an event", [], {"201": "the event"}, _EDIT_ERRORS, body="EventBody", signed="required"
        ),
    },
    "/events/{event_id}": {
        "get": operation("One event", [_EVENT_ID], {"200": "the event"}, ["event_not_found"], signed="optional"),
        "put": _edit("Replace what organizers write of an event"),
        "patch": _edit("Change the fields sent; null removes one"),
        "delete": operation(
            "Delete an event with everything below it",
            [_EVENT_ID],
            {"204": "deleted"},
            ["not_signed_in", "forbidden", "event_not_found", "try_again"],
            signed="required",
        ),
    },
    "/events/{event_id}/audit": {
        "get": operation(
            "Who changed what, the latest first (organizers)",
            [_EVENT_ID, in_query("limit"), in_query("cursor")],
            {"200": "a page of the audit trail, and a cursor if there is more"},
            ["not_signed_in", "forbidden", "event_not_found", "validation_failed"],
            signed="required",
        )
    },
    "/events/{event_id}/publish": {"post": _edit("Show a draft to its readers", body=None)},
    "/events/{event_id}/unpublish": {"post": _edit("Make an event a draft", body=None)},
    "/events/{event_id}/cancel": {"post": _edit("Call an event off", body="Cancellation")},
    "/events/{event_id}/occurrences": {
        "get": operation(
            "When an event takes place",
            [_EVENT_ID, in_query("from"), in_query("to")],
            {"200": "its occurrences in the window"},
            ["event_not_found", "validation_failed"],
            signed="optional",
        )
    },
}
