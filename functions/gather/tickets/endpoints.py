"""What an event sells, registrations by their codes, and tickets: for buyers, owners and the people at the door."""

from collections.abc import Callable, Mapping

from flask import Blueprint, Response, jsonify, request

from gather.events.listing import decode_cursor, encode_cursor
from gather.events.model import GUEST, Event, Viewer, can_manage, can_read
from gather.events.rendering import plain
from gather.events.store import load_event, viewer_of
from gather.http.answers import private
from gather.http.auth import caller, require_caller
from gather.http.context import current_runtime
from gather.http.errors import ApiError
from gather.runtime import Runtime
from gather.tickets.model import parse_pool, parse_ticket_type
from gather.tickets.qr import qr_png, qr_svg
from gather.tickets.registration import Registration, Status, heard
from gather.tickets.rendering import offered, registration_json, ticket_json
from gather.tickets.store import (
    load_registration,
    load_ticket,
    pools_of,
    revocations_page,
    ticket_in,
    ticket_ref,
    types_of,
)
from gather.tickets.ticket import Ticket, TicketStatus, public_key_text, signing_key, ticket_id
from gather.tickets.write import RegistrationRefusedError, cancel, check_in, manages_sale, standing_of, undo_check_in

blueprint = Blueprint("tickets", __name__)

ACCESS_CODE = "Access-Code"
"""The header for an access code: a query string would show it in the logs of every server on the way."""
MESSAGES: Mapping[str, str] = {
    "event_not_found": "there is no such event, or you may not see it",
    "event_canceled": "the event is canceled",
    "forbidden": "only who manages the event does this",
    "registration_not_found": "there is no such registration, or it is neither yours nor of an event you manage",
    "ticket_not_found": "there is no such ticket, or it is neither yours nor of an event you manage",
    "ticket_void": "this ticket is void",
}


@blueprint.get("/events/<event_id>/ticket-types")
def ticket_types(event_id: str) -> Response:
    """What the caller may buy now; hidden types with their access code only, in the header Access-Code."""
    found = current_runtime()
    event, _ = _readable(found, event_id)
    types = [parse_ticket_type(each.id, each.to_dict()) for each in types_of(found.firestore, event_id).stream()]
    pools = {each.id: parse_pool(each.id, each.to_dict()) for each in pools_of(found.firestore, event_id).stream()}
    offers = offered(event, types, pools, request.headers.get(ACCESS_CODE), now=found.now())
    response = private(jsonify({"eventId": event.id, "ticketTypes": offers}))
    response.vary.add(ACCESS_CODE)
    return response


@blueprint.get("/events/<event_id>/tickets/key")
def key(event_id: str) -> Response:
    """The public key with which anybody can tell a genuine ticket, offline."""
    found = current_runtime()
    _readable(found, event_id)
    public_key = signing_key(found.settings.ticket_signing_key).public_key()
    return private(jsonify({"eventId": event_id, "algorithm": "Ed25519", "publicKey": public_key_text(public_key)}))


@blueprint.get("/events/<event_id>/tickets/revocations")
def revocations(event_id: str) -> Response:
    """Tickets that let nobody in any more, the latest last; a scanner goes on from the cursor of its last page."""
    require_caller()
    found = current_runtime()
    event, viewer = _readable(found, event_id)
    if not can_manage(event, viewer):
        raise ApiError("forbidden", MESSAGES["forbidden"])
    cursor = request.args.get("cursor")
    after = None if cursor is None else decode_cursor(cursor)
    if cursor is not None and after is None:
        details = [{"field": "cursor", "problem": "is not a cursor of this list; start without one"}]
        raise ApiError("validation_failed", "the query string is not understood", details)
    page, is_last = revocations_page(found.firestore, event_id, after)
    if page:
        cursor = encode_cursor(page[-1].get("voidedAt"), page[-1].id)
    revoked = [{"ticketId": each.id, "voidedAt": plain(each.get("voidedAt"))} for each in page]
    answer = {"eventId": event_id, "revoked": revoked, "complete": is_last} | ({"cursor": cursor} if cursor else {})
    return private(jsonify(answer))


