"""Runtime: the environment, the clock and the Firestore client, built once per process at its edge.

Triggers and endpoints take it from here and hand its parts on; nothing below them reads a clock or the environment.
"""

import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any

from google.cloud import firestore

from gather.payments.facts import PaymentGateway
from gather.payments.gateway import Gateway
from gather.receipts.storage import CloudStorage, PaperStorage
from gather.settings import Settings, settings_from
from gather.transactions import Transact, run_transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Runtime:
    """What a function needs of the world outside; `now` returns an aware UTC time, `sleep` takes seconds."""

    settings: Settings
    firestore: Any  # a google.cloud.firestore.Client
    now: Callable[[], datetime]
    gateway: PaymentGateway
    storage: PaperStorage
    transact: Transact = run_transaction
    sleep: Callable[[float], None] = time.sleep


_installed: list[Runtime] = []


def runtime() -> Runtime:
    """Return the process's one runtime; raise `SettingsError` when the environment cannot run it."""
    return _installed[-1] if _installed else _from_environment()


@contextmanager
def installed(other: Runtime) -> Iterator[None]:
    """Run the functions of this process against `other` inside the block: how tests and tools bring their own."""
    _installed.append(other)
    try:
        yield
    finally:
        _installed.remove(other)


@cache
def _from_environment() -> Runtime:
    settings = settings_from(os.environ)
    return Runtime(
        settings=settings,
        firestore=firestore.Client(project=settings.project),
        now=utc_now,
        gateway=Gateway(settings),
        storage=CloudStorage(settings),
    )


def utc_now() -> datetime:
    """Tell the time, aware and in UTC."""
    return datetime.now(UTC)


def discovering(environ: Mapping[str, str] = os.environ) -> bool:
    """Say whether `firebase deploy` only asks which functions there are, which needs no settings.

    Its discovery runs `main.py` under an admin server (firebase_functions.private.serving) on ADMIN_PORT.
    """
    return "ADMIN_PORT" in environ or environ.get("FUNCTIONS_CONTROL_API") == "true"
