"""Telling a local Firestore which functions want which events."""

from collections.abc import Iterable
from typing import Protocol

from firewarden.triggers.manifest import Function


class Registry(Protocol):
    """The part of an emulator's control interface that is needed here."""

    host: str

    def register_trigger(self, project: str, key: str, *, event_type: str, document: str, database: str = ...) -> None:
        """Have events of that type on documents that match delivered under this key; replaces an older one."""


def register_triggers(registry: Registry, project: str, functions: Iterable[Function]) -> int:
    """Every Firestore function is registered under its own key; return how many there are.

    Triggers cannot be listed or taken back, so those of functions that are gone stay until the emulator
    ends; their events are answered with 404.
    """
    count = 0
    for function in functions:
        if function.trigger is not None:
            registry.register_trigger(
                project,
                function.key,
                event_type=function.trigger.event_type,
                document=function.trigger.document.text,
                database=function.trigger.database,
            )
            count += 1
    return count
