"""Gateway: Stripe through its own SDK, answering with facts. Nothing else asks Stripe for anything.

Every request that changes something carries an idempotency key of ours, so that a retry, here or after a crash,
does it once.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar

import stripe

from gather.payments.facts import (
    GatewayDownError,
    GatewayRefusedError,
    IntentFacts,
    IntentRequest,
    RefundFacts,
    SessionFacts,
    SessionRequest,
)
from gather.settings import Settings

if TYPE_CHECKING:
    from stripe.params import PaymentIntentCreateParams, RefundCreateParams
    from stripe.params.checkout import SessionCreateParams

Facts = TypeVar("Facts")

TIMEOUT_S = 20
"""A buyer waits for the answer; the SDK's own limit is 80 s."""
RETRIES = 2
REFUNDS_PAGE = 100
"""The most that Stripe lists at once: https://docs.stripe.com/api/pagination"""
_CONFLICT = 409
_SERVER_ERROR = 500
_TRANSIENT = (
    stripe.APIConnectionError,
    stripe.RateLimitError,
    # A wrong key says nothing of the payment, and is put right without it.
    stripe.AuthenticationError,
    stripe.PermissionError,
)


class Gateway:
    """The one adapter of `PaymentGateway` that reaches Stripe."""

    def __init__(self, settings: Settings, *, retries: int = RETRIES) -> None:
        base = settings.stripe_api_base
        self._stripe = stripe.StripeClient(
            settings.stripe_secret_key,
            stripe_account=settings.stripe_account,
            base_addresses={"api": base} if base else {},
            max_network_retries=retries,
            http_client=stripe.RequestsClient(timeout=TIMEOUT_S),
        )

    def create_session(self, request: SessionRequest, *, idempotency_key: str) -> SessionFacts:
        """Open a Checkout Session; the same key and request answer with the same one."""
        params: SessionCreateParams = {
            "mode": "payment",
            "client_reference_id": request.payment_id,
            "metadata": dict(request.metadata),
            "payment_intent_data": {"metadata": dict(request.metadata)},
            "line_items": [
                {
                    "quantity": line.quantity,
                    "price_data": {
                        "currency": request.currency,
                        "unit_amount": line.unit_cents,
                        "product_data": {"name": line.name},
                    },
                }
                for line in request.lines
            ],
            "expires_at": int(request.expires_at.timestamp()),
            "success_url": request.success_url,
            "cancel_url": request.cancel_url,
        }
        return self._ask(
            session_facts,
            lambda: self._stripe.v1.checkout.sessions.create(params, {"idempotency_key": idempotency_key}),
        )

    def retrieve_session(self, session_id: str) -> SessionFacts:
        """Ask what became of a session."""
        return self._ask(session_facts, lambda: self._stripe.v1.checkout.sessions.retrieve(session_id))

    def expire_session(self, session_id: str) -> SessionFacts:
        """End an open session, so that it can never be paid; refused when it is not open any more."""
        return self._ask(session_facts, lambda: self._stripe.v1.checkout.sessions.expire(session_id))

    def create_intent(self, request: IntentRequest, *, idempotency_key: str) -> IntentFacts:
        """Make a payment intent; the same key and request answer with the same one."""
        params: PaymentIntentCreateParams = {
            "amount": request.amount_cents,
            "currency": request.currency,
            "description": request.description,
            "metadata": dict(request.metadata),
            "automatic_payment_methods": {"enabled": True},
        }
        return self._ask(
            intent_facts, lambda: self._stripe.v1.payment_intents.create(params, {"idempotency_key": idempotency_key})
        )

    def retrieve_intent(self, intent_id: str) -> IntentFacts:
        """Ask what became of an intent, of its charge and of every refund."""
        with _errors():
            intent = _content(self._stripe.v1.payment_intents.retrieve(intent_id, {"expand": ["latest_charge"]}))
            refunds: list[Mapping[str, Any]] = []
            if intent.get("latest_charge"):
                page = self._stripe.v1.refunds.list({"payment_intent": intent_id, "limit": REFUNDS_PAGE})
                refunds = [_content(refund) for refund in page.auto_paging_iter()]
        return intent_facts(intent, refunds)

    def cancel_intent(self, intent_id: str) -> IntentFacts:
        """End an intent, so that it can never be paid; refused when it is paid, or a method is at work."""
        return self._ask(intent_facts, lambda: self._stripe.v1.payment_intents.cancel(intent_id))

    def create_refund(
        self, intent_id: str, *, amount_cents: int, metadata: Mapping[str, Any], idempotency_key: str
    ) -> RefundFacts:
        """Give money back; `metadata` names our refund as `refundId`."""
        params: RefundCreateParams = {
            "payment_intent": intent_id,
            "amount": amount_cents,
            "metadata": {name: str(value) for name, value in metadata.items()},
        }
        return self._ask(
            refund_facts, lambda: self._stripe.v1.refunds.create(params, {"idempotency_key": idempotency_key})
        )

    def _ask(self, read: Callable[[Mapping[str, Any]], Facts], request: Callable[[], Any]) -> Facts:
        with _errors():
            answer = _content(request())
        return read(answer)


