"""A decision case as a request to the rules engine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from firewarden.rules import Commit, Get, List, Request, Write, auth_of
from firewarden.rules.environment import Document
from firewarden.rules.requests import DocumentPath
from firewarden.testing.cases.model import GUEST, OWNER, Case, Operation
from firewarden.testing.rules.query import query_of
from firewarden.testing.rules.values import document_path, engine_fields
from firewarden.testing.rules.writing import create_write, delete_write, set_write, update_write
from firewarden.values import Timestamp

_LATER = timedelta(milliseconds=1)  # a client's own clock never reads the exact time of its request


@dataclass(frozen=True, slots=True)
class Prepared:
    """The request of a case and the documents it is asked of. The owner's requests are not asked of rules."""

    request: Request
    documents: Mapping[DocumentPath, Document]
    is_owner: bool

    def read(self, path: DocumentPath) -> Document | None:
        """The document at a path, as `decide` reads."""
        return self.documents.get(path)


def prepare(case: Case, *, now: datetime) -> Prepared:
    """What the engine has to be asked; `now` is what `!time now` means. The request comes a moment later, as always."""
    documents = {document_path(path): engine_fields(data, now, path) for path, data in case.documents.items()}
    uid = case.actor.name
    claims = None if uid in (GUEST, OWNER) else {"sub": uid, "user_id": uid, **case.actor.claims}
    request = Request(operation=_operation(case, now), time=Timestamp.of(now + _LATER), auth=auth_of(claims))
    return Prepared(request, documents, uid == OWNER)


def _operation(case: Case, now: datetime) -> Get | List | Commit:
    if case.batch or case.operations[0].kind not in ("get", "list"):
        return Commit(writes=tuple(_write(each, now) for each in case.operations))
    (asked,) = case.operations
    if asked.kind == "get":
        return Get(paths=(document_path(asked.path),))
    return List(query=query_of(asked.query, now))


def _write(operation: Operation, now: datetime) -> Write:
    data = operation.data or {}
    match operation.kind:
        case "create":
            return create_write(operation.path, data, now)
        case "set":
            return set_write(operation.path, data, now)
        case "set_merge":
            return set_write(operation.path, data, now, merge=True)
        case "update":
            return update_write(operation.path, data, now)
        case _:
            return delete_write(operation.path)
