"""One storm, from nothing to figures: a Firestore, instances of the functions, a crowd, and what has become of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from firewarden.errors import NotMetered
from firewarden.firestore.billing.usage import Usage
from firewarden.testing import Database, EmulatorControl, Engine, start_firestore
from tests.storm.crowd import answer_all, create_events, crowd
from tests.storm.figures import Figures
from tests.storm.instances import Asked, Instances, reserved_address, running_instances
from tests.support.events import assert_books_balance

_ROOT = Path(__file__).parents[2]
_PROJECT = "demo-storm"


@dataclass(frozen=True, slots=True, kw_only=True)
class Storm:
    """What is asked for. `seats` of each event; None: as many as come."""

    rsvps: int
    events: int = 1
    seats: int | None = None
    clients: int = 200
    instances: int = 2
    workers: int = 16
    engine: Engine = Engine.FIREWARDEN


@dataclass(frozen=True, slots=True)
class _Stage:
    database: Database
    instances: Instances


def run(storm: Storm) -> Figures:
    """Play it. What is measured begins when the events are there and the functions have seen them."""
    with _stage(storm) as stage:
        database = stage.database
        events = create_events(database, events=storm.events, seats=storm.seats)
        before, spent_before = stage.instances.work(), _spent(database)
        guests = crowd(storm.rsvps, events)
        written_s = answer_all(guests, host=database.host, project=database.project, clients=storm.clients)
        after, spent = stage.instances.work(), _spent(database)
        writes_of = after.writes_of - before.writes_of
        rsvps = list(_rsvps(database, events))
        settled = [rsvp for rsvp in rsvps if rsvp.get("seatState") is not None]
        first = min(rsvp.create_time for rsvp in rsvps)
        return Figures(
            engine=storm.engine,
            rsvps=storm.rsvps,
            events=storm.events,
            clients=storm.clients,
            instances=storm.instances,
            workers=storm.workers,
            written_s=written_s,
            lasted_s=max((_seconds(first, rsvp.update_time) for rsvp in settled), default=0.0),
            settle_s=tuple(_seconds(rsvp.create_time, rsvp.update_time) for rsvp in settled),
            arrived_s=tuple(_seconds(first, rsvp.create_time) for rsvp in rsvps),
            event_writes=tuple(writes_of[f"events/{event}"] for event in events),
            busiest_other=_busiest_other(writes_of, events),
            committed=after.committed - before.committed,
            again=after.again - before.again,
            failed=after.failed - before.failed,
            markers_left=len(list(database.as_owner().collection_group("pending").stream())),
            unbalanced=tuple(event for event in events if not _balances(database, event)),
            usage=None if spent is None or spent_before is None else spent - spent_before,
        )


@contextmanager
def _stage(storm: Storm) -> Iterator[_Stage]:
    with (
        reserved_address() as address,
        start_firestore(
            engine=storm.engine, functions="{}:{}".format(*address), rules=_ROOT / "firestore.rules"
        ) as firestore,
        EmulatorControl(firestore.host) as control,
        Database(host=firestore.host, project=_PROJECT, control=control) as database,
        running_instances(storm.instances, Asked(_PROJECT, firestore.host, address, storm.workers)) as instances,
    ):
        yield _Stage(database, instances)


def _spent(database: Database) -> Usage | None:
    try:
        return Usage.of_json(database.control.meter(database.project)["usage"])
    except NotMetered:
        return None


def _rsvps(database: Database, events: Sequence[str]) -> Iterator[Any]:
    for event in events:
        yield from database.as_owner().collection("events", event, "rsvps").select(["seatState"]).stream()


def _balances(database: Database, event: str) -> bool:
    try:
        assert_books_balance(database.as_owner(), event)
    except AssertionError:
        return False
    return True


def _busiest_other(writes_of: Counter[str], events: Sequence[str]) -> tuple[str, int]:
    own = {f"events/{event}" for event in events}
    others = Counter({path: writes for path, writes in writes_of.items() if path not in own})
    return others.most_common(1)[0] if others else ("none", 0)


def _seconds(since: datetime, until: datetime) -> float:
    return (until - since).total_seconds()
