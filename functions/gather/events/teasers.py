"""Sweeping teasers: time alone makes one stale, and no write tells of it."""

from datetime import datetime
from functools import partial
from typing import Any

from google.cloud.firestore_v1.base_query import FieldFilter

from gather.events.derive import teaser_of
from gather.events.store import event_of, reconcile_event
from gather.runtime import Runtime
from gather.steps import run_all
from gather.turns import next_in_turn

STALE_MAX = 500
UPCOMING_PAGE = 200
"""Events looked at by one sweep; the next goes on behind them, so that all are seen in turn at a bounded price."""


def sweep(found: Runtime) -> None:
    """Remove the teasers of what has begun, and add those that are missing; an event that fails stops no other."""
    client, now = found.firestore, found.now()
    wanted = [*stale_teasers(client, now), *missing_teasers(client, now)]
    reconcile = partial(reconcile_event, client, now=now, transact=found.transact)
    run_all("some teasers were not swept", [partial(reconcile, event_id) for event_id in dict.fromkeys(wanted)])


def stale_teasers(client: Any, now: datetime) -> list[str]:
    """Teasers whose event has started."""
    query = client.collection("event_teasers").where(filter=FieldFilter("startAt", "<=", now)).order_by("startAt")
    return [teaser.id for teaser in query.select([]).limit(STALE_MAX).stream()]


def missing_teasers(client: Any, now: datetime) -> list[str]:
    """The next of the events to come, in turn, that have no teaser and want one."""
    page = next_in_turn(client, "teasers", upcoming(client, now), "startAt", size=UPCOMING_PAGE)
    teasers = client.get_all([client.document("event_teasers", event.id) for event in page], [])
    shown = {teaser.id for teaser in teasers if teaser.exists}
    events = [event for snapshot in page if snapshot.id not in shown and (event := event_of(snapshot)) is not None]
    return [event.id for event in events if teaser_of(event, now) is not None]


def upcoming(client: Any, after: datetime) -> Any:
    """Published events that start after a time, soonest first."""
    published = client.collection("events").where(filter=FieldFilter("published", "==", value=True))
    return published.where(filter=FieldFilter("startAt", ">", after)).order_by("startAt")
