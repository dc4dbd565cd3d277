"""The last denials of each project, kept so that they can be explained when somebody wants to know.

To explain takes a hundred times as long as to deny, and most denials of a test run are what the tests expect.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Sequence
from typing import TYPE_CHECKING

from firewarden.firestore.status import Code, StatusError
from firewarden.server.transports.interface import HttpRequest, HttpResponse, Route

if TYPE_CHECKING:
    from firewarden.firestore.documents import DatabaseName
    from firewarden.rules import CompiledRules, Decision, Request
    from firewarden.rules.lookups import Read
    from firewarden.server.engine import Engine

DENIALS_MAX = 10
"""Of one project; the last ones are kept. Whoever cleared the database begins anew."""


class KeptDenials:
    """Is told of denials as a `Denied`, and keeps them with the documents that the rules looked up."""

    def __init__(self) -> None:
        self._kept: dict[str, deque[tuple[CompiledRules, Request, Read]]] = {}

    def __call__(
        self, database: DatabaseName, rules: CompiledRules, request: Request, read: Read, decision: Decision
    ) -> None:
        """Keep it."""
        del decision
        self._kept.setdefault(database.project, deque(maxlen=DENIALS_MAX)).append((rules, request, read))

    def forget(self, project: str) -> None:
        """Explain none of those before."""
        self._kept.pop(project, None)

    def explained(self, project: str) -> str:
        """Why each was denied, the earliest first; empty if there was none.

        Told, too, are those of projects whose ids go on behind a dash: tests call their other projects so.
        """
        from firewarden.rules.explain import explain  # noqa: PLC0415 - most runs have no failing test

        kept = [each for name, kept in self._kept.items() if f"{name}-".startswith(f"{project}-") for each in kept]
        return "\n\n".join(explain(*each).text() for each in kept)


class DenialEndpoints:
    """Answers for the projects of one engine, if it keeps denials."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def routes(self) -> Sequence[Route]:
        """What is answered, by method and path."""
        return (Route("GET", "/emulator/v1/projects/{project}:denials", self._explained),)

    def forget(self, project: str) -> None:
        """The project's database was cleared."""
        if isinstance(self._engine.denied, KeptDenials):
            self._engine.denied.forget(project)

    async def _explained(self, request: HttpRequest) -> HttpResponse:
        if not isinstance(self._engine.denied, KeptDenials):
            raise StatusError(Code.NOT_FOUND, "Denials are not kept. Start the server with --keep-denials.")
        with self._engine.guard:
            text = self._engine.denied.explained(request.captures["project"])
        return HttpResponse(200, f"{json.dumps({'explained': text})}\n".encode(), "application/json")
