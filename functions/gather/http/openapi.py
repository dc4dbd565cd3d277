"""The OpenAPI document: every route, its parameters, body, answers and errors. Written by hand, held by a test.

`tests/http/test_app.py` fails when a route of the application is not described here, or the other way round.
"""

from typing import Any

from gather.http.describing import ERROR, in_header, in_query, operation
from gather.http.openapi_attendance import ATTENDANCE, RSVP_BODIES
from gather.http.openapi_checkout import CHECKOUT, ORDER_BODIES
from gather.http.openapi_events import EVENT_BODIES, EVENTS
from gather.http.openapi_papers import PAPERS
from gather.http.openapi_payments import PAYMENTS
from gather.http.openapi_tickets import TICKET_BODIES, TICKETS
from gather.payments.body import RefundBody

_CONDITIONAL = [
    in_header("If-None-Match"),
    in_header("If-Modified-Since"),
]

_PLATFORM: dict[str, Any] = {
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
}
_FEEDS: dict[str, Any] = {
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


def document(public_url: str) -> dict[str, Any]:
    """Return the OpenAPI 3.1 document; every path is also served under /api."""
    return {
        "openapi": "3.1.0",
        "info": {"title": "Gather", "version": "1", "description": "Events, RSVPs and feeds."},
        "servers": [{"url": public_url}, {"url": f"{public_url}/api"}],
        "paths": {**_PLATFORM, **EVENTS, **ATTENDANCE, **TICKETS, **PAPERS, **CHECKOUT, **PAYMENTS, **_FEEDS},
        "components": {
            "securitySchemes": {"idToken": {"type": "http", "scheme": "bearer", "bearerFormat": "Firebase ID token"}},
            "schemas": {
                "Error": ERROR,
                **EVENT_BODIES,
                **RSVP_BODIES,
                "RefundBody": RefundBody.model_json_schema(by_alias=True),
                **TICKET_BODIES,
                **ORDER_BODIES,
            },
        },
    }
