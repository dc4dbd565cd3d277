"""A Firestore for one Python process: an engine with its store, and clients of any identity.

Imports neither the client library nor what a port needs before they are asked for.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import replace
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

from firewarden.errors import Issue
from firewarden.firestore.documents import DatabaseName
from firewarden.firestore.status import StatusError
from firewarden.rules import RulesetInvalid, check
from firewarden.server.engine import Engine
from firewarden.server.options import IndexMode, Options
from firewarden.store import DATA_FILE, Store
from firewarden.testing._rules_text import rules_text
from firewarden.testing.identities import Identities
from firewarden.testing.in_process.calls import Engines

if TYPE_CHECKING:
    from firewarden.server.serving import Server
    from firewarden.testing.in_process.clients import InProcessAsyncClient, InProcessClient

_PROJECT = "demo-local"
PathOrText = str | PathLike[str]


class Firestore(Identities):
    """A database that clients of any identity can be opened on, without a port.

    `rules` are a file's path or a text; without any, everything is allowed. `indexes` is the path of a
    ``firestore.indexes.json``; with it a query that has no index fails, as in production. `data` is a folder that
    keeps the documents; without one they are gone after `close`.
    """

    def __init__(
        self,
        *,
        rules: PathOrText | None = None,
        indexes: str | PathLike[str] | None = None,
        data: str | PathLike[str] | None = None,
        project: str = _PROJECT,
        options: Options | None = None,
    ) -> None:
        super().__init__(project)
        self._name = DatabaseName(project)
        chosen = options or Options()
        if indexes is not None and options is None:
            chosen = replace(chosen, indexes=IndexMode.ENFORCE)
        self._engine = Engine(Store(None if data is None else Path(data) / DATA_FILE), options=chosen)
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
            raise RulesetInvalid(check(text), text, file) from None
        return [Issue(each.severity, each.description, each.line, each.column) for each in loaded.issues]

    def clear(self) -> None:
        """Removes every document and ends every transaction; rules stay."""
        self._engine.clear(self._name)

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
