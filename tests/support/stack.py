"""The whole backend of one test: Firestore with rules and triggers, and the functions served beside it."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from types import ModuleType
from typing import Any

import pytest

from firewarden.testing import Database
from firewarden.triggers import (
    Delivery,
    DeliveryPlan,
    FunctionsHost,
    HttpCall,
    Manifest,
    RetryPolicy,
    promptly,
    read_manifest,
)
from gather.attendance.triggers import on_rsvp_written, sweep_seats
from gather.events.triggers import on_event_written, sweep_teasers
from gather.http.function import api
from gather.notifications.triggers import on_notification_written
from gather.payments.triggers import (
    on_event_deleted,
    on_payment_written,
    on_refund_written,
    reconcile_payments,
    sweep_holds,
)
from gather.receipts.triggers import on_invoice_written, on_receipt_written
from gather.runtime import installed
from gather.transactions import Transact, run_transaction
from tests.conftest import settings_for
from tests.support.runtimes import runtime_for

FUNCTIONS = Path(__file__).parents[2] / "functions"
QUICK_RETRY = RetryPolicy(first_delay_s=0.1, max_delay_s=2.0)


@contextmanager
def running_functions(
    database: Database,
    *,
    address: str,
    plan: DeliveryPlan = promptly,
    transact: Transact = run_transaction,
    seed: int = 0,
    workers: int = 8,
    **parts: Any,
) -> Iterator[FunctionsHost]:
    """Serve the functions in this process, on `database`, with the deliveries and transactions a test asks for."""
    name, _, port = address.rpartition(":")
    host = FunctionsHost(
        read_manifest(_deployed(), source=FUNCTIONS),
        project=database.project,
        address=(name, int(port)),
        plan=plan,
        retry=QUICK_RETRY,
        rng=Random(seed),
        workers=workers,
        http_root="api",
        report=_log_failure,
    )
    runtime = runtime_for(settings_for(database.project), database.as_owner(), transact=transact, **parts)
    with installed(runtime), _environment(database), host:
        host.register(database.control)
        with host.ignoring():  # clearing the database sent a deletion for each document of the last test
            pass
        yield host


def _log_failure(call: HttpCall | Delivery) -> None:
    """What a function raised is told to nobody over HTTP: a test that fails must show it."""
    if isinstance(call, HttpCall) and call.error is not None:
        logging.getLogger(__name__).error("%s", call, exc_info=call.error)


def _deployed() -> ModuleType:
    module = ModuleType("main")
    deployed: tuple[Any, ...] = (
        api, on_event_deleted, on_event_written, on_invoice_written, on_notification_written, on_payment_written,
        on_receipt_written, on_refund_written, on_rsvp_written, reconcile_payments, sweep_holds, sweep_seats,
        sweep_teasers,
    )  # fmt: skip
    for function in deployed:
        setattr(module, function.__name__, function)
    return module


@contextmanager
def _environment(database: Database) -> Iterator[None]:
    """What firebase-functions and firebase-admin themselves read, for as long as the functions run."""
    values: dict[str, Any] = {
        "FIRESTORE_EMULATOR_HOST": database.host,
        "FIREBASE_AUTH_EMULATOR_HOST": "127.0.0.1:9099",
        "GCLOUD_PROJECT": database.project,
        "GOOGLE_CLOUD_PROJECT": database.project,
    }
    with pytest.MonkeyPatch.context() as patch:
        for key, value in values.items():
            patch.setenv(key, value)
        yield


def deployed_manifest() -> Manifest:
    """What is deployed, for who serves it in a process of its own."""
    return read_manifest(_deployed(), source=FUNCTIONS)
