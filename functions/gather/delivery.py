"""Delivery: how the platform hands events to triggers."""

from collections.abc import Callable
from typing import Any, TypeVar

Trigger = TypeVar("Trigger", bound=Callable[..., Any])


def retried(function: Trigger) -> Trigger:
    """A failed delivery of this trigger is tried again (10 to 600 s apart, for 24 h), so it must be idempotent.

    firebase-functions 0.6 has no option for it on Firestore triggers, but deploys what the endpoint says.
    """
    endpoint: Any = function.__firebase_endpoint__  # type: ignore[attr-defined]  # set by the decorator below this one
    endpoint.eventTrigger["retry"] = True
    return function
