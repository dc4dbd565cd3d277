"""Commits as events of documents: what functions are told, with the fields that changed and who changed them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Protocol

from firewarden.firestore.commits import Changed
from firewarden.firestore.documents import DatabaseName
from firewarden.firestore.encoding import same
from firewarden.firestore.field_paths import FieldPath, format_field_path
from firewarden.server import answers
from firewarden.server.auth import Caller

ADMIN_AUTH = ("service_account", "firebase-adminsdk@local")
GUEST_AUTH = ("unauthenticated", "")


class Events(Protocol):
    """Whoever delivers events; registration is asked for over HTTP."""

    def register(self, project: str, key: str, *, event_type: str, document: str, database: str) -> None:
        """From now on events of this type on documents that match go to the function under this key."""


def auth_of(caller: Caller) -> tuple[str, str]:
    """The type and id of who made a change, in the words of CloudEvents' `authtype` and `authid`."""
    if caller.is_admin:
        return ADMIN_AUTH
    if caller.claims is None:
        return GUEST_AUTH
    return "app_user", str(caller.claims.get("sub") or "")


def event_data(database: DatabaseName, changed: Changed) -> bytes:
    """A `google.events.cloud.firestore.v1.DocumentEventData`: value, old value and, of an update, what differs."""
    prefix = f"{database}/documents".encode()
    parts = []
    if changed.after is not None:
        parts.append(answers.part(1, answers.document(prefix, changed.after)))
    if changed.before is not None:
        parts.append(answers.part(2, answers.document(prefix, changed.before)))
    if changed.before is not None and changed.after is not None:
        paths = differing(changed.before.fields, changed.after.fields)
        mask = b"".join(answers.part(1, format_field_path(each).encode()) for each in paths)
        parts.append(answers.part(3, mask))
    return b"".join(parts)


def differing(before: Mapping[str, Any], after: Mapping[str, Any], start: FieldPath = ()) -> Iterator[FieldPath]:
    """The fields that are not the same, as deep as both are maps, in order of their names."""
    for name in sorted(before.keys() | after.keys()):
        path = (*start, name)
        if name not in before or name not in after:
            yield path
        elif type(before[name]) is dict and type(after[name]) is dict:
            yield from differing(before[name], after[name], path)
        elif not (same(before[name], after[name]) and type(before[name]) is type(after[name])):
            yield path
