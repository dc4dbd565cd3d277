"""The OpenAPI document: every route, its parameters, body, answers and errors. Written by hand, held by a test.

`tests/http/test_openapi.py` fails when a route of the application is not described here, or the other way round.
"""

from typing import Any

from gather.attendance.request import RsvpBody
from gather.http.errors import STATUS_OF_CODE

_EVENT_ID = {"name": "event_id", "in": "path", "required": True, "schema": {"type": "string"}}
_CONDITIONAL = [
    {"name": "If-None-Match", "in": "header", "schema": {"type": "string"}},
    {"name": "If-Modified-Since", "in": "header", "schema": {"type": "string"}},
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
            "schemas": {"Error": _ERROR, "RsvpBody": RsvpBody.model_json_schema(by_alias=True)},
        },
    }


def _paths() -> dict[str, Any]:
    return {
        "/health": {
            "get": _operation("Liveness; with ?ready=1 readiness", [_query("ready")], {"200": "alive"}, ["try_again"])
        },
        "/metrics": {
            "get": _operation(
                "Counters in Prometheus text",
                [],
                {"200": "counters"},
                ["not_signed_in", "forbidden"],
                signed="optional",
            )
        },
        "/openapi.json": {"get": _operation("This document", [], {"200": "OpenAPI 3.1"}, [])},
        "/events/{event_id}/availability": {
            "get": _operation(
                "Seats left",
                [_EVENT_ID],
                {"200": "counts and status"},
                ["event_not_found"],
                signed="optional",
            )
        },
        "/events/{event_id}/rsvp": {
            "put": _operation(
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
            "delete": _operation(
                "Delete one's own RSVP",
                [_EVENT_ID],
                {"204": "deleted, or there was none"},
                ["not_signed_in", "event_not_found", "try_again"],
                signed="required",
            ),
        },
        "/feeds/public.ics": {
            "get": _operation(
                "The public calendar (iCalendar)",
                _CONDITIONAL,
                {"200": "text/calendar", "304": "unchanged"},
                [],
            )
        },
        "/feeds/public.json": {
            "get": _operation(
                "The public events as JSON",
                [_query("format"), *_CONDITIONAL],
                {"200": "JSON", "304": "unchanged"},
                ["validation_failed"],
            )
        },
    }


def _operation(
    summary: str,
    parameters: list[dict[str, Any]],
    answers: dict[str, str],
    errors: list[str],
    *,
    body: str | None = None,
    signed: str = "no",
) -> dict[str, Any]:
    responses: dict[str, Any] = {status: {"description": meaning} for status, meaning in answers.items()}
    for code in errors:
        described = responses.setdefault(str(STATUS_OF_CODE[code]), {"description": "", "content": _ERROR_CONTENT})
        described["description"] = " or ".join(filter(None, [described["description"], code]))
    operation: dict[str, Any] = {"summary": summary, "parameters": parameters, "responses": responses}
    if body is not None:
        operation["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{body}"}}},
        }
    if signed != "no":
        operation["security"] = [{"idToken": []}] if signed == "required" else [{}, {"idToken": []}]
    return operation


def _query(name: str) -> dict[str, Any]:
    return {"name": name, "in": "query", "schema": {"type": "string"}}


_ERROR = {
    "type": "object",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["code", "message"],
            "properties": {
                "code": {"enum": sorted(STATUS_OF_CODE)},
                "message": {"type": "string"},
                "details": {"type": "array", "items": {"type": "object"}},
            },
        }
    },
}
_ERROR_CONTENT = {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
