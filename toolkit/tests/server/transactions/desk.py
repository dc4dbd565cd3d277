"""An engine without a port whose clock stands still until it is moved, and requests of the owner."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from firewarden.firestore.status import Code, StatusError
from firewarden.firestore.wire import protos
from firewarden.server.engine import Engine
from firewarden.server.options import Options
from firewarden.server.services import SERVICE, services
from firewarden.server.transports.interface import Context
from firewarden.store import Store
from firewarden.values import NANOS_PER_SECOND, Timestamp

PROJECT = "demo-transactions"
DATABASE = f"projects/{PROJECT}/databases/(default)"
START = 1_800_000_000
OVER = (Code.INVALID_ARGUMENT, "The referenced transaction has expired or is no longer valid.")
NOT_AN_ID = (Code.INVALID_ARGUMENT, "Invalid transaction.")


class Desk:
    """An engine whose clock and stopwatch are `seconds`."""

    def __init__(self, **options: Any) -> None:
        self.seconds = 0.0
        self.engine = Engine(Store(), options=Options(**options), now=self.now, seconds=lambda: self.seconds)
        self._services = services(self.engine)

    def now(self) -> Timestamp:
        return Timestamp(int((START + self.seconds) * NANOS_PER_SECOND))

    def ask(self, method: str, request: Any, context: Context | None = None) -> Any:
        served = self._services[f"/{SERVICE}/{method}"]
        answer = served.handler(request, context or self.context())
        return b"".join(answer) if served.kind == "server_stream" else answer

    def context(self, authorization: str = "Bearer owner") -> Context:
        """Of one request: the same one for each time that it is asked again."""
        return Context({"authorization": authorization})

    def begin(self, database: str = DATABASE, **options: Any) -> bytes:
        request = protos.BeginTransactionRequest(database=database, options=protos.TransactionOptions(**options))
        return bytes(protos.BeginTransactionResponse.FromString(self.ask("BeginTransaction", request)).transaction)

    def read(self, path: str = "c/a", database: str = DATABASE, **consistency: Any) -> int | None:
        """The field n of a document; None if there is none."""
        names = [f"{database}/documents/{path}"]
        request = protos.BatchGetDocumentsRequest(database=database, documents=names, **consistency)
        answer = protos.BatchGetDocumentsResponse.FromString(self.ask("BatchGetDocuments", request))
        return answer.found.fields["n"].integer_value if answer.HasField("found") else None

    def write(self, n: int, transaction: bytes = b"", path: str = "c/a", database: str = DATABASE) -> Any:
        """Returns the commit's time."""
        request = protos.CommitRequest(database=database, transaction=transaction)
        write = request.writes.add()
        write.update.name = f"{database}/documents/{path}"
        write.update.fields["n"].integer_value = n
        return protos.CommitResponse.FromString(self.ask("Commit", request)).commit_time

    def roll_back(self, transaction: bytes) -> None:
        self.ask("Rollback", protos.RollbackRequest(database=DATABASE, transaction=transaction))


def refused(ask: Callable[[], Any]) -> tuple[Code, str]:
    with pytest.raises(StatusError) as caught:
        ask()
    return caught.value.code, caught.value.message
