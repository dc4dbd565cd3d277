"""`/payments`: what was paid, and giving it back."""

import hashlib
import secrets

from flask import Blueprint, Response, jsonify, request

from gather.events.fields import is_document_id
from gather.http.answers import not_kept
from gather.http.auth import Caller, require_caller
from gather.http.body import read_json, validated
from gather.http.context import current_runtime
from gather.http.errors import ApiError
from gather.payments.access import may_manage_payment
from gather.payments.body import RefundBody
from gather.payments.facts import GatewayDownError
from gather.payments.listing import list_payments, read_list_request
from gather.payments.model import Payment, Refund, parse_payment, parse_refund
from gather.payments.refunds import RefundRefusedError, Wanted, carry_out, reserve
from gather.payments.rendering import payment_json, refund_json, refunds_json
from gather.payments.store import refunds_of

KEY_CHARACTERS_MAX = 255

blueprint = Blueprint("refunds", __name__)


@blueprint.get("/payments")
def list_() -> Response:
    """A page of the caller's payments; of an event's (`event`) for who runs it; of all for admins."""
    asked, details = read_list_request(request.args)
    if details:
        raise ApiError("validation_failed", "the query string is not understood", details)
    page = list_payments(current_runtime().firestore, require_caller(), asked)
    payments = [payment_json(payment, may_manage=page.may_manage) for payment in page.payments]
    return not_kept(jsonify({"payments": payments} | ({"cursor": page.cursor} if page.cursor else {})))


@blueprint.get("/payments/<payment_id>")
def show(payment_id: str) -> Response:
    """One payment with its refunds; one that the caller may not see answers as one that does not exist."""
    payment, may_manage = _seen(payment_id, require_caller())
    stored = refunds_of(current_runtime().firestore, payment_id).stream()
    refunds = [parse_refund(each.id, payment_id, each.to_dict()) for each in stored]
    shown = payment_json(payment, may_manage=may_manage)
    return not_kept(jsonify({"payment": shown | {"refunds": refunds_json(refunds, may_manage=may_manage)}}))


@blueprint.post("/payments/<payment_id>/refunds")
def refund(payment_id: str) -> tuple[Response, int]:
    """Give money back; 201 when Stripe has taken it, 202 when it will as soon as it answers.

    With an `Idempotency-Key` the same request, sent again, is the same refund.
    """
    found, caller = current_runtime(), require_caller()
    _, may_manage = _seen(payment_id, caller)
    if not may_manage:
        raise ApiError("forbidden", "refunds are made by who runs the event")
    body = validated(RefundBody, read_json(default={}))
    wanted = Wanted(
        refund_id=_refund_id(payment_id, caller.uid),
        amount_cents=body.amount_cents,
        reason=body.reason,
        ticket_ids=tuple(body.ticket_ids),
        requested_by=caller.uid,
    )
    try:
        reserved = reserve(found, payment_id, wanted)
    except RefundRefusedError as refused:
        raise ApiError(refused.code, refused.message) from refused
    try:
        made = carry_out(found, payment_id, reserved.id)
    except GatewayDownError:
        return _made(reserved), 202
    return _made(made), 201


def _made(refund: Refund) -> Response:
    return not_kept(jsonify({"refund": refund_json(refund, may_manage=True)}))


def _seen(payment_id: str, caller: Caller) -> tuple[Payment, bool]:
    client = current_runtime().firestore
    stored = client.document("payments", payment_id).get() if is_document_id(payment_id) else None
    if stored is not None and stored.exists:
        payment = parse_payment(payment_id, stored.to_dict())
        may_manage = may_manage_payment(client, caller, payment)
        if may_manage or payment.uid == caller.uid:
            return payment, may_manage
    raise ApiError("not_found", "there is no such payment, or it is not yours")


def _refund_id(payment_id: str, uid: str) -> str:
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return secrets.token_hex(16)
    if not 0 < len(key) <= KEY_CHARACTERS_MAX:
        problem = {"field": "Idempotency-Key", "problem": f"is not of 1 to {KEY_CHARACTERS_MAX} characters"}
        raise ApiError("validation_failed", "the idempotency key is none", [problem])
    return hashlib.sha256(repr((payment_id, uid, key)).encode()).hexdigest()[:32]