@blueprint.get("/registrations/<code>")
def registration(code: str) -> Response:
    """A registration with its tickets: for its owner, who manages the event, and admins."""
    found, signed_in = current_runtime(), require_caller()
    loaded = load_registration(found.firestore, code)
    if loaded is not None:
        if signed_in.uid == loaded.uid:
            return _shown(found, loaded)
        event = load_event(found.firestore, loaded.event_id)
        if standing_of(found.firestore, signed_in, loaded, event).manages:
            return _shown(found, loaded)
    raise ApiError("registration_not_found", MESSAGES["registration_not_found"])


@blueprint.post("/registrations/<code>/check-in")
def enter(code: str) -> Response:
    """Let in who has a confirmed registration, once: for who manages the event."""
    return _moved(code, check_in)


@blueprint.delete("/registrations/<code>/check-in")
def leave(code: str) -> Response:
    """Take back a check-in made by mistake."""
    return _moved(code, undo_check_in)


@blueprint.post("/registrations/<code>/cancel")
def give_up(code: str) -> Response:
    """Give up a registration that cost nothing; one that was paid for is refunded instead."""
    return _moved(code, cancel)


@blueprint.get("/tickets/<name>")
def ticket(name: str) -> Response:
    """A ticket: for its owner, who manages the event, and admins."""
    return private(jsonify(ticket_json(_ticket(name))))


@blueprint.get("/tickets/<name>.svg")
def ticket_svg(name: str) -> Response:
    """The QR code of a valid ticket as SVG."""
    found = _valid(name)
    return private(Response(qr_svg(found.code, title=f"Ticket {found.number}"), content_type="image/svg+xml"))


@blueprint.get("/tickets/<name>.png")
def ticket_png(name: str) -> Response:
    """The QR code of a valid ticket as PNG."""
    return private(Response(qr_png(_valid(name).code), content_type="image/png"))


def _moved(code: str, move: Callable[..., Registration]) -> Response:
    found, signed_in = current_runtime(), require_caller()
    name = heard(code)
    if name is None:
        raise ApiError("registration_not_found", MESSAGES["registration_not_found"])
    try:
        after = move(found.firestore, name, signed_in, now=found.now(), transact=found.transact)
    except RegistrationRefusedError as refused:
        raise _error(refused) from refused
    return _shown(found, after)


def _error(refused: RegistrationRefusedError) -> ApiError:
    about = refused.registration
    if refused.code == "invalid_transition" and about is not None:
        since = about.history[-1].changed_at if about.history else about.created_at
        details = [{"status": about.status.value, "since": plain(since)}]
        what = "checked in already" if about.status is Status.CHECKED_IN else f"{about.status.value}"
        return ApiError(refused.code, f"the registration is {what} and cannot become that", details)
    if refused.code == "refund_needed" and about is not None:
        refunds = f"/payments/{about.payment_id}/refunds"
        details = [{"paymentId": str(about.payment_id), "refunds": refunds}]
        message = f"this registration is paid for, or is being: it ends by a refund (POST {refunds}, organizers)"
        return ApiError(refused.code, message, details)
    return ApiError(refused.code, MESSAGES[refused.code])


def _shown(found: Runtime, registration: Registration) -> Response:
    refs = [
        ticket_ref(found.firestore, ticket_id(registration.code, number + 1)) for number in range(registration.quantity)
    ]
    tickets = [each for snapshot in found.firestore.get_all(refs) if (each := ticket_in(snapshot)) is not None]
    tickets.sort(key=lambda each: each.number)
    return private(jsonify(registration_json(registration, tickets)))


def _ticket(name: str) -> Ticket:
    found, signed_in = current_runtime(), require_caller()
    loaded = load_ticket(found.firestore, name)
    if loaded is not None:
        if signed_in.uid == loaded.uid:
            return loaded
        event = load_event(found.firestore, loaded.event_id)
        if manages_sale(found.firestore, signed_in, event, sold_at=loaded.issued_at):
            return loaded
    raise ApiError("ticket_not_found", MESSAGES["ticket_not_found"])


def _valid(name: str) -> Ticket:
    found = _ticket(name)
    if found.status is not TicketStatus.VALID:
        raise ApiError("ticket_void", MESSAGES["ticket_void"])
    return found


def _readable(found: Runtime, event_id: str) -> tuple[Event, Viewer]:
    """The event, and who the caller is to it; missing to who may not read it."""
    event = load_event(found.firestore, event_id)
    viewer = GUEST if event is None else viewer_of(found.firestore, caller(), event)
    if event is None or not can_read(event, viewer, now=found.now()):
        raise ApiError("event_not_found", MESSAGES["event_not_found"])
    return event, viewer
