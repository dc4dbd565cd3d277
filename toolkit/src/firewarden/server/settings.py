"""A database's settings as Firestore's admin API has them; what can be changed is how transactions are kept apart.

https://firebase.google.com/docs/firestore/reference/rest/v1/projects.databases, methods get and patch.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from firewarden.firestore.documents import DatabaseName
from firewarden.firestore.status import Code, StatusError, invalid
from firewarden.server.auth import caller_of
from firewarden.server.engine import Engine
from firewarden.server.options import Concurrency
from firewarden.server.transports.interface import HttpRequest, HttpResponse, Route

_DATABASE = "/v1/projects/{project}/databases/{database}"
_MODES = {"OPTIMISTIC": Concurrency.OPTIMISTIC, "PESSIMISTIC": Concurrency.PESSIMISTIC}
_KEY = "concurrencyMode"
_NAMES = {_KEY, "concurrency_mode"}


class DatabaseSettings:
    """Answers for the databases of one engine, to admins."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def routes(self) -> Sequence[Route]:
        """What is answered, by method and path."""
        return Route("GET", _DATABASE, self._get), Route("PATCH", _DATABASE, self._patch)

    async def _get(self, request: HttpRequest) -> HttpResponse:
        return _answer(self._described(self._name(request)))

    async def _patch(self, request: HttpRequest) -> HttpResponse:
        name = self._name(request)
        mode = _MODES[_asked(request)]
        with self._engine.guard:
            self._engine.database(name).concurrency = mode
        # Production answers with an operation, which here has ended before it is told of.
        kind = {"@type": "type.googleapis.com/google.firestore.admin.v1.Database"}
        return _answer(
            {"name": f"{name}/operations/patch", "done": True, "response": {**kind, **self._described(name)}}
        )

    def _name(self, request: HttpRequest) -> DatabaseName:
        if not caller_of(request.headers.get("authorization"), verify=self._engine.options.verify).is_admin:
            raise StatusError(Code.PERMISSION_DENIED, "Databases are for admins only.")
        return DatabaseName(request.captures["project"], request.captures["database"])

    def _described(self, name: DatabaseName) -> dict[str, Any]:
        mode = self._engine.database(name).concurrency
        told = next(text for text, each in _MODES.items() if each is mode)
        return {"name": str(name), "type": "FIRESTORE_NATIVE", _KEY: told}


def _asked(request: HttpRequest) -> str:
    """The concurrency mode of a body; nothing else of a database can be changed."""
    mask = dict(request.query).get("updateMask", _KEY)
    if mask not in _NAMES:
        raise invalid(f"updateMask must be {_KEY}: nothing else can be changed.")
    try:
        body = json.loads(request.body or b"null")
    except ValueError:
        body = None
    if not isinstance(body, Mapping) or body.keys() - {"name", *_NAMES}:
        raise invalid(f"The body must be {{{_KEY}}}: nothing else can be changed.")
    mode = body.get(_KEY, body.get("concurrency_mode"))
    if mode not in _MODES:
        raise invalid(f"{_KEY} {mode!r} must be one of {', '.join(_MODES)}.")
    return str(mode)


def _answer(body: Mapping[str, Any]) -> HttpResponse:
    return HttpResponse(200, f"{json.dumps(body, indent=2)}\n".encode(), "application/json")
