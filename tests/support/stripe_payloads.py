"""What Stripe sends: events as bytes, signatures, and objects as far as the functions look at them."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from gather.payments.facts import IntentFacts, RefundFacts, SessionFacts
from gather.payments.signature import signed


def body_of(event: Mapping[str, Any]) -> bytes:
    """An event as its bytes go over the wire."""
    return json.dumps(event, separators=(",", ":")).encode()


def signature_of(body: bytes, secret: str, *, at: datetime) -> str:
    """The header that proves who has sent a body, and when."""
    timestamp = str(int(at.timestamp()))
    return f"t={timestamp},v1={signed(body, timestamp, secret)}"


def session_json(session: SessionFacts) -> dict[str, Any]:
    return {
        "object": "checkout.session",
        "id": session.id,
        "status": session.status,
        "payment_status": session.payment_status,
        "payment_intent": session.payment_intent_id,
        "client_reference_id": session.payment_id,
    }


def intent_json(intent: IntentFacts) -> dict[str, Any]:
    return {
        "object": "payment_intent",
        "id": intent.id,
        "status": intent.status,
        "metadata": {"paymentId": intent.payment_id},
    }


def refund_json(refund: RefundFacts) -> dict[str, Any]:
    return {
        "object": "refund",
        "id": refund.id,
        "status": refund.status,
        "amount": refund.amount_cents,
        "payment_intent": refund.payment_intent_id,
    }


def event_json(
    event_id: str, event_type: str, subject: Mapping[str, Any], *, created: int, livemode: bool
) -> dict[str, Any]:
    """An event as Stripe sends it; `created` in seconds since 1970."""
    return {
        "id": event_id,
        "object": "event",
        "type": event_type,
        "livemode": livemode,
        "created": created,
        "data": {"object": dict(subject)},
    }
