"""The functions' runtime as tests need it: whatever a test does not name is harmless."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

from gather.payments.gateway import Gateway
from gather.runtime import Runtime, utc_now
from gather.settings import Settings
from tests.support.papers import MemoryStorage

NOWHERE = "http://127.0.0.1:9"
"""Nothing listens on the discard port: a test that asks Stripe without saying so learns that it is down."""


def runtime_for(settings: Settings, firestore: Any, *, now: Callable[[], datetime] = utc_now, **parts: Any) -> Runtime:
    """Make a runtime; `parts` are any other fields of it."""
    gateway = parts.pop("gateway", None) or Gateway(_nowhere(settings), retries=0)
    storage = parts.pop("storage", None) or MemoryStorage()
    return Runtime(settings=settings, firestore=firestore, now=now, gateway=gateway, storage=storage, **parts)


def _nowhere(settings: Settings) -> Settings:
    return settings if settings.stripe_api_base else replace(settings, stripe_api_base=NOWHERE)
