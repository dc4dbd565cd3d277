"""Counting by what changed, as one would write it first: a negative control. Right until a delivery comes twice."""

from typing import Any

from firebase_functions import firestore_fn
from firebase_functions.core import Change
from google.cloud import firestore

from gather.delivery import retried
from gather.runtime import runtime


@retried
@firestore_fn.on_document_written(document="events/{eventId}/rsvps/{uid}")
def on_rsvp_counted(event: firestore_fn.Event[Change[Any]]) -> None:
    """Add the seats that somebody takes now and did not take before."""
    difference = _seats(event.data.after) - _seats(event.data.before)
    if difference:
        counted = {"attendingCount": firestore.Increment(difference)}
        runtime().firestore.document("events", event.params["eventId"]).update(counted)


def _seats(snapshot: Any | None) -> int:
    rsvp = {} if snapshot is None else snapshot.to_dict() or {}
    return rsvp.get("partySize", 1) if rsvp.get("status") == "going" else 0
