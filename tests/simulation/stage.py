"""Gather in the laboratory: the real triggers, endpoints, rules and indexes, on the laboratory's time.

Every delivery runs in a process, whose memory is its runtime's; a process that crashes has forgotten what it knew.
"""

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar
from unittest.mock import patch

from flask import Flask

from firewarden import Firestore
from firewarden.testing import Laboratory, VirtualClock
from firewarden.triggers import Function, Manifest, read_manifest
from gather.attendance.triggers import on_rsvp_written, sweep_seats
from gather.events.triggers import on_event_written
from gather.notifications.triggers import on_notification_written
from gather.payments.facts import PaymentGateway
from gather.payments.triggers import on_event_deleted, on_refund_written, reconcile_payments, sweep_holds
from gather.receipts.triggers import on_receipt_written
from gather.runtime import Runtime, installed
from gather.transactions import Contended, Transact, run_transaction
from tests.conftest import settings_for
from tests.support.apps import application
from tests.support.runtimes import runtime_for

T = TypeVar("T")

ROOT = Path(__file__).parents[2]
PROJECT = "demo-simulation"


def gather_firestore() -> Firestore:
    """A database with the project's rules and indexes, and a clock that stands still."""
    rules, indexes = ROOT / "firestore.rules", ROOT / "indexes" / "firestore.indexes.json"
    return Firestore(rules=rules, indexes=indexes, project=PROJECT, clock=VirtualClock())


class Processes:
    """Where deliveries run: all in one process, or each in one of its own. The platform does both."""

    def __init__(self, start: Callable[[], Runtime], *, is_shared: bool) -> None:
        self._start = start
        self._is_shared = is_shared
        self._shared = start()

    @contextmanager
    def one(self) -> Iterator[None]:
        """Inside, functions find the runtime of their process, for which they ask before anything else."""
        mine = self._shared if self._is_shared else self._start()
        try:
            with installed(mine):
                yield
        except Exception:
            raise
        except BaseException:  # a crash, which is the end of the process
            if mine is self._shared:
                self._shared = self._start()
            raise


def manifest_of(*functions: Callable[..., Any]) -> Manifest:
    """What would be deployed if these were all, run by the processes of the stage; schedules run when they are told."""
    module = ModuleType("main")
    for function in functions:
        setattr(module, function.__name__, function)
    found = read_manifest(module, source=ROOT / "functions")
    return replace(found, functions=tuple(map(_in_a_process, found.functions)))


def _in_a_process(function: Function) -> Function:
    def handled(given: Any) -> Any:
        with _processes[-1].one():
            return function.handler(given)

    return replace(function, handler=handled, schedule=None)


_processes: list[Processes] = []
SEATING = manifest_of(on_event_written, on_notification_written, on_rsvp_written, sweep_seats)
SELLING = manifest_of(on_event_deleted, on_receipt_written, on_refund_written, reconcile_payments, sweep_holds)
EVERYTHING = replace(SEATING, functions=(*SEATING.functions, *SELLING.functions))
"""What people's doings may start. Left out is what only renders a paper, or tells of a dispute."""


class KeptPapers:
    """A storage where every paper is kept already: what papers look like has tests of its own."""

    def has(self, _name: str) -> bool:
        return True

    def put(self, name: str, _content: bytes) -> bool:
        raise AssertionError(f"{name} is kept already")

    def link(self, name: str) -> str:
        return f"https://storage.invalid/{name}"


@contextmanager
def gather(
    lab: Laboratory,
    *,
    transact: Transact | None = None,
    is_shared: bool = True,
    gateway: PaymentGateway | None = None,
) -> Iterator[Flask]:
    """Inside, the functions of this process run against the laboratory; its HTTP application is returned."""
    runs = transact or protected(lab)
    runtime = runtime_for(
        settings_for(lab.firestore.project),
        lab.firestore.as_owner(),
        now=lab.clock.now,
        sleep=lab.sleep,
        gateway=gateway,
        storage=KeptPapers(),
    )

    def start() -> Runtime:
        return replace(runtime, transact=partial(runs))  # equal to no other, so that no two processes are one

    found = Processes(start, is_shared=is_shared)
    _processes.append(found)
    errors.clear()
    try:
        with (
            patch("gather.observability.logger.write", _heard),
            patch("firebase_functions.scheduler_fn._logging.exception", errors.append),
            application(start()) as app,
        ):
            yield app
    finally:
        _processes.remove(found)


errors: list[Any] = []
"""What functions and endpoints have logged as an error, on this schedule."""


def _heard(entry: Any) -> None:
    if entry["severity"] == "ERROR":
        errors.append(entry)


def protected(lab: Laboratory) -> Transact:
    """The functions' transactions. They do not queue up in memory: each delivery is as if in a process of its own."""

    def transact(client: Any, body: Callable[[Any], T], *, contend_on: Contended = None) -> T:
        return run_transaction(client, body, monotonic=lab.clock.monotonic, sleep=lab.sleep, jitter=random.random)

    return transact
