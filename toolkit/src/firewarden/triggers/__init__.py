"""Functions on a laptop: load a folder, serve it, deliver Firestore events to it.

Imports the functions SDK's own dependencies, hence the extra: pip install "firewarden[functions]".
"""

from firewarden.triggers.cloudevents import FirestoreEvent, decode, encode, event
from firewarden.triggers.delivery import Delivery, Outcome
from firewarden.triggers.host import FunctionsHost
from firewarden.triggers.listening import listen
from firewarden.triggers.loading import load_manifest, local_environment
from firewarden.triggers.manifest import FirestoreTrigger, Function, Kind, Manifest, read_manifest
from firewarden.triggers.patterns import PathPattern
from firewarden.triggers.plan import DeliveryPlan, promptly, repeated
from firewarden.triggers.retry import RetryPolicy
from firewarden.triggers.router import HttpCall

__all__ = [
    "Delivery",
    "DeliveryPlan",
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
