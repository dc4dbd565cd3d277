"""Gather's functions in the laboratory: the real triggers, rules and indexes, on the laboratory's time."""

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar

from firewarden import Firestore
from firewarden.testing import Laboratory, VirtualClock
from firewarden.triggers import Manifest, read_manifest
from gather.attendance.triggers import on_rsvp_written, sweep_seats
from gather.events.triggers import on_event_written
from gather.runtime import installed
from gather.transactions import Transact, run_transaction
from tests.conftest import settings_for
from tests.support.runtimes import runtime_for
from tests.support.unprotected import Unprotected

T = TypeVar("T")

ROOT = Path(__file__).parents[2]
PROJECT = "demo-simulation"


def manifest_of(*functions: Callable[..., Any]) -> Manifest:
    """What would be deployed if these were all."""
    module = ModuleType("main")
    for function in functions:
        setattr(module, function.__name__, function)
    return read_manifest(module, source=ROOT / "functions")


SEATING = manifest_of(on_event_written, on_rsvp_written, sweep_seats)


@contextmanager
def gather_firestore() -> Iterator[Firestore]:
    """A database with the project's rules and indexes, and a clock that stands still."""
    rules, indexes = ROOT / "firestore.rules", ROOT / "indexes" / "firestore.indexes.json"
    with Firestore(rules=rules, indexes=indexes, project=PROJECT, clock=VirtualClock()) as firestore:
        yield firestore


@contextmanager
def gather(lab: Laboratory, transact: Transact | None = None) -> Iterator[None]:
    """Inside, the functions of this process run against the laboratory."""
    runtime = runtime_for(
        settings_for(lab.firestore.project),
        lab.firestore.as_owner(),
        now=lab.clock.now,
        sleep=lab.sleep,
        transact=transact or protected(lab),
    )
    with installed(runtime):
        yield


def protected(lab: Laboratory) -> Transact:
    """The functions' transactions. They do not queue up in memory: each delivery is as if in a process of its own."""

    def transact(client: Any, body: Callable[[Any], T], *, contend_on: str | None = None) -> T:
        return run_transaction(client, body, monotonic=lab.clock.monotonic, sleep=lab.sleep, jitter=random.random)

    return transact


def unprotected(client: Any, body: Callable[[Any], T], *, contend_on: str | None = None) -> T:
    """No transaction: what was read may have changed when it is written. Negative control."""
    transaction = Unprotected(client)
    result = body(transaction)
    transaction.commit()
    return result