def session_facts(session: Mapping[str, Any]) -> SessionFacts:
    """Read a Checkout Session as Stripe renders it."""
    return SessionFacts(
        id=session["id"],
        status=session["status"],
        payment_status=session["payment_status"],
        payment_intent_id=_id_of(session.get("payment_intent")),
        url=session.get("url"),
        expires_at=datetime.fromtimestamp(session["expires_at"], UTC),
        livemode=session["livemode"],
        payment_id=session.get("client_reference_id") or (session.get("metadata") or {}).get("paymentId"),
        amount_cents=session["amount_total"],
        currency=session["currency"],
    )


def intent_facts(intent: Mapping[str, Any], refunds: list[Mapping[str, Any]] | None = None) -> IntentFacts:
    """Read a payment intent as Stripe renders it, and its refunds, which Stripe lists apart."""
    charge = intent.get("latest_charge")
    return IntentFacts(
        id=intent["id"],
        status=intent["status"],
        amount_cents=intent["amount"],
        received_cents=intent.get("amount_received") or 0,
        currency=intent["currency"],
        charge_id=_id_of(charge),
        refunds=tuple(refund_facts(refund) for refund in refunds or ()),
        disputed=isinstance(charge, Mapping) and charge.get("disputed") is True,
        livemode=intent["livemode"],
        payment_id=(intent.get("metadata") or {}).get("paymentId"),
        client_secret=intent.get("client_secret"),
    )


def refund_facts(refund: Mapping[str, Any]) -> RefundFacts:
    """Read a refund as Stripe renders it."""
    return RefundFacts(
        id=refund["id"],
        amount_cents=refund["amount"],
        status=refund["status"],
        refund_id=(refund.get("metadata") or {}).get("refundId"),
        payment_intent_id=_id_of(refund.get("payment_intent")),
    )


def _id_of(value: Any) -> str | None:
    """An object that Stripe renders by its id, or whole where it was asked to expand it."""
    if isinstance(value, Mapping):
        value = value.get("id")
    return value if isinstance(value, str) else None


def _content(answer: Any) -> Mapping[str, Any]:
    content: Mapping[str, Any] = answer.to_dict()
    return content


@contextmanager
def _errors() -> Iterator[None]:
    """What Stripe's SDK raises, told apart by whether anything is known of the request."""
    try:
        yield
    except _TRANSIENT as error:
        raise GatewayDownError(type(error).__name__) from error
    except stripe.StripeError as error:
        status = error.http_status or _SERVER_ERROR
        # 409: the same request is on its way, or its object is locked; a 5xx may have done its work.
        if status == _CONFLICT or status >= _SERVER_ERROR:
            raise GatewayDownError(type(error).__name__) from error
        raise GatewayRefusedError(error.code or _kind_of(error)) from error


def _kind_of(error: stripe.StripeError) -> str:
    return "idempotency_error" if isinstance(error, stripe.IdempotencyError) else "invalid_request"
