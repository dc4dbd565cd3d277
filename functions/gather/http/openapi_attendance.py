"""The part of the OpenAPI document that is about attending: RSVPs, offers, and the seats of an event."""

from typing import Any

from gather.attendance.request import RsvpBody
from gather.http.describing import in_path, in_query, operation

_EVENT_ID = in_path("event_id")
_ERRORS = [
    "not_signed_in",
    "forbidden",
    "blocked_from_rsvp",
    "event_not_found",
    "event_canceled",
    "event_past",
    "invalid_transition",
    "try_again",
]

RSVP_BODIES: dict[str, Any] = {"RsvpBody": RsvpBody.model_json_schema(by_alias=True)}

ATTENDANCE: dict[str, Any] = {
    "/events/{event_id}/availability": {
        "get": operation(
            "Seats left",
            [_EVENT_ID],
            {"200": "counts and status"},
            ["event_not_found"],
            signed="optional",
        )
    },
    "/events/{event_id}/rsvp": {
        "put": operation(
            "Write one's own RSVP and settle its seats",
            [_EVENT_ID],
            {"200": "the RSVP as settled"},
            [
                "not_signed_in",
                "forbidden",
                "blocked_from_rsvp",
                "event_not_found",
                "event_canceled",
                "event_past",
                "sold_out",
                "capacity_exceeded",
                "invalid_transition",
                "payload_too_large",
                "validation_failed",
                "try_again",
            ],
            body="RsvpBody",
            signed="required",
        ),
        "delete": operation(
            "Delete one's own RSVP",
            [_EVENT_ID],
            {"204": "deleted, or there was none"},
            ["not_signed_in", "event_not_found", "try_again"],
            signed="required",
        ),
    },
    "/events/{event_id}/rsvp/accept": {
        "post": operation(
            "Take the seats one has been offered",
            [_EVENT_ID],
            {"200": "the RSVP as settled"},
            _ERRORS,
            signed="required",
        )
    },
    "/events/{event_id}/rsvp/decline": {
        "post": operation(
            "Let the next have the seats one has been offered",
            [_EVENT_ID],
            {"200": "the RSVP as settled"},
            _ERRORS,
            signed="required",
        )
    },
    "/events/{event_id}/recount": {
        "post": operation(
            "What of an event's seats does not agree; with ?heal=1 it is settled (admins)",
            [_EVENT_ID, in_query("heal")],
            {"200": "the counts stored and in the ledger, and whose seats drifted"},
            ["not_signed_in", "forbidden", "event_not_found", "try_again"],
            signed="required",
        )
    },
    "/events/{event_id}/rsvps/{uid}/admit": {
        "post": operation(
            "Seat somebody over capacity (admins)",
            [_EVENT_ID, in_path("uid")],
            {"200": "the RSVP as settled"},
            [*_ERRORS, "rsvp_not_found"],
            signed="required",
        )
    },
}
