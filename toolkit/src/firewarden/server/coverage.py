"""Coverage of security rules over HTTP: `:ruleCoverage` as Google's emulator has it, and a page of our own.

Who counts is handed to the server with its options; without anybody the endpoints say how to have them count.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from firewarden.firestore.documents import DatabaseName
from firewarden.firestore.status import failed_precondition
from firewarden.server.transports.interface import HttpRequest, HttpResponse, Route

if TYPE_CHECKING:
    from firewarden.rules import CompiledRules, Request
    from firewarden.rules.lookups import Read
    from firewarden.server.engine import Engine
    from firewarden.server.rulesets import Loaded

_PROJECT = "/emulator/v1/projects/{project}"
_DATABASE = _PROJECT + "/databases/{database}"
NOT_COUNTED = "Rule coverage is not counted. Start the server with --coverage."


class Coverage(Protocol):
    """Counts what the expressions of rules come to. `scope` is the project whose requests are counted together."""

    def record(self, rules: CompiledRules, request: Request, read: Read, *, scope: str) -> None:
        """A request was decided; `read` is what rules look up, as long as this lasts."""

    def as_json(self, rules: CompiledRules, *, scope: str, file: str) -> Mapping[str, Any]:
        """The report in the official JSON."""

    def as_page(self, rules: CompiledRules, *, scope: str, file: str) -> str:
        """The report for people, in HTML."""


class CoverageEndpoints:
    """Answers for the projects and databases of one engine."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def routes(self) -> Sequence[Route]:
        """What is answered, by method and path."""
        return (
            Route("GET", f"{_PROJECT}:ruleCoverage", self._report),
            Route("GET", f"{_DATABASE}:ruleCoverage", self._report),
            Route("GET", f"{_PROJECT}:ruleCoverage.html", self._page),
            Route("GET", f"{_DATABASE}:ruleCoverage.html", self._page),
        )

    async def _report(self, request: HttpRequest) -> HttpResponse:
        coverage, loaded, project, file = self._asked(request)
        if loaded.rules is None:  # nothing is decided by them
            body: Mapping[str, Any] = {"rules": {"files": [dict(each) for each in loaded.files]}}
        else:
            with self._engine.guard:
                body = coverage.as_json(loaded.rules, scope=project, file=file)
        text = json.dumps(body, indent=2, ensure_ascii=False)
        return HttpResponse(200, f"{text}\n".encode("utf-8", "replace"), "application/json")

    async def _page(self, request: HttpRequest) -> HttpResponse:
        coverage, loaded, project, file = self._asked(request)
        if loaded.rules is None:
            raise failed_precondition("There are no rules whose coverage could be shown: everything is allowed.")
        with self._engine.guard:
            text = coverage.as_page(loaded.rules, scope=project, file=file)
        return HttpResponse(200, text.encode("utf-8", "replace"), "text/html; charset=utf-8")

    def _asked(self, request: HttpRequest) -> tuple[Coverage, Loaded, str, str]:
        coverage = self._engine.options.coverage
        if coverage is None:
            raise failed_precondition(NOT_COUNTED)
        project, database = request.captures["project"], request.captures.get("database")
        rulesets = self._engine.rulesets
        loaded = rulesets.of(DatabaseName(project, database)) if database else rulesets.of_project(project)
        return coverage, loaded, project, str(loaded.files[0].get("name", ""))
