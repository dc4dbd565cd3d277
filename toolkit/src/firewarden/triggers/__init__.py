"""Functions on a laptop: load a folder, serve it, deliver Firestore events to it.

Serving and loading import the functions SDK and its dependencies, hence the extra: pip install "firewarden[functions]".
Names are loaded when first used: sending events to somebody else's functions needs none of that.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from firewarden.triggers.cloudevents import FirestoreEvent, decode, encode, event
    from firewarden.triggers.delivery import Delivery, Outcome
    from firewarden.triggers.faults import FaultPlan
    from firewarden.triggers.host import FunctionsHost
    from firewarden.triggers.listening import listen
    from firewarden.triggers.loading import load_manifest, local_environment
    from firewarden.triggers.log import DeliveryLog
    from firewarden.triggers.manifest import FirestoreTrigger, Function, Kind, Manifest, read_manifest
    from firewarden.triggers.patterns import PathPattern
    from firewarden.triggers.plan import DeliveryPlan, promptly, repeated
    from firewarden.triggers.retry import RetryPolicy
    from firewarden.triggers.router import HttpCall

_HOMES = {
    "Delivery": "delivery",
    "DeliveryLog": "log",
    "DeliveryPlan": "plan",
    "FaultPlan": "faults",
    "FirestoreEvent": "cloudevents",
    "FirestoreTrigger": "manifest",
    "Function": "manifest",
    "FunctionsHost": "host",
    "HttpCall": "router",
    "Kind": "manifest",
    "Manifest": "manifest",
    "Outcome": "delivery",
    "PathPattern": "patterns",
    "RetryPolicy": "retry",
    "decode": "cloudevents",
    "encode": "cloudevents",
    "event": "cloudevents",
    "listen": "listening",
    "load_manifest": "loading",
    "local_environment": "loading",
    "promptly": "plan",
    "read_manifest": "manifest",
    "repeated": "plan",
}

__all__ = [
    "Delivery",
    "DeliveryLog",
    "DeliveryPlan",
    "FaultPlan",
    "FirestoreEvent",
    "FirestoreTrigger",
    "Function",
    "FunctionsHost",
    "HttpCall",
    "Kind",
    "Manifest",
    "Outcome",
    "PathPattern",
    "RetryPolicy",
    "decode",
    "encode",
    "event",
    "listen",
    "load_manifest",
    "local_environment",
    "promptly",
    "read_manifest",
    "repeated",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
