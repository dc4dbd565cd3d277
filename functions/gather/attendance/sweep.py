"""Sweeping seats: what time alone has ended, and what a crash has left behind.

Everything here is found by a query and then reconciled by the functions that would have done it in time.
"""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from google.cloud.firestore_v1.base_query import FieldFilter

from gather.attendance.draining import drain_once
from gather.attendance.model import SeatState
from gather.attendance.store import settle_event
from gather.events.derive import COUNTS
from gather.events.store import delete_below, recount
from gather.notifications.announce import announce
from gather.observability import log
from gather.runtime import Runtime
from gather.steps import run_all
from gather.turns import next_in_turn

LEFT_ALONE = timedelta(minutes=1)
"""What is younger is likely being worked on."""
FOUND_MAX = 500
RECOUNTED = 20
"""Events whose counts one sweep compares with their ledger; the next goes on behind them."""


def sweep(found: Runtime) -> None:
    """End offers and serve the line, settle what is marked, go on with what was left, recount; all are tried."""
    client, now, transact = found.firestore, found.now(), found.transact
    left = now - LEFT_ALONE
    steps: list[Callable[[], object]] = []
    steps += [partial(drain_once, found, event_id) for event_id in _events(left_markers(client, left))]
    steps += [
        partial(settle_event, client, event_id, now=now, transact=transact)
        for event_id in _events(lapsed_offers(client, now))
    ]
    steps += [
        partial(announce, client, event_id, transact=transact) for event_id in _events(left_announcements(client, left))
    ]
    steps += [
        partial(delete_below, client, deletion.id, transact=transact)
        for deletion in left_deletions(client, left).stream()
    ]
    steps += [partial(heal_counts, found, event_id) for event_id in drifted(client, now)]
    run_all("the sweep of seats is not whole", steps)


def left_markers(client: Any, before: datetime) -> Any:
    """Markers that nobody has settled."""
    return client.collection_group("pending").where(filter=FieldFilter("at", "<=", before)).order_by("at")


def lapsed_offers(client: Any, now: datetime) -> Any:
    """Offers whose time is over; a checkout's hold is released by the payment alone."""
    held = client.collection_group("seats").where(filter=FieldFilter("state", "==", SeatState.HELD.value))
    mine = held.where(filter=FieldFilter("source", "==", "rsvp"))
    return mine.where(filter=FieldFilter("expiresAt", "<=", now)).order_by("expiresAt")


def left_announcements(client: Any, before: datetime) -> Any:
    """Announcements that have not reached everybody."""
    return client.collection_group("announcements").where(filter=FieldFilter("at", "<=", before)).order_by("at")


def left_deletions(client: Any, before: datetime) -> Any:
    """Deleted events below which something may be left."""
    return client.collection("deletions").where(filter=FieldFilter("at", "<=", before)).order_by("at").limit(FOUND_MAX)


def drifted(client: Any, now: datetime) -> Iterator[str]:
    """The next events to come, in turn, whose counts are not what aggregations of their ledger say."""
    page = next_in_turn(client, "seats", running(client, now), "lastEndAt", size=RECOUNTED)
    for event in page:
        stored = event.to_dict()
        if ledger_counts(client, event.id) != tuple(stored.get(name) for name in COUNTS):
            yield event.id


def running(client: Any, after: datetime) -> Any:
    """Events that end after a time, the soonest first."""
    return (
        client.collection("events")
        .where(filter=FieldFilter("lastEndAt", ">", after))
        .order_by("lastEndAt")
        .limit(RECOUNTED)
    )


def ledger_counts(client: Any, event_id: str) -> tuple[int, int]:
    """The counts by aggregation: a read for a thousand entries. A predecessor's entries are in it, so it only hints."""
    seats = client.collection("events", event_id, "seats")
    taken = seats.where(filter=FieldFilter("state", "in", [SeatState.ADMITTED.value, SeatState.HELD.value]))
    waiting = seats.where(filter=FieldFilter("state", "==", SeatState.WAITLISTED.value))
    ((attending,),) = taken.sum("seats").get()
    ((in_line,),) = waiting.count().get()
    return int(attending.value), int(in_line.value)


def heal_counts(found: Runtime, event_id: str) -> None:
    """Count anew in a transaction, and serve the line if that has made room."""
    if recount(found.firestore, event_id, transact=found.transact):
        log("ERROR", "counts had drifted from the ledger and were counted anew", event=event_id)
        settle_event(found.firestore, event_id, now=found.now(), transact=found.transact)


def _events(query: Any) -> list[str]:
    """The events below which a query of a collection group finds something, in its order."""
    found = (snapshot.reference.parent.parent for snapshot in query.select([]).limit(FOUND_MAX).stream())
    return list(dict.fromkeys(event.id for event in found if event is not None and event.parent.id == "events"))
