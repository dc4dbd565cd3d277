"""Ticket types, pools and discount codes, set up over HTTP by who manages the event."""

from collections.abc import Callable, Mapping
from typing import Any

from flask import Blueprint, Response, jsonify

from gather.events.fields import is_document_id
from gather.events.write import EventRefusedError, managed
from gather.http.answers import private
from gather.http.auth import require_caller
from gather.http.body import read_json
from gather.http.context import current_runtime
from gather.http.errors import ApiError
from gather.tickets.body import DISCOUNT_FIELDS, POOL_FIELDS, TYPE_FIELDS, fields_of
from gather.tickets.model import TYPE_ID_MAX
from gather.tickets.rendering import discount_json, pool_json, type_json
from gather.tickets.setup import (
    Organizer,
    SetupRefusedError,
    change_type,
    create_type,
    delete_discount,
    delete_pool,
    delete_type,
    put_discount,
    put_pool,
)
from gather.tickets.store import discount_ref, discounts_of, pool_ref, pools_of, type_ref, types_of

blueprint = Blueprint("ticket-setup", __name__)

MESSAGES: Mapping[str, str] = {
    "event_not_found": "there is no such event, or you may not see it",
    "forbidden": "only who manages the event says what it sells",
    "validation_failed": "this cannot be sold like that; see details",
    "in_use": "somebody has these tickets, or another ticket type needs this; hide it or end its sale instead",
    "ticket_type_not_found": "the event has no such ticket type",
    "pool_not_found": "the event has no such pool",
    "discount_code_not_found": "the event has no such discount code",
}


@blueprint.get("/events/<event_id>/ticket-setup")
def setup(event_id: str) -> Response:
    """All that an event sells, as its organizers set it up: types, pools and discount codes with their counters."""
    found, signed_in = current_runtime(), require_caller()
    client = found.firestore
    try:
        snapshot = client.document("events", _existing(event_id)).get()
        managed(client, snapshot, signed_in, now=found.now())
    except EventRefusedError as refused:
        raise ApiError(refused.code, MESSAGES[refused.code]) from refused
    return private(
        jsonify(
            {
                "eventId": event_id,
                "ticketTypes": [type_json(each.id, each.to_dict()) for each in types_of(client, event_id).stream()],
                "pools": [pool_json(each.id, each.to_dict()) for each in pools_of(client, event_id).stream()],
                "discountCodes": [
                    discount_json(each.to_dict(), DISCOUNT_FIELDS) for each in discounts_of(client, event_id).stream()
                ],
            }
        )
    )


@blueprint.post("/events/<event_id>/ticket-types")
def new_type(event_id: str) -> tuple[Response, int]:
    """Put a ticket type up for sale; 201 with it as it is stored."""
    fields = _fields(TYPE_FIELDS)
    type_id = _done(lambda organizer: create_type(organizer, _existing(event_id), fields))
    response = _type(event_id, type_id)
    response.headers["Location"] = f"/events/{event_id}/ticket-types/{type_id}"
    return response, 201


@blueprint.patch("/events/<event_id>/ticket-types/<type_id>")
def edit_type(event_id: str, type_id: str) -> Response:
    """Change the fields sent; null removes one."""
    fields = _fields(TYPE_FIELDS)
    name = _named(type_id, "ticket_type_not_found")
    _done(lambda organizer: change_type(organizer, _existing(event_id), name, fields))
    return _type(event_id, type_id)


@blueprint.delete("/events/<event_id>/ticket-types/<type_id>")
def remove_type(event_id: str, type_id: str) -> tuple[str, int]:
    """Delete a ticket type that nobody has."""
    name = _named(type_id, "ticket_type_not_found")
    _done(lambda organizer: delete_type(organizer, _existing(event_id), name))
    return "", 204


@blueprint.put("/events/<event_id>/pools/<pool_id>")
def replace_pool(event_id: str, pool_id: str) -> Response:
    """Make a pool, or set its capacity."""
    fields, name = _fields(POOL_FIELDS), _named(pool_id, "pool_not_found")
    _done(lambda organizer: put_pool(organizer, _existing(event_id), name, fields))
    stored = pool_ref(current_runtime().firestore, event_id, pool_id).get().to_dict() or {}
    return private(jsonify(pool_json(pool_id, stored)))


@blueprint.delete("/events/<event_id>/pools/<pool_id>")
def remove_pool(event_id: str, pool_id: str) -> tuple[str, int]:
    """Delete a pool in which nobody is and that no ticket type names."""
    name = _named(pool_id, "pool_not_found")
    _done(lambda organizer: delete_pool(organizer, _existing(event_id), name))
    return "", 204


@blueprint.put("/events/<event_id>/discount-codes/<code>")
def replace_discount(event_id: str, code: str) -> Response:
    """Make a discount code, or replace what it is good for."""
    fields = _fields(DISCOUNT_FIELDS)
    kept = _done(lambda organizer: put_discount(organizer, _existing(event_id), code, fields))
    reference: Any = discount_ref(current_runtime().firestore, event_id, kept)
    return private(jsonify(discount_json(reference.get().to_dict() or {}, DISCOUNT_FIELDS)))


@blueprint.delete("/events/<event_id>/discount-codes/<code>")
def remove_discount(event_id: str, code: str) -> tuple[str, int]:
    """Delete a discount code; orders placed with it keep their price."""
    _done(lambda organizer: delete_discount(organizer, _existing(event_id), code))
    return "", 204


def _done(work: Callable[[Organizer], Any]) -> Any:
    found, signed_in = current_runtime(), require_caller()
    organizer = Organizer(client=found.firestore, caller=signed_in, now=found.now(), transact=found.transact)
    try:
        return work(organizer)
    except EventRefusedError as refused:
        raise ApiError(refused.code, MESSAGES[refused.code]) from refused
    except SetupRefusedError as refused:
        raise ApiError(refused.code, MESSAGES[refused.code], refused.details) from refused


def _type(event_id: str, type_id: str) -> Response:
    stored = type_ref(current_runtime().firestore, event_id, type_id).get().to_dict() or {}
    return private(jsonify(type_json(type_id, stored)))


def _fields(names: tuple[str, ...]) -> dict[str, Any]:
    require_caller()
    fields, details = fields_of(read_json(), names)
    if details:
        raise ApiError("validation_failed", MESSAGES["validation_failed"], details)
    return fields


def _existing(event_id: str) -> str:
    if not is_document_id(event_id):
        raise ApiError("event_not_found", MESSAGES["event_not_found"])
    return event_id


def _named(name: str, missing: str) -> str:
    if not is_document_id(name) or len(name) > TYPE_ID_MAX:
        raise ApiError(missing, MESSAGES[missing])
    return name
