"""A client that writes and listens over raw gRPC: its own work per message is to see which document it is of."""

from __future__ import annotations

import socket
import threading
from types import TracebackType
from typing import Any, Self

from firestore_wire import Connection, Refused, Request
from google.cloud.firestore_v1 import types

_DATABASE = "projects/demo-bench/databases/(default)"
_DOCUMENTS = f"{_DATABASE}/documents"
_OVERDUE_S = 600.0
_FILLER = "x" * 100
_Response = types.ListenResponse.pb()
_Commit = types.CommitRequest.pb()


class Client:
    """One connection to one server for what is written; each listener has its own."""

    def __init__(self, host: str) -> None:
        self._host = host
        self._connection = Connection(host)
        self._changed = 0

    def write_all(self, documents: int, batch: int, *, generation: int) -> None:
        """Write every document, so many at once; requests are made before the first is sent."""
        requests = []
        for start in range(0, documents, batch):
            request = _Commit(database=_DATABASE)
            for number in range(start, min(start + batch, documents)):
                _set(request, number, generation)
            requests.append(request.SerializeToString())
        for each in requests:
            self._connection.ask(Request("Commit", each))

    def write_one(self) -> int:
        """Change the first document; returns the generation that it has now."""
        self._changed += 1
        generation = 1_000 + self._changed
        request = _Commit(database=_DATABASE)
        _set(request, 0, generation)
        self._connection.ask(Request("Commit", request.SerializeToString()))
        return generation

    def listen(self) -> Listener:
        """Listen to all documents."""
        return Listener(self._host)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._connection.close()


class Listener:
    """A stream with one target, read in a thread."""

    def __init__(self, host: str) -> None:
        self._connection = Connection(host, prefix=_DATABASE)
        self._known: dict[str, int] = {}
        self._counts: dict[int, int] = {}
        self._latest = 0
        self._told = threading.Condition()
        self._shown: dict[int, int] = {}
        self._last = 0
        self.snapshots = 0
        request = types.ListenRequest.pb()(database=_DATABASE)
        request.add_target.target_id = 1
        request.add_target.query.parent = _DOCUMENTS
        request.add_target.query.structured_query.from_.add(collection_id="rows")
        self._connection.converse(Request("Listen", request.SerializeToString()), self._hear)
        self._ends = False
        self._reading = threading.Thread(target=self._read, daemon=True)
        self._reading.start()

    def until_told(self, documents: int, *, generation: int) -> None:
        """Wait for a snapshot in which so many documents are of a generation."""
        self._wait(lambda: self._shown.get(generation, 0) >= documents)

    def until_complete(self, documents: int) -> None:
        """Wait for a snapshot of so many documents."""
        self._wait(lambda: sum(self._shown.values()) >= documents)

    def until_seen(self, generation: int) -> None:
        """Wait for a snapshot in which the document that was changed last is of a generation."""
        self._wait(lambda: self._last >= generation)

    def _wait(self, holds: Any) -> None:
        with self._told:
            if not self._told.wait_for(holds, _OVERDUE_S):
                raise SystemExit(f"the listener was not told within {_OVERDUE_S:.0f} s")

    def _read(self) -> None:
        try:
            while True:
                self._connection.receive()
        except (OSError, Refused):
            if not self._ends:
                raise

    def _hear(self, data: bytes) -> None:
        message = _Response.FromString(data)
        if message.HasField("document_change"):
            document = message.document_change.document
            generation = document.fields["generation"].integer_value
            before = self._known.get(document.name)
            if before is not None:
                self._counts[before] -= 1
            self._counts[generation] = self._counts.get(generation, 0) + 1
            self._known[document.name] = generation
            self._latest = max(self._latest, generation)
        elif not message.target_change.target_ids and message.target_change.HasField("read_time"):
            with self._told:
                self.snapshots += 1
                self._shown = dict(self._counts)
                self._last = self._latest
                self._told.notify_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._ends = True
        self._connection.socket.shutdown(socket.SHUT_RDWR)
        self._reading.join()
        self._connection.close()


def _set(request: Any, number: int, generation: int) -> None:
    document = request.writes.add().update
    document.name = f"{_DOCUMENTS}/rows/{number:06}"
    document.fields["number"].integer_value = number
    document.fields["generation"].integer_value = generation
    document.fields["text"].string_value = _FILLER
