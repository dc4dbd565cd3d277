"""Which functions want which changes of documents: registered by the emulator's two endpoints, asked at every commit.

Functions of the second generation name Eventarc's event types, those of the first generation (v1) their own.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from firewarden.triggers.cloudevents import AUTH_CONTEXT, PREFIX
from firewarden.triggers.patterns import PathPattern

V1_PREFIX = "providers/cloud.firestore/eventTypes/document."
_V1_TYPES = {"written": "write", "created": "create", "updated": "update", "deleted": "delete"}


class DocumentChange(Protocol):
    """One document of a commit, as functions are told of it."""

    @property
    def project(self) -> str:
        """The project's id."""
        ...

    @property
    def database(self) -> str:
        """The database's id, `(default)` for most."""
        ...

    @property
    def path(self) -> str:
        """The document's path below the database's root."""
        ...

    @property
    def existed(self) -> bool:
        """Whether it was there before."""
        ...

    @property
    def exists(self) -> bool:
        """Whether it is there now."""
        ...

    @property
    def time(self) -> datetime:
        """When it was committed."""
        ...

    @property
    def auth(self) -> tuple[str, str]:
        """The type and id of who changed it, in the words of CloudEvents."""
        ...

    @property
    def size(self) -> int:
        """About how many bytes it keeps in memory."""
        ...

    def data(self) -> bytes:
        """A serialised `google.events.cloud.firestore.v1.DocumentEventData`."""
        ...

    def v1_data(self) -> str:
        """The same for functions of the first generation, as JSON text."""
        ...


@dataclass(frozen=True, slots=True)
class Registration:
    """One function's wish; `event_type` is of either generation."""

    event_type: str
    pattern: PathPattern
    database: str

    @property
    def is_v1(self) -> bool:
        """Whether the function is of the first generation."""
        return self.event_type.startswith(V1_PREFIX)

    def wants(self, change: DocumentChange) -> bool:
        """Whether the function is to be told of this change."""
        if self.database != change.database or self._short_type not in _types(change):
            return False
        return self.pattern.match(change.path) is not None

    @property
    def _short_type(self) -> str:
        if self.is_v1:
            return self.event_type.removeprefix(V1_PREFIX)
        return self.event_type.removeprefix(PREFIX).removesuffix(AUTH_CONTEXT)


class Registered:
    """The registrations of all projects by their keys; a key that is registered again replaces the older one."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._projects: dict[str, dict[str, Registration]] = {}

    def put(self, project: str, key: str, registration: Registration) -> None:
        """From now on the function under this key wants these events."""
        with self._guard:
            self._projects.setdefault(project, {})[key] = registration

    def wanting(self, change: DocumentChange) -> Iterator[tuple[str, Registration]]:
        """Those who want to know of a change, with their keys."""
        with self._guard:
            asked = list(self._projects.get(change.project, {}).items())
        return ((key, each) for key, each in asked if each.wants(change))


def pattern_of(event_type: str, document: str, *, is_exact: bool) -> PathPattern:
    """What a registration's document means: v1 takes only what is in braces for a wildcard."""
    if event_type.startswith(V1_PREFIX):
        return PathPattern.v1(document)
    return PathPattern.exact(document) if is_exact else PathPattern.parse(document)


def _types(change: DocumentChange) -> tuple[str, ...]:
    second = ("written", "created" if not change.existed else "updated" if change.exists else "deleted")
    return (*second, *(_V1_TYPES[each] for each in second))
