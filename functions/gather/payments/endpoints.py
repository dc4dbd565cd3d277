"""Buying over HTTP: tickets, the seats of one's RSVP, and where Stripe sends buyers back to."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, jsonify, request

from gather.attendance.endpoints import MESSAGES
from gather.events.fields import is_document_id
from gather.events.model import Event, Viewer
from gather.events.store import load_event, viewer_of
from gather.http.answers import not_kept
from gather.http.auth import Caller, require_caller
from gather.http.body import read_body, read_json, validated
from gather.http.context import current_runtime
from gather.http.errors import RETRY_AFTER_S, ApiError
from gather.payments.checkout import Ordered, buy, cancel, refresh
from gather.payments.model import Payment, parse_payment
from gather.payments.order_body import CheckoutBody, PurchaseBody
from gather.payments.ordering import Buyer, PurchaseRefusedError, Wish
from gather.payments.pages import page_of
from gather.payments.rendering import payment_json
from gather.tickets.registration import Registration
from gather.tickets.rendering import registration_json
from gather.tickets.store import ticket_in, ticket_ref
from gather.tickets.ticket import Ticket, ticket_id

KEY_CHARACTERS_MAX = 255

blueprint = Blueprint("checkout", __name__)


@blueprint.post("/events/<event_id>/tickets/purchase")
def purchase(event_id: str) -> tuple[Response, int]:
    """Order tickets; 201 with where to pay, or with the registration where nothing is to be paid.

    The same order, sent again before it is paid, answers 200 with the same payment.
    """
    caller = _buyer(event_id)
    return _ordered(event_id, caller, read_body(PurchaseBody).wish(_key()))


@blueprint.post("/events/<event_id>/checkout")
def checkout(event_id: str) -> tuple[Response, int]:
    """Order the seats of the caller's RSVP, those offered to them included; answers as a purchase does."""
    caller = _buyer(event_id)
    body = validated(CheckoutBody, read_json(default={}))
    event = load_event(current_runtime().firestore, event_id)
    if event is None:
        raise ApiError("event_not_found", MESSAGES["event_not_found"])
    return _ordered(event_id, caller, body.wish(_key(), counts_party=event.count_party_size))


@blueprint.get("/payments/<payment_id>/success")
def success(payment_id: str) -> Response:
    """Where Stripe sends who has paid: Stripe is asked, and the payment fulfilled, whether or not its word has come."""
    found = current_runtime()
    return _shown(refresh(found, _stored(payment_id)))


@blueprint.get("/payments/<payment_id>/canceled")
def canceled(payment_id: str) -> Response:
    """Where Stripe sends who went back without paying: nothing has changed, and they may pay still."""
    return _shown(_stored(payment_id))


@blueprint.post("/payments/<payment_id>/cancel")
def give_up(payment_id: str) -> Response:
    """Give up one's own payment that is not paid; its seats are free at once."""
    caller, payment = require_caller(), _stored(payment_id)
    if payment.uid != caller.uid:
        raise ApiError("not_found", "there is no such payment, or it is not yours")
    try:
        after = cancel(current_runtime(), payment)
    except PurchaseRefusedError as refused:
        raise _refused(refused) from refused
    return not_kept(jsonify({"payment": payment_json(after, may_manage=False)}))


def _ordered(event_id: str, caller: Caller, wish: Wish) -> tuple[Response, int]:
    found = current_runtime()
    buyer = Buyer(uid=caller.uid, name=caller.name, email=caller.email)
    try:
        ordered = buy(found, event_id, buyer, wish, viewer_of=_viewer_of(found.firestore, caller))
    except PurchaseRefusedError as refused:
        raise _refused(refused) from refused
    return not_kept(jsonify(_order_json(found.firestore, ordered))), 201 if ordered.taken.is_new else 200


def _order_json(client: Any, ordered: Ordered) -> dict[str, Any]:
    taken, tickets = ordered.taken, _tickets(client, ordered.taken.registration)
    answer: dict[str, Any] = {}
    if taken.payment is not None:
        answer["payment"] = payment_json(taken.payment, may_manage=False)
        answer["sessionId"] = taken.payment.session_id
        answer["url"] = taken.payment.session_url
        answer["clientSecret"] = ordered.client_secret
    if taken.registration is not None:
        answer["registration"] = registration_json(taken.registration, tickets)
    return {name: value for name, value in answer.items() if value is not None}


def _tickets(client: Any, registration: Registration | None) -> list[Ticket]:
    """The tickets of an order that cost nothing: they are there already."""
    if registration is None or not registration.is_free:
        return []
    names = [ticket_id(registration.id, number) for number in range(1, registration.quantity + 1)]
    found = {each.id: each for each in client.get_all([ticket_ref(client, name) for name in names])}
    return [ticket for name in names if (ticket := ticket_in(found[name])) is not None]


def _refused(refused: PurchaseRefusedError) -> ApiError:
    message = refused.message or MESSAGES[refused.code]
    details = None if refused.payment_id is None else [{"paymentId": refused.payment_id}]
    headers = {"Retry-After": str(RETRY_AFTER_S)} if refused.code == "try_again" else None
    return ApiError(refused.code, message, details, headers)


def _buyer(event_id: str) -> Caller:
    caller = require_caller()
    if not is_document_id(event_id) or not is_document_id(caller.uid):
        raise ApiError("event_not_found", MESSAGES["event_not_found"])
    return caller


def _viewer_of(client: Any, caller: Caller) -> Callable[[Any, Event], Viewer]:
    def look(_transaction: Any, event: Event) -> Viewer:
        return viewer_of(client, caller, event)

    return look


def _key() -> str | None:
    key = request.headers.get("Idempotency-Key")
    if key is not None and not 0 < len(key) <= KEY_CHARACTERS_MAX:
        problem = {"field": "Idempotency-Key", "problem": f"is not of 1 to {KEY_CHARACTERS_MAX} characters"}
        raise ApiError("validation_failed", "the idempotency key is none", [problem])
    return key


def _stored(payment_id: str) -> Payment:
    client = current_runtime().firestore
    stored = client.document("payments", payment_id).get() if is_document_id(payment_id) else None
    if stored is None or not stored.exists:
        raise ApiError("not_found", "there is no such payment, or it is not yours")
    return parse_payment(payment_id, stored.to_dict())


def _shown(payment: Payment) -> Response:
    """A page for browsers, and the little that it says as JSON for others."""
    settings = current_runtime().settings
    if request.accept_mimetypes.best_match(["application/json", "text/html"]) == "text/html":
        response = Response(page_of(payment, settings.public_url), content_type="text/html; charset=utf-8")
        response.headers["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'"
        response.headers["Referrer-Policy"] = "no-referrer"
        return not_kept(response)
    shown = {"id": payment.id, "status": payment.status.value, "admitted": payment.admitted}
    return not_kept(jsonify({"payment": shown | {"eventId": payment.event_id}}))
