"""Commits as events of documents: what functions are told, with the fields that changed and who changed them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple, Protocol

from firewarden.firestore.commits import Changed
from firewarden.firestore.documents import DatabaseName, StoredDocument
from firewarden.firestore.encoding import same
from firewarden.firestore.field_paths import FieldPath, format_field_path
from firewarden.firestore.wire import protos
from firewarden.server import answers
from firewarden.server.auth import SYSTEM, Caller
from firewarden.server.database import Committed, OnCommit
from firewarden.server.transports.rest.printing import json_text

ADMIN_AUTH = ("service_account", "firebase-adminsdk@local")
GUEST_AUTH = ("unauthenticated", "")
SYSTEM_AUTH = ("system", "")


class Events(Protocol):
    """Whoever delivers events; registration is asked for over HTTP."""

    def register(
        self, project: str, key: str, *, event_type: str, document: str, database: str, is_exact: bool = False
    ) -> None:
        """From now on events of this type on documents that match go to the function under this key."""


class DocumentEvent(NamedTuple):
    """One document of a commit, as functions are told of it. What costs time is made only when it is asked for."""

    name: DatabaseName
    changed: Changed
    time: datetime
    caller: Caller

    @property
    def project(self) -> str:
        """The project's id."""
        return self.name.project

    @property
    def database(self) -> str:
        """The database's id."""
        return self.name.database

    @property
    def path(self) -> str:
        """The document's path below the database's root."""
        return "/".join(self.changed.path)

    @property
    def existed(self) -> bool:
        """Whether it was there before."""
        return self.changed.before is not None

    @property
    def exists(self) -> bool:
        """Whether it is there now."""
        return self.changed.after is not None

    @property
    def auth(self) -> tuple[str, str]:
        """The type and id of who changed it, in the words of CloudEvents."""
        return auth_of(self.caller)

    @property
    def size(self) -> int:
        """About how many bytes it keeps in memory."""
        return sum(len(each.data) for each in (self.changed.before, self.changed.after) if each is not None)

    def data(self) -> bytes:
        """A serialised `google.events.cloud.firestore.v1.DocumentEventData`."""
        return event_data(self.name, self.changed)

    def v1_data(self) -> str:
        """The same for functions of the first generation, as JSON text."""
        return v1_event_data(self.name, self.changed)


def telling(tell: Callable[[DocumentEvent], None]) -> OnCommit:
    """What tells somebody of every document that a commit changes, in the order of its writes."""

    def on_commit(committed: Committed) -> None:
        for event in document_events(committed):
            tell(event)

    return on_commit


def document_events(committed: Committed) -> Iterator[DocumentEvent]:
    """The events of a commit, in the order of its writes; a document that is as it was is none."""
    moment = committed.time.moment()
    for changed in committed.changes:
        if changed.before is not None or changed.after is not None:
            yield DocumentEvent(committed.database, changed, moment, committed.caller)


def auth_of(caller: Caller) -> tuple[str, str]:
    """The type and id of who made a change, in the words of CloudEvents' `authtype` and `authid`."""
    if caller.is_admin:
        return SYSTEM_AUTH if caller == SYSTEM else ADMIN_AUTH
    if caller.claims is None:
        return GUEST_AUTH
    uid = str(caller.claims.get("sub") or "")
    return "app_user", uid.encode(errors="replace").decode()  # JSON may hold halves of characters


def event_data(database: DatabaseName, changed: Changed) -> bytes:
    """A `google.events.cloud.firestore.v1.DocumentEventData`: value, old value and, of an update, what differs."""
    prefix = f"{database}/documents".encode()
    parts = []
    if changed.after is not None:
        parts.append(answers.part(1, answers.document(prefix, changed.after)))
    if changed.before is not None:
        parts.append(answers.part(2, answers.document(prefix, changed.before)))
    if changed.before is not None and changed.after is not None:
        mask = b"".join(answers.part(1, each.encode()) for each in _updated(changed))
        parts.append(answers.part(3, mask))
    return b"".join(parts)


def v1_event_data(database: DatabaseName, changed: Changed) -> str:
    """The `data` of an event for a function of the first generation: the same in JSON; the mask is always there."""
    paths = _updated(changed)
    content: dict[str, Any] = {"updateMask": {"fieldPaths": paths} if paths else {}}
    if changed.before is not None:
        content = {"oldValue": _json(database, changed.before), **content}
    if changed.after is not None:
        content = {"value": _json(database, changed.after), **content}
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"))


def _updated(changed: Changed) -> list[str]:
    if changed.before is None or changed.after is None:
        return []
    return [format_field_path(each) for each in differing(changed.before.fields, changed.after.fields)]


def _json(database: DatabaseName, stored: StoredDocument) -> Any:
    prefix = f"{database}/documents".encode()
    return json.loads(json_text(protos.Document.FromString(answers.document(prefix, stored))))


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
