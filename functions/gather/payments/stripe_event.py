"""Stripe's events: what arrived, and whom it makes us ask. An event only says that something may have changed. Pure.

What became of it is fetched again, since events come late, twice and in any order. A dispute is the exception: its
outcome is taken from the signed event, and rises as everything else does.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeGuard

from gather.payments.facts import DisputeFacts

SESSION_TYPES = frozenset(
    {
        "checkout.session.completed",
        "checkout.session.async_payment_succeeded",
        "checkout.session.async_payment_failed",
        "checkout.session.expired",
    }
)
INTENT_TYPES = frozenset({"payment_intent.succeeded", "payment_intent.payment_failed", "payment_intent.canceled"})
BELOW_INTENT_TYPES = frozenset({"charge.refunded", "refund.created", "refund.updated", "refund.failed"})
DISPUTE_TYPES = frozenset({"charge.dispute.created", "charge.dispute.closed"})

EVENT_ID = re.compile(r"evt_[A-Za-z0-9_]{1,250}")
NAME = re.compile(r"[A-Za-z0-9_.]{1,250}")
"""The type of an event, or the id of an account."""


class MalformedEventError(ValueError):
    """The body is not an event of Stripe's, whoever signed it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StripeEvent:
    """An event as it was signed; `account` is the connected account that it is about, None for the platform's own."""

    id: str
    type: str
    livemode: bool
    account: str | None
    subject: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Concern:
    """What an event makes us ask about: a session or an intent, and what it said of a dispute."""

    session_id: str | None = None
    intent_id: str | None = None
    dispute: DisputeFacts | None = None


def parse_event(body: bytes) -> StripeEvent:
    """Read a signed body; raise MalformedEventError for anything that is not an event, however it is broken."""
    try:
        data = json.loads(body.decode())
    except (ValueError, RecursionError) as error:
        raise MalformedEventError("the body is not JSON") from error
    if not isinstance(data, Mapping) or data.get("object") != "event":
        raise MalformedEventError("the body is no event")
    event_id, event_type, livemode = data.get("id"), data.get("type"), data.get("livemode")
    if not isinstance(event_id, str) or not EVENT_ID.fullmatch(event_id):
        raise MalformedEventError("the event has no id")
    if not _is_name(event_type) or not isinstance(livemode, bool):
        raise MalformedEventError("the event has no type or no mode")
    envelope, account = data.get("data"), data.get("account")
    if account is not None and not _is_name(account):
        raise MalformedEventError("the event's account is none")
    subject = envelope.get("object") if isinstance(envelope, Mapping) else None
    return StripeEvent(
        id=event_id,
        type=event_type,
        livemode=livemode,
        account=account,
        subject=subject if isinstance(subject, Mapping) else {},
    )


def concern_of(event: StripeEvent) -> Concern | None:
    """Say what is to be asked; None for an event that changes nothing of ours."""
    subject = event.subject
    if event.type in SESSION_TYPES:
        return _about(Concern(session_id=_id(subject.get("id"))))
    if event.type in INTENT_TYPES:
        return _about(Concern(intent_id=_id(subject.get("id"))))
    if event.type in BELOW_INTENT_TYPES:
        return _about(Concern(intent_id=_id(subject.get("payment_intent"))))
    if event.type in DISPUTE_TYPES:
        return _about(Concern(intent_id=_id(subject.get("payment_intent")), dispute=_dispute(subject)))
    return None


def _is_name(value: Any) -> TypeGuard[str]:
    return isinstance(value, str) and NAME.fullmatch(value) is not None


def _about(concern: Concern) -> Concern | None:
    """A charge without an intent, or a subject without an id, is none of ours."""
    return concern if concern.session_id or concern.intent_id else None


def _dispute(subject: Mapping[str, Any]) -> DisputeFacts | None:
    dispute_id, status = _id(subject.get("id")), subject.get("status")
    if dispute_id is None or not isinstance(status, str):
        return None
    return DisputeFacts(id=dispute_id, status=status, payment_intent_id=_id(subject.get("payment_intent")))


def _id(value: Any) -> str | None:
    """An object by its id, or whole."""
    if isinstance(value, Mapping):
        value = value.get("id")
    return value if _is_name(value) else None
