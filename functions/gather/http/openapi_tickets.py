"""The routes of tickets, as the OpenAPI document describes them."""

from typing import Any

from gather.http.describing import in_header, in_path, in_query, operation
from gather.tickets.body import DISCOUNT_FIELDS, POOL_FIELDS, TYPE_FIELDS

_EVENT_ID, _CODE = in_path("event_id"), in_path("code")
_SETUP_ERRORS = ["not_signed_in", "forbidden", "event_not_found", "try_again"]
_WRITE_ERRORS = [*_SETUP_ERRORS, "payload_too_large", "validation_failed"]
_MOVE_ERRORS = ["not_signed_in", "registration_not_found", "invalid_transition", "try_again"]


def _body(description: str, names: tuple[str, ...]) -> dict[str, Any]:
    properties: dict[str, Any] = {name: {} for name in names}
    return {"type": "object", "description": description, "additionalProperties": False, "properties": properties}


TICKET_BODIES = {
    "TicketTypeBody": _body("A ticket type as organizers write it; times are RFC 3339 with an offset.", TYPE_FIELDS),
    "PoolBody": _body("Seats that several ticket types share.", POOL_FIELDS),
    "DiscountBody": _body("What a code takes off: percent, or amountCents with currency.", DISCOUNT_FIELDS),
}


def _deletion(what: str, parameters: list[dict[str, Any]], *errors: str) -> dict[str, Any]:
    return operation(what, [_EVENT_ID, *parameters], {"204": "deleted"}, [*_SETUP_ERRORS, *errors], signed="required")


def _image(what: str) -> dict[str, Any]:
    errors = ["not_signed_in", "ticket_not_found", "ticket_void"]
    return operation(what, [in_path("name")], {"200": "the image"}, errors, signed="required")


_SETUP: dict[str, Any] = {
    "/events/{event_id}/ticket-setup": {
        "get": operation(
            "All that an event sells, with counters (organizers)",
            [_EVENT_ID],
            {"200": "its ticket types, pools and discount codes"},
            ["not_signed_in", "forbidden", "event_not_found"],
            signed="required",
        )
    },
    "/events/{event_id}/ticket-types": {
        "get": operation(
            "What the caller may buy; hidden types with their access code only",
            [_EVENT_ID, in_header("Access-Code")],
            {"200": "ticket types, with the state of their sale and the largest order"},
            ["event_not_found"],
            signed="optional",
        ),
        "post": operation(
            "Put a ticket type up for sale (organizers)",
            [_EVENT_ID],
            {"201": "the ticket type"},
            _WRITE_ERRORS,
            body="TicketTypeBody",
            signed="required",
        ),
    },
    "/events/{event_id}/ticket-types/{type_id}": {
        "patch": operation(
            "Change the fields sent; null removes one (organizers)",
            [_EVENT_ID, in_path("type_id")],
            {"200": "the ticket type"},
            [*_WRITE_ERRORS, "ticket_type_not_found", "in_use"],
            body="TicketTypeBody",
            signed="required",
        ),
        "delete": _deletion(
            "Delete a ticket type that nobody has", [in_path("type_id")], "ticket_type_not_found", "in_use"
        ),
    },
    "/events/{event_id}/pools/{pool_id}": {
        "put": operation(
            "Make a pool, or set its capacity (organizers)",
            [_EVENT_ID, in_path("pool_id")],
            {"200": "the pool"},
            [*_WRITE_ERRORS, "pool_not_found"],
            body="PoolBody",
            signed="required",
        ),
        "delete": _deletion("Delete a pool that nothing needs", [in_path("pool_id")], "pool_not_found", "in_use"),
    },
    "/events/{event_id}/discount-codes/{code}": {
        "put": operation(
            "Make a discount code, or replace what it is good for (organizers)",
            [_EVENT_ID, _CODE],
            {"200": "the discount code"},
            _WRITE_ERRORS,
            body="DiscountBody",
            signed="required",
        ),
        "delete": _deletion("Delete a discount code", [_CODE], "discount_code_not_found"),
    },
}
TICKETS: dict[str, Any] = _SETUP | {
    "/events/{event_id}/tickets/key": {
        "get": operation(
            "The public key that tickets verify with, offline",
            [_EVENT_ID],
            {"200": "an Ed25519 public key"},
            ["event_not_found"],
            signed="optional",
        )
    },
    "/events/{event_id}/tickets/revocations": {
        "get": operation(
            "Tickets that let nobody in any more (organizers)",
            [_EVENT_ID, in_query("cursor")],
            {"200": "a page of revoked tickets, and the cursor from which to go on later"},
            ["not_signed_in", "forbidden", "event_not_found", "validation_failed"],
            signed="required",
        )
    },
    "/registrations/{code}": {
        "get": operation(
            "A registration with its tickets",
            [_CODE],
            {"200": "the registration"},
            ["not_signed_in", "registration_not_found"],
            signed="required",
        )
    },
    "/registrations/{code}/check-in": {
        "post": operation(
            "Let somebody in, once (organizers)",
            [_CODE],
            {"200": "the registration"},
            [*_MOVE_ERRORS, "forbidden", "event_canceled"],
            signed="required",
        ),
        "delete": operation(
            "Take back a check-in made by mistake (organizers)",
            [_CODE],
            {"200": "the registration"},
            [*_MOVE_ERRORS, "forbidden", "event_canceled"],
            signed="required",
        ),
    },
    "/registrations/{code}/cancel": {
        "post": operation(
            "Give up a registration that cost nothing",
            [_CODE],
            {"200": "the registration"},
            [*_MOVE_ERRORS, "refund_needed"],
            signed="required",
        )
    },
    "/tickets/{name}": {
        "get": operation(
            "A ticket with its code",
            [in_path("name")],
            {"200": "the ticket"},
            ["not_signed_in", "ticket_not_found"],
            signed="required",
        )
    },
    "/tickets/{name}.svg": {"get": _image("The QR code of a valid ticket as SVG")},
    "/tickets/{name}.png": {"get": _image("The QR code of a valid ticket as PNG")},
}
