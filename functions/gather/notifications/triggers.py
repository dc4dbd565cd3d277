"""on_notification_written: whoever is told something, or has read it, has a counter that says how much is unread."""

from typing import Any

from firebase_functions import firestore_fn
from firebase_functions.core import Change

from gather.delivery import retried
from gather.notifications.store import recount_unread
from gather.observability import DELIVERIES, bound
from gather.runtime import runtime
from gather.settings import REGION


@retried
@firestore_fn.on_document_written(document="users/{uid}/notifications/{notificationId}", region=REGION)
def on_notification_written(event: firestore_fn.Event[Change[Any]]) -> None:
    """Count what is unread now; safe to deliver twice, late or out of order."""
    name = "on_notification_written"
    if not changes_unread(event.data.before, event.data.after):
        DELIVERIES.labels(function=name, outcome="irrelevant").inc()
        return
    found = runtime()
    with bound(function=name, delivery=event.id):
        recount_unread(found.firestore, event.params["uid"], transact=found.transact)
    DELIVERIES.labels(function=name, outcome="counted").inc()


def changes_unread(before: Any | None, after: Any | None) -> bool:
    """Say whether the number of unread notifications may differ between two snapshots."""
    return _is_unread(before) != _is_unread(after)


def _is_unread(snapshot: Any | None) -> bool:
    return snapshot is not None and (snapshot.to_dict() or {}).get("readAt") is None
