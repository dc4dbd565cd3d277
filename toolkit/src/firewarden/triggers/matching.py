"""Which types of event a change of a document is."""

from __future__ import annotations

from firewarden.triggers.cloudevents import AUTH_CONTEXT, PREFIX
from firewarden.triggers.registered import DocumentChange

_TYPES = {
    name: frozenset(f"{PREFIX}{each}{end}" for each in ("written", name) for end in ("", AUTH_CONTEXT))
    for name in ("created", "updated", "deleted")
}


def wanted_types(change: DocumentChange) -> frozenset[str]:
    """The full types, with and without the context of who made the change."""
    return _TYPES["created" if not change.existed else "updated" if change.exists else "deleted"]
