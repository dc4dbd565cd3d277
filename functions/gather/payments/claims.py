"""Claims: `stripe_events/{id}` is kept before anything is done, and done in the transaction that applies it.

So an event is applied at most once, and one that was kept and then lost to a crash is found again: by Stripe's next
delivery of it, or by the reconciliation. What is settled is deleted after a while, since it names buyers; one that is
delivered again afterwards is kept and applied anew, and changes nothing, because it is applied from facts.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from google.api_core.exceptions import AlreadyExists
from google.cloud import firestore
from google.cloud.firestore_v1.base_query import FieldFilter

from gather.payments.stripe_event import StripeEvent

LEFT_PAGE = 100
SETTLED_FOR = timedelta(days=90)
"""How long a settled event is kept, for people to look into. Stripe delivers again for 3 days by itself, and for 30 on
demand: https://docs.stripe.com/api/events"""


class EventState(StrEnum):
    """What became of an event: the field `state`."""

    RECEIVED = "received"
    DONE = "done"
    IGNORED = "ignored"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A kept event: its document, and whether nothing is left to be done about it."""

    reference: Any
    is_settled: bool


def keep(client: Any, event: StripeEvent, body: bytes, *, now: datetime) -> Kept:
    """Keep an event as it arrived, once; say what became of it when it came before."""
    reference = client.document("stripe_events", event.id)
    document = {
        "type": event.type,
        "account": event.account,
        "livemode": event.livemode,
        "raw": body.decode(),
        "receivedAt": now,
        "state": EventState.RECEIVED.value,
        "attempts": 0,
    }
    try:
        reference.create(document)
    except AlreadyExists:
        return Kept(reference=reference, is_settled=is_settled(reference.get(["state"])))
    return Kept(reference=reference, is_settled=False)


def is_settled(snapshot: Any) -> bool:
    """Whether nothing is left to be done about an event that a transaction has read."""
    state = (snapshot.to_dict() or {}).get("state") if snapshot.exists else None
    return state in {EventState.DONE, EventState.IGNORED}


def settle_claim(transaction: Any, reference: Any, *, payment_id: str, now: datetime) -> None:
    """Say that the event is applied, in the transaction that applies it."""
    transaction.update(
        reference,
        {
            "state": EventState.DONE.value,
            "paymentId": payment_id,
            "settledAt": now,
            "expireAt": now + SETTLED_FOR,
            "attempts": firestore.Increment(1),
        },
    )


def ignore(reference: Any, reason: str, *, now: datetime) -> None:
    """Say that the event is none of ours, and why."""
    ignored = {"state": EventState.IGNORED.value, "reason": reason, "settledAt": now, "expireAt": now + SETTLED_FOR}
    reference.update(ignored)


def record_failure(reference: Any, reason: str) -> None:
    """Count an attempt that failed; the event stays to be done."""
    reference.update({"attempts": firestore.Increment(1), "reason": reason})


def left_events(client: Any, before: datetime) -> Any:
    """Events that were kept before a time and are still to be done, the oldest first."""
    received = client.collection("stripe_events").where(filter=FieldFilter("state", "==", EventState.RECEIVED.value))
    return received.where(filter=FieldFilter("receivedAt", "<=", before)).order_by("receivedAt").limit(LEFT_PAGE)
