"""The OpenAPI document: every route, its parameters, body, answers and errors. Written by hand, held by a test.

`tests/http/test_openapi.py` fails when a route of the application is not described here, or the other way round.
"""

from typing import Any

from gather.attendance.request import RsvpBody
from gather.events.body import CLIENT_FIELDS, IGNORED, OLDER_NAMES
from gather.http.describing import ERROR, in_header, in_path, in_query, operation
from gather.http.openapi_checkout import CHECKOUT, ORDER_BODIES
from gather.http.openapi_papers import PAPERS
from gather.http.openapi_payments import PAYMENTS
from gather.http.openapi_tickets import TICKET_BODIES, TICKETS
from gather.payments.body import RefundBody

_EVENT_ID = in_path("event_id")
_CONDITIONAL = [
    in_header("If-None-Match"),
    in_header("If-Modified-Since"),
]


def document(public_url: str) -> dict[str, Any]:
    """Return the OpenAPI 3.1 document; every path is also served under /api."""
    return {
        "openapi": "3.1.0",
        "info": {"title": "Gather", "version": "1", "description": "Events, RSVPs and feeds."},
        "servers": [{"url": public_url}, {"url": f"{public_url}/api"}],
        "paths": _paths(),
        "components": {
            "securitySchemes": {"idToken": {"type": "http", "scheme": "bearer", "bearerFormat": "Firebase ID token"}},
            "schemas": {
                "Error": ERROR,
                "RsvpBody": RsvpBody.model_json_schema(by_alias=True),
                "EventBody": _EVENT_BODY,
                "RefundBody": RefundBody.model_json_schema(by_alias=True),
                "Cancellation": _CANCELLATION,
                **TICKET_BODIES,
                **ORDER_BODIES,
            },
        },
    }


def _paths() -> dict[str, Any]:
    return {
        "/health": {
            "get": operation("Liveness; with ?ready=1 readiness", [in_query("ready")], {"200": "alive"}, ["try_again"])
        },
        "/metrics": {
            "get": operation(
                "Counters in Prometheus text",
                [],
                {"200": "counters"},
                ["not_signed_in", "forbidden"],
                signed="optional",
            )
        },
        "/openapi.json": {"get": operation("This document", [], {"200": "OpenAPI 3.1"}, [])},
        **_EVENTS,
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
        **_SEATS,
        **TICKETS,
        **PAPERS,
        **CHECKOUT,
        **PAYMENTS,
        "/feeds/public.ics": {
            "get": operation(
                "The public calendar (iCalendar)",
                _CONDITIONAL,
                {"200": "text/calendar", "304": "unchanged"},
                [],
            )
        },
        "/feeds/public.json": {
            "get": operation(
                "The public events as JSON",
                [in_query("format"), *_CONDITIONAL],
                {"200": "JSON", "304": "unchanged"},
                ["validation_failed"],
            )
        },
    }


_EVENT_BODY = {
    "type": "object",
    "description": "The fields that organizers write; times are RFC 3339 with an offset.",
    "additionalProperties": False,
    "properties": {name: {} for name in (*CLIENT_FIELDS, *OLDER_NAMES, "price", *sorted(IGNORED))},
}
_CANCELLATION = {"type": "object", "properties": {"reason": {"type": "string"}}}
_EDIT_ERRORS = ["not_signed_in", "forbidden", "event_not_found", "payload_too_large", "validation_failed", "try_again"]
_SEAT_ERRORS = [
    "not_signed_in",
    "forbidden",
    "blocked_from_rsvp",
    "event_not_found",
    "event_canceled",
    "event_past",
    "invalid_transition",
    "try_again",
]


def _edit(summary: str, *, body: str | None = "EventBody") -> dict[str, Any]:
    return operation(summary, [_EVENT_ID], {"200": "the event"}, _EDIT_ERRORS, body=body, signed="required")


_EVENTS: dict[str, Any] = {
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
_SEATS: dict[str, Any] = {
    "/events/{event_id}/rsvp/accept": {
        "post": operation(
            "Take the seats one has been offered",
            [_EVENT_ID],
            {"200": "the RSVP as settled"},
            _SEAT_ERRORS,
            signed="required",
        )
    },
    "/events/{event_id}/rsvp/decline": {
        "post": operation(
            "Let the next have the seats one has been offered",
            [_EVENT_ID],
            {"200": "the RSVP as settled"},
            _SEAT_ERRORS,
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
            [*_SEAT_ERRORS, "rsvp_not_found"],
            signed="required",
        )
    },
}
