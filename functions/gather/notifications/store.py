"""Telling in Firestore: a notification and its mail are created together, or were already; counters follow."""

from collections.abc import Iterable
from typing import Any

from google.api_core.exceptions import AlreadyExists
from google.cloud import firestore
from google.cloud.firestore_v1.base_query import FieldFilter

from gather.events.fields import is_document_id
from gather.notifications.causes import (
    Cause,
    is_between_people,
    mail_document,
    notification_document,
    notification_id,
)
from gather.transactions import Transact, read, run_transaction

UNREAD_MAX = 100
"""So far is counted what somebody has not read: nobody wants to know further, and each count stays one read."""


def tell(client: Any, causes: Iterable[Cause]) -> int:
    """Tell each cause to its recipient, once however often this is called; returns how many were news.

    Nobody is told what they did themselves, and nothing passes between two people of whom one has blocked the other.
    """
    return sum(_tell_one(client, cause) for cause in causes)


def _tell_one(client: Any, cause: Cause) -> bool:
    recipient = cause.recipient or _creator(client, cause.event_id)
    if recipient is None or recipient == cause.actor or not is_document_id(recipient):
        return False
    if is_between_people(cause) and _is_blocked(client, recipient, cause.actor):
        return False
    batch = client.batch()
    create_told(batch, client, cause, recipient)
    try:
        batch.commit()
    except AlreadyExists:
        return False
    return True


def create_told(writes: Any, client: Any, cause: Cause, recipient: str) -> None:
    """Add what is created to a batch or transaction, which fails as a whole where the cause has been told."""
    name = notification_id(cause, recipient)
    now = {"createdAt": firestore.SERVER_TIMESTAMP}
    notification = client.document("users", recipient, "notifications", name)
    writes.create(notification, notification_document(cause) | now)
    writes.create(client.document("mail", name), mail_document(cause, recipient) | now)


def recount_unread(client: Any, uid: str, *, transact: Transact = run_transaction) -> int:
    """The unread counter is the number of notifications without `readAt`, whatever order their changes are told in.

    UNREAD_MAX says so many or more.
    """
    counter_ref = client.document("users", uid, "counters", "notifications")

    def body(transaction: Any) -> int:
        counter = read(transaction, counter_ref)
        unread = client.collection("users", uid, "notifications").where(filter=FieldFilter("readAt", "==", None))
        ((result,),) = unread.limit(UNREAD_MAX).count(alias="unread").get(transaction=transaction)
        count = int(result.value)
        if (counter.to_dict() or {}).get("unread") != count:
            transaction.set(counter_ref, {"unread": count})
        return count

    return transact(client, body, contend_on=counter_ref.path)


def _creator(client: Any, event_id: str) -> str | None:
    creator = (client.document("events", event_id).get(["createdBy"]).to_dict() or {}).get("createdBy")
    return creator if isinstance(creator, str) else None


def _is_blocked(client: Any, one: str, other: str) -> bool:
    pairs = ((one, other), (other, one))
    blocks = [client.document("users", uid, "blocks", blocked) for uid, blocked in pairs]
    return any(block.exists for block in client.get_all(blocks, []))
