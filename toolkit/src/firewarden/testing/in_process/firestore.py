"""A Firestore for one Python process: an engine with its store, and clients of any identity.

Imports neither the client library nor what a port needs before they are asked for.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from firewarden.errors import Issue
from firewarden.firestore.documents import DatabaseName
from firewarden.firestore.query.scanning import ScanIndex
from firewarden.firestore.status import StatusError
from firewarden.server.clock import VirtualClock
from firewarden.server.database import OnCommit
from firewarden.server.engine import Engine
from firewarden.server.options import IndexMode, Options
from firewarden.store import DATA_FILE, Store
from firewarden.testing._rules_text import rules_text
from firewarden.testing.identities import Identities
from firewarden.testing.in_process.calls import Around, Engines
from firewarden.testing.in_process.plain import plain

if TYPE_CHECKING:
    from firewarden.server.serving import Server
    from firewarden.testing.in_process.clients import InProcessAsyncClient, InProcessClient
    from firewarden.testing.meter import Meter

_PROJECT = "demo-local"
PathOrText = str | PathLike[str]


class Firestore(Identities):
    """A database that clients of any identity can be opened on, without a port.

    `rules` are a file's path or a text; without any, everything is allowed. `indexes` is the path of a
    ``firestore.indexes.json``; with it a query that has no index fails, as in production. `data` is a folder that
    keeps the documents; without one they are gone after `close`. With a `clock` time stands still until that is moved.
    """

    def __init__(
        self,
        *,
        rules: PathOrText | None = None,
        indexes: str | PathLike[str] | None = None,
        data: str | PathLike[str] | None = None,
        project: str = _PROJECT,
        options: Options | None = None,
        clock: VirtualClock | None = None,
    ) -> None:
        super().__init__(project)
        self.clock = clock
        self._name = DatabaseName(project)
        chosen = options or Options()
        if indexes is not None and options is None:
            chosen = chosen._replace(indexes=IndexMode.ENFORCE)
        self._engine = Engine(Store(None if data is None else Path(data) / DATA_FILE), options=chosen, clock=clock)
        self._engines = Engines(self._engine)
        self._server: Server | None = None
        self._starting = threading.Lock()
        try:
            if indexes is not None:
                self._define(Path(indexes))
            if rules is not None:
                self.put_rules(rules)
        except BaseException:
            self.close()
            raise

    def put_rules(self, rules: PathOrText) -> Sequence[Issue]:
        """Rules with an error are never put in force: raises `RulesetInvalid`. Returns the warnings."""
        text, file = rules_text(rules)
        try:
            with self._engine.guard:
                loaded = self._engine.rulesets.put_default([{"name": file, "content": text}])
        except StatusError:
            from firewarden.rules import RulesetInvalid, check  # noqa: PLC0415 - with the rules, not before

            raise RulesetInvalid(check(text), text, file) from None
        return [Issue(each.severity, each.description, each.line, each.column) for each in loaded.issues]

    def clear(self) -> None:
        """Removes every document and ends every transaction; rules stay."""
        self._engine.clear(self._name)

    def renew(self) -> None:
        """As when it was opened, clock included: no documents, no transactions. Rules, clients and followers stay.

        Not once it has a port, nor with `data`. Takes two milliseconds, where `clear` leaves the last commit's time.
        """
        old = self._engine
        if self._server is not None or old.is_kept:
            raise RuntimeError("only a database in memory that has no port can begin anew")
        with old.guard:
            available, on_commit, options = old.databases.available, list(old.on_commit), old.options
            old.close()
            if self.clock is not None:
                self.clock.rewind()
            self._engine = Engine(Store(None), options=options, clock=self.clock, rulesets=old.rulesets)
            self._engine.databases.available = available
            self._engine.on_commit += on_commit
            self._engines.lead_to(self._engine)

    @contextmanager
    def standing_in(self) -> Iterator[None]:
        """Inside, the stock clients of this process lead here: `google.cloud.firestore.Client()`, firebase_admin's.

        As the owner's, and without a port: the environment names this database for an emulator. So functions are
        loaded and run against it as they are.
        """
        from firewarden.testing.in_process.standing_in import standing_in  # noqa: PLC0415 - Google's library

        with standing_in(self.project, self._engines, self.serve):
            yield

    @contextmanager
    def telling(self, tell: OnCommit) -> Iterator[None]:
        """Inside, somebody is told of every commit, in the middle of it."""
        with self._engine.guard:
            self._engine.on_commit.append(tell)
        try:
            yield
        finally:
            with self._engine.guard:
                self._engine.on_commit.remove(tell)

    @contextmanager
    def around(self, make: Around) -> Iterator[None]:
        """Inside, somebody makes the calls of all synchronous clients."""
        before, self._engines.around = self._engines.around, make
        try:
            yield
        finally:
            self._engines.around = before

    def seconds(self) -> float:
        """What the engine's stopwatch shows."""
        return self._engine.seconds()

    def stored(self, path: str) -> Mapping[str, Any] | None:
        """The fields of a document now, straight from the store; None if there is none."""
        with self._engine.guard:
            found = self._engine.database(self._name).documents.snapshot(None).document(tuple(path.split("/")))
        return None if found is None else plain(found.fields)

    def stored_in(self, collection: str) -> dict[str, Mapping[str, Any]]:
        """The documents of a collection by id, in order, as `stored` gives them."""
        *parent, name = collection.split("/")
        with self._engine.guard:
            snapshot = self._engine.database(self._name).documents.snapshot(None)
            entries = snapshot.scan(ScanIndex(name, group=False, fields=()), tuple(parent), b"", None)
            return {each.document.path[-1]: plain(each.document.fields) for each in entries}

    def delete_expired(self) -> None:
        """Deletes now what the index file's `ttl` fields say is over; a virtual clock does so whenever it is moved."""
        self._engine.expire()

    @cached_property
    def meter(self) -> Meter:
        """What requests would have cost in Cloud Firestore since this was first asked for."""
        from firewarden.testing.meter import EngineSource, Meter  # noqa: PLC0415 - most never ask

        return Meter(EngineSource(lambda: self._engine, self.project))

    def serve(self, *, host: str = "127.0.0.1", port: int = 0) -> str:
        """The address of a port that leads to this database, as FIRESTORE_EMULATOR_HOST has it.

        Opened by the first who asks, which decides where; for other processes, other languages and listeners. Raises
        `PortInUse`.
        """
        from firewarden.server.serving import Server  # noqa: PLC0415 - most do without a port

        with self._starting:
            if self._server is None:
                self._server = Server(self._engine, host=host, port=port).__enter__()
            return self._server.address

    def close(self) -> None:
        """Closes the clients, the port and the store; acknowledged writes are in the folder, if there is one."""
        super().close()
        self._engines.close()
        with self._starting:
            if self._server is not None:
                self._server.stop()
        self._engine.close()

    def _define(self, file: Path) -> None:
        from firewarden.indexes import Defined, read_definitions  # noqa: PLC0415 - reads YAML, too

        self._engine.databases.available = Defined(read_definitions(file))

    def _client(self, token: str | None) -> InProcessClient:
        from firewarden.testing.in_process.clients import InProcessClient  # noqa: PLC0415 - Google's library

        return InProcessClient(token, self.project, self._engines, self.serve)

    def _async_client(self, token: str | None) -> InProcessAsyncClient:
        from firewarden.testing.in_process.clients import InProcessAsyncClient  # noqa: PLC0415 - Google's library

        return InProcessAsyncClient(token, self.project, self._engines, self.serve)
