"""Facts: what Stripe says of a session, an intent or a refund at the moment it was asked, and the port to ask it by.

Only facts move a payment: fetched by us, or signed by Stripe. Pure; `gateway.py` is the port's one real adapter.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Protocol

SessionStatus = Literal["open", "complete", "expired"]
SessionPayment = Literal["paid", "unpaid", "no_payment_required"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionFacts:
    """A Checkout Session: `complete` and `unpaid` is a method that takes days."""

    id: str
    status: SessionStatus
    payment_status: SessionPayment
    payment_intent_id: str | None
    url: str | None = None
    expires_at: datetime
    livemode: bool
    payment_id: str | None
    amount_cents: int
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundFacts:
    """A refund at Stripe; `refund_id` is ours, None for one made in Stripe's dashboard."""

    id: str
    amount_cents: int
    status: str
    refund_id: str | None
    payment_intent_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class IntentFacts:
    """A payment intent with its latest charge and all refunds; `client_secret` is for the buyer's own page alone."""

    id: str
    status: str
    amount_cents: int
    received_cents: int
    currency: str
    charge_id: str | None
    refunds: tuple[RefundFacts, ...] = ()
    disputed: bool = False
    livemode: bool
    payment_id: str | None
    client_secret: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class DisputeFacts:
    """A dispute, from an event signed by Stripe; its status is in Stripe's words."""

    id: str
    status: str
    payment_intent_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionRequest:
    """What a Checkout Session is asked for; the same payment and attempt always ask for the same."""

    payment_id: str
    event_id: str
    uid: str
    lines: tuple["Line", ...]
    currency: str
    expires_at: datetime
    success_url: str
    cancel_url: str

    @property
    def metadata(self) -> Mapping[str, str]:
        """What Stripe keeps with the session and with its intent."""
        return {"eventId": self.event_id, "uid": self.uid, "paymentId": self.payment_id}


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line of the order as the buyer reads it."""

    name: str
    unit_cents: int
    quantity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class IntentRequest:
    """What a payment intent is asked for, for clients that show Stripe's Elements themselves."""

    payment_id: str
    event_id: str
    uid: str
    amount_cents: int
    currency: str
    description: str

    @property
    def metadata(self) -> Mapping[str, str]:
        """What Stripe keeps with the intent."""
        return {"eventId": self.event_id, "uid": self.uid, "paymentId": self.payment_id}


class GatewayDownError(Exception):
    """Nothing is known: Stripe did not answer, or not with what became of the request. Ask again."""


class GatewayRefusedError(Exception):
    """Stripe answered, and has not done what it was asked; `code` is Stripe's own."""

    def __init__(self, code: str, message: str = "") -> None:
        super().__init__(f"{code}: {message}" if message else code)
        self.code = code


class PaymentGateway(Protocol):
    """Stripe as the functions see it. Every method answers with facts, or raises one of the two errors above."""

    def create_session(self, request: SessionRequest, *, idempotency_key: str) -> SessionFacts:
        """Open a Checkout Session; the same key and request answer with the same one."""

    def retrieve_session(self, session_id: str) -> SessionFacts:
        """Ask what became of a session."""

    def expire_session(self, session_id: str) -> SessionFacts:
        """End an open session, so that it can never be paid; refused when it is not open any more."""

    def create_intent(self, request: IntentRequest, *, idempotency_key: str) -> IntentFacts:
        """Make a payment intent; the same key and request answer with the same one."""

    def retrieve_intent(self, intent_id: str) -> IntentFacts:
        """Ask what became of an intent, of its charge and of every refund."""

    def cancel_intent(self, intent_id: str) -> IntentFacts:
        """End an intent, so that it can never be paid; refused when it is paid, or a method is at work."""

    def create_refund(
        self, intent_id: str, *, amount_cents: int, metadata: Mapping[str, Any], idempotency_key: str
    ) -> RefundFacts:
        """Give money back; `metadata` names our refund as `refundId`."""
