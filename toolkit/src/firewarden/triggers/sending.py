"""The sending end of triggers: a local Firestore tells a functions host of the documents that changed.

As production does it: one POST for each function that asked for the event, some time after the commit, again and again
until it is answered with success. Which requests go wrong on purpose is `plan`'s matter, at the receiving end.
"""

from __future__ import annotations

import base64
import http.client
import queue
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import quote

from firewarden.triggers.cloudevents import AUTH_CONTEXT, PREFIX, FirestoreEvent, encode, event
from firewarden.triggers.patterns import PathPattern
from firewarden.triggers.retry import RetryPolicy

_TIMEOUT_S = 600.0
_SENDERS = 8
_WRITTEN, _CREATED, _UPDATED, _DELETED = (PREFIX + each for each in ("written", "created", "updated", "deleted"))


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentChange:
    """One document of a commit, as triggers are told of it; `data` is a serialised DocumentEventData."""

    project: str
    database: str
    path: str
    existed: bool
    exists: bool
    data: bytes
    time: datetime
    auth: tuple[str, str]

    @property
    def types(self) -> tuple[str, str]:
        """The event types that it is."""
        if not self.existed:
            return _WRITTEN, _CREATED
        return _WRITTEN, _UPDATED if self.exists else _DELETED


@dataclass(frozen=True, slots=True)
class _Registration:
    event_type: str
    pattern: PathPattern
    database: str


@dataclass(order=True, slots=True)
class _Waiting:
    due: float
    number: int
    key: str = field(compare=False)
    what: FirestoreEvent = field(compare=False)
    first: float = field(compare=False)
    failures: int = field(compare=False, default=0)


class Sender:
    """Keeps which functions want which events, and sends them to `functions` (`host:port`)."""

    def __init__(
        self,
        functions: str,
        *,
        as_base64: bool = False,
        retry: RetryPolicy | None = None,
        report: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._functions = functions
        self._as_base64 = as_base64
        self._retry = retry or RetryPolicy(first_delay_s=1.0, max_delay_s=60.0)
        self._report = report
        self._registered: dict[tuple[str, str], _Registration] = {}
        self._waiting: queue.PriorityQueue[_Waiting] = queue.PriorityQueue()
        self._number = 0
        self._guard = threading.Lock()
        self._stopped = threading.Event()
        self._threads = [
            threading.Thread(target=self._work, name=f"firewarden-events-{number}", daemon=True)
            for number in range(_SENDERS)
        ]
        self._is_started = False

    def register(self, project: str, key: str, *, event_type: str, document: str, database: str) -> None:
        """From now on events of this type on documents that match go to this function."""
        with self._guard:
            self._registered[project, key] = _Registration(event_type, PathPattern.parse(document), database)

    def changed(self, change: DocumentChange) -> None:
        """Send the event of a change to every function that wants it."""
        for key, event_type in list(self._wanting(change)):
            auth = change.auth if event_type.endswith(AUTH_CONTEXT) else None
            what = event(
                id=str(uuid.uuid4()),
                type=event_type,
                project=change.project,
                database=change.database,
                document=change.path,
                data=change.data,
                time=change.time,
                auth=auth,
            )
            self._put(_Waiting(0.0, self._next(), key, what, time.monotonic()))

    def stop(self) -> None:
        """Send nothing more."""
        self._stopped.set()
        for _ in self._threads:
            self._waiting.put(_Waiting(-1.0, -1, "", FirestoreEvent({}, b""), 0.0))

    def _wanting(self, change: DocumentChange) -> Iterator[tuple[str, str]]:
        with self._guard:
            for (project, key), each in self._registered.items():
                is_type = each.event_type.removesuffix(AUTH_CONTEXT) in change.types
                is_place = (project, each.database) == (change.project, change.database)
                if is_type and is_place and each.pattern.match(change.path) is not None:
                    yield key, each.event_type

    def _next(self) -> int:
        with self._guard:
            self._number += 1
            return self._number

    def _put(self, waiting: _Waiting) -> None:
        with self._guard:
            if not self._is_started:
                self._is_started = True
                for each in self._threads:
                    each.start()
        self._waiting.put(waiting)

    def _work(self) -> None:
        while not self._stopped.is_set():
            waiting = self._waiting.get()
            if self._stopped.is_set():
                return
            early = waiting.due - time.monotonic()
            if early > 0:
                self._waiting.put(waiting)
                self._stopped.wait(min(early, 0.05))
                continue
            problem = self._send(waiting.key, waiting.what)
            if problem:
                self._again(waiting, problem)

    def _again(self, waiting: _Waiting, problem: str) -> None:
        waiting.failures += 1
        now = time.monotonic()
        delay = self._retry.delay_s(waiting.failures, age_s=now - waiting.first)
        what = f"{waiting.what.type} of {waiting.what.document} to {waiting.key}: {problem}"
        if delay is None:
            self._report(f"{what}; given up")
            return
        self._report(f"{what}; again in {delay:g} s")
        waiting.due = now + delay
        self._waiting.put(waiting)

    def _send(self, key: str, what: FirestoreEvent) -> str:
        """What went wrong; empty if it was delivered."""
        headers, body = encode(what)
        path = f"/functions/projects/{what.attributes['project']}/triggers/{quote(key, safe='')}"
        connection = http.client.HTTPConnection(self._functions, timeout=_TIMEOUT_S)
        try:
            connection.request("POST", path, base64.b64encode(body) if self._as_base64 else body, headers)
            answer = connection.getresponse()
            answer.read()
        except OSError as error:
            return str(error)
        finally:
            connection.close()
        # A function that is not there wants no more events; sending them again would change nothing.
        is_done = answer.status < http.HTTPStatus.BAD_REQUEST or answer.status == http.HTTPStatus.NOT_FOUND
        return "" if is_done else f"HTTP {answer.status}"
