"""Runs a decision case on a Firestore server, through clients that act as the case's actor."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import Any, Literal

from google.api_core.exceptions import GoogleAPICallError, PermissionDenied
from google.cloud.firestore import Client

from firewarden.testing._google import google_value
from firewarden.testing.cases import Case, Operation, model
from firewarden.testing.database import Database
from firewarden.testing.queries import build_query

_BATCH_WRITES_MAX = 500  # writes in one commit; Firestore's limit for batched writes
Outcome = Literal["allow", "deny", "error"]


@dataclass(frozen=True, slots=True)
class CaseResult:
    """What the server decided (`error`: it decided nothing) and what it said."""

    case: Case
    outcome: Outcome
    message: str = ""

    @property
    def passed(self) -> bool:
        """Whether the server decided as the case expects."""
        return self.outcome == self.case.expect


def run_case(case: Case, database: Database, *, now: datetime | None = None) -> CaseResult:
    """A case is decided on its own documents only: the database is cleared, then filled as the owner.

    `now` is what ``!time now`` means in the case; without it, the moment of the call.
    """
    now = now or datetime.now(UTC)
    database.clear()
    store_documents(case, database, now=now)
    client = _client(case, database)
    try:
        _perform(case, client, now)
    except PermissionDenied as error:
        return CaseResult(case, "deny", error.message.strip())
    except (GoogleAPICallError, ValueError, TypeError) as error:
        return CaseResult(case, "error", f"{type(error).__name__}: {error}")
    return CaseResult(case, "allow")


def store_documents(case: Case, database: Database, *, now: datetime | None = None) -> None:
    """Fills the database with the case's documents, as its owner; clearing it first is the caller's."""
    owner = database.as_owner()
    now = now or datetime.now(UTC)
    waiting = iter(case.documents.items())
    while documents := list(islice(waiting, _BATCH_WRITES_MAX)):
        batch = owner.batch()
        for path, data in documents:
            batch.set(owner.document(path), google_value(data, owner, now))
        batch.commit()


def assert_case(result: CaseResult) -> None:
    """Raises AssertionError, naming the case, the request and the server's words, when it did not pass."""
    if result.passed:
        return
    case = result.case
    lines = [
        f"{case.place}: {case.name}",
        f"  {case.actor.name}: {case.request}",
        f"  expected {case.expect}, got {result.outcome}",
    ]
    if case.because:
        lines.append(f"  because: {case.because}")
    if result.message:
        lines.append(f"  server: {result.message}")
    raise AssertionError("\n".join(lines))


def _client(case: Case, database: Database) -> Client:
    match case.actor.name:
        case model.GUEST:
            return database.as_guest()
        case model.OWNER:
            return database.as_owner()
        case uid:
            return database.as_identity(uid, case.actor.claims)


def _perform(case: Case, client: Client, now: datetime) -> None:
    if not case.batch:
        (operation,) = case.operations
        _request(operation, client, now)
        return
    batch = client.batch()
    for operation in case.operations:
        _write(batch, operation, client, now)
    batch.commit()


def _request(operation: Operation, client: Client, now: datetime) -> None:
    match operation.kind:
        case "get":
            client.document(operation.path).get()
        case "list":
            assert operation.query is not None  # noqa: S101 - the loader gives every list its query
            build_query(client, operation.query, now=now).get()
        case _:
            batch = client.batch()
            _write(batch, operation, client, now)
            batch.commit()


def _write(batch: Any, operation: Operation, client: Client, now: datetime) -> None:
    document = client.document(operation.path)
    data = google_value(operation.data, client, now)
    match operation.kind:
        case "create":
            batch.create(document, data)
        case "set":
            batch.set(document, data)
        case "set_merge":
            batch.set(document, data, merge=True)
        case "update":
            batch.update(document, data)
        case "delete":
            batch.delete(document)
