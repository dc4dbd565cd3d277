"""Reading the meter over HTTP: what the requests of a project have come to, and single ones where they are kept.

Like the emulator's own endpoints these are for anybody who reaches the port.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from firewarden.firestore.billing.usage import NOTHING
from firewarden.firestore.status import invalid
from firewarden.server.engine import Engine
from firewarden.server.meter import Ledger, Record
from firewarden.server.transports.interface import HttpRequest, HttpResponse, Route

_PATH = "/emulator/v1/projects/{project}:meter"


class MeterAdmin:
    """Answers for one engine."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def routes(self) -> Sequence[Route]:
        """What is answered, by method and path."""
        return Route("GET", _PATH, self._get), Route("PUT", _PATH, self._put), Route("DELETE", _PATH, self._delete)

    async def _get(self, request: HttpRequest) -> HttpResponse:
        after = dict(request.query).get("after", "")
        if after and not after.isdecimal():
            raise invalid("after must be the number of a request.")
        with self._engine.guard:
            content = reading(self._engine, request.captures["project"], after=int(after) if after else None)
        return _answer(content)

    async def _put(self, request: HttpRequest) -> HttpResponse:
        """Keep single requests from now on."""
        if request.body.translate(None, b" \t\r\n") != b'{"records":true}':
            raise invalid('The body must be {"records": true}.')
        with self._engine.guard:
            self._engine.meter.record(request.captures["project"])
            content = reading(self._engine, request.captures["project"])
        return _answer(content)

    async def _delete(self, request: HttpRequest) -> HttpResponse:
        with self._engine.guard:
            for each in self._engine.meter.of_project(request.captures["project"]):
                each.reset()
        return _answer({})


def reading(engine: Engine, project: str, *, after: int | None = None) -> dict[str, Any]:
    """What the meter says of a project. Single requests are given from the one that follows the number `after`."""
    ledgers = engine.meter.of_project(project)
    entries = [each for ledger in ledgers for each in ledger.entries()]
    content: dict[str, Any] = {
        "usage": sum((each.usage for each in entries), NOTHING).as_json(),
        "entries": [
            {
                "database": each.database,
                "method": each.method,
                "caller": each.caller,
                "action": each.action,
                "requests": each.requests,
                "usage": each.usage.as_json(),
            }
            for each in entries
        ],
        "last": max((each.last for each in ledgers), default=0),
    }
    if after is not None:
        content["records"] = _records(ledgers, after)
    return content


def _records(ledgers: Sequence[Ledger], after: int) -> list[dict[str, Any]]:
    found = sorted(
        ((each, ledger) for ledger in ledgers for each in ledger.records if each.number > after),
        key=lambda pair: pair[0].number,
    )
    return [_record(each, ledger) for each, ledger in found]


def _record(record: Record, ledger: Ledger) -> dict[str, Any]:
    return {
        "number": record.number,
        "database": ledger.name.database,
        "method": record.method,
        "caller": record.caller,
        "action": record.action,
        "usage": record.usage.as_json(),
        "things": [[did, what] for did, what in record.things],
    }


def _answer(content: Mapping[str, Any]) -> HttpResponse:
    return HttpResponse(200, f"{json.dumps(content, ensure_ascii=False)}\n".encode(), "application/json")
