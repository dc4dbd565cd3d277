"""Causes: what has happened that somebody is told, exactly once. Pure.

A notification's id is derived from its cause, so whoever tells it again tells nothing new. Causes of RSVPs are the
changes of `seatState` between two images of the document: the document is the outbox, its event the delivery.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

SYSTEM = "system"


class Kind(StrEnum):
    """What a notification is about: its field `type`."""

    GOING = "rsvp_going"
    PROMOTED = "seat_promoted"
    OFFERED = "seat_offered"
    OFFER_EXPIRED = "seat_offer_expired"
    CANCELED = "event_canceled"
    CHANGED = "event_changed"
    PURCHASE_CONFIRMED = "purchase_confirmed"
    REFUNDED = "payment_refunded"
    REFUND_FAILED = "payment_refund_failed"
    DISPUTED = "payment_disputed"
    DISPUTE_CLOSED = "payment_dispute_closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """Something that happened; `key` tells it from another of its kind to the same people.

    `recipient` None is the event's creator, whom only the event knows.
    """

    kind: Kind
    event_id: str
    actor: str
    key: str
    recipient: str | None


def notification_id(cause: Cause, recipient: str) -> str:
    """One cause and one recipient have one id, of any length of names."""
    parts = (cause.kind, cause.event_id, cause.actor, cause.key, recipient)
    return f"{cause.kind}-{hashlib.sha256(repr(parts).encode()).hexdigest()[:32]}"


def notification_document(cause: Cause) -> dict[str, Any]:
    """What the recipient reads; `createdAt` is the store's to set."""
    return {"type": cause.kind.value, "eventId": cause.event_id, "actor": cause.actor, "readAt": None}


def mail_document(cause: Cause, recipient: str) -> dict[str, Any]:
    """What the outbox sends: to whom and what about; the words are made when it is sent."""
    return {"to": recipient, "type": cause.kind.value, "eventId": cause.event_id, "actor": cause.actor} | {
        "state": "pending",
        "attempts": 0,
    }


def causes_of_rsvp(
    event_id: str, uid: str, before: Mapping[str, Any] | None, after: Mapping[str, Any] | None
) -> list[Cause]:
    """What a change of an RSVP tells: to the creator who is going, to its owner what became of their place in line."""
    old, new = before or {}, after or {}
    was, state = old.get("seatState"), new.get("seatState")
    if was == state:
        return []
    found: list[Cause] = []
    if state == "admitted":
        found.append(Cause(kind=Kind.GOING, event_id=event_id, actor=uid, key=_turn(new), recipient=None))
    if (was, state) == ("waitlisted", "admitted"):
        found.append(_to_owner(Kind.PROMOTED, event_id, uid, _turn(new)))
    elif state == "held" and "offerExpiresAt" in new:
        found.append(_to_owner(Kind.OFFERED, event_id, uid, _moment(new.get("offerExpiresAt"))))
    elif (was, state) == ("held", "declined") and "offerExpiresAt" in old:
        found.append(_to_owner(Kind.OFFER_EXPIRED, event_id, uid, _moment(old.get("offerExpiresAt"))))
    return found


def is_between_people(cause: Cause) -> bool:
    """What one person did is not told to another who has blocked them or whom they have blocked."""
    return cause.actor != SYSTEM


def _to_owner(kind: Kind, event_id: str, uid: str, key: str) -> Cause:
    return Cause(kind=kind, event_id=event_id, actor=SYSTEM, key=key, recipient=uid)


def _turn(document: Mapping[str, Any]) -> str:
    """Names the turn that an RSVP has taken: its history only grows, and a deleted one begins at another time."""
    history = document.get("statusHistory")
    if not isinstance(history, list) or not history or not isinstance(history[-1], Mapping):
        return ""
    return f"{len(history)}@{_moment(history[-1].get('changedAt'))}"


def _moment(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else ""
