"""Google's emulator as a client would ask it over a warm connection."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import httpx
import psutil  # type: ignore[import-untyped]  # publishes no types
from requests_asked import Asked

from firewarden.errors import EmulatorNotFound
from firewarden.rules.query import Both, Filter, Query
from firewarden.testing import EmulatorControl, start_emulator, unsigned_id_token
from firewarden.values import Timestamp

PROJECT = "demo-bench"
_ROOT = f"projects/{PROJECT}/databases/(default)/documents"
_OPERATORS = {"==": "EQUAL", ">=": "GREATER_THAN_OR_EQUAL"}


@contextmanager
def found_official() -> Iterator[Official | None]:
    """An emulator of this run's own, or None where there is none to start."""
    try:
        running = start_emulator()
    except EmulatorNotFound:
        yield None
        return
    with running as emulator, httpx.Client(base_url=f"http://{emulator.host}", timeout=60) as http:
        yield Official(emulator.host, emulator.pid, http)


class Official:
    """Puts rules and documents, and asks."""

    def __init__(self, host: str, pid: int | None, http: httpx.Client) -> None:
        self._host = host
        self._pid = pid
        self._http = http

    def put_rules(self, text: str) -> None:
        """Compile the rules and put them in force."""
        body = {"rules": {"files": [{"name": "firestore.rules", "content": text}]}}
        self._http.put(f"/emulator/v1/projects/{PROJECT}:securityRules", json=body).raise_for_status()

    def prepare(self, asked: Asked) -> None:
        """An empty database with the rules and the documents of the request."""
        with EmulatorControl(self._host) as control:
            control.clear(PROJECT)
        self.put_rules(asked.rules)
        for path, data in asked.stored.items():
            url = f"/v1/{_ROOT}/{path}"
            fields = {name: _json(value) for name, value in data.items()}
            headers = {"Authorization": "Bearer owner"}
            self._http.patch(url, json={"fields": fields}, headers=headers).raise_for_status()

    def asking(self, asked: Asked) -> Callable[[], object]:
        """What sends the request once; an unexpected answer stops the measurement."""
        claims = asked.claims
        headers = {} if claims is None else {"Authorization": f"Bearer {_token(claims)}"}
        url, wanted = f"/v1/{_ROOT}:commit", 409
        body: dict[str, Any]
        if isinstance(asked.sent, Query):
            url, body, wanted = f"/v1/{_ROOT}:runQuery", {"structuredQuery": _query(asked.sent)}, 200
        else:
            body = {"writes": [_create(*asked.sent)]}
            self._http.post(url, json=body, headers=headers).raise_for_status()

        def ask() -> object:
            answer = self._http.post(url, json=body, headers=headers)
            if answer.status_code != wanted:
                raise SystemExit(f"{asked.name}: the emulator answered {answer.status_code}: {answer.text[:300]}")
            return answer

        return ask

    @contextmanager
    def paused(self) -> Iterator[None]:
        """The emulator stands still, which otherwise compiles itself beside whatever else is measured."""
        # Not the first one where it supervises the others: it has to see when this process ends.
        processes = self._processes()[1:] or self._processes()
        for each in processes:
            each.suspend()
        try:
            yield
        finally:
            for each in processes:
                each.resume()

    def memory(self) -> float:
        """Resident MiB of the emulator: of the process that was started and of those it started."""
        resident = sum(int(each.memory_info().rss) for each in self._processes())
        return round(resident / 2**20, 1)

    def _processes(self) -> list[psutil.Process]:
        if self._pid is None:
            return []
        started = psutil.Process(self._pid)
        return [started, *started.children(recursive=True)]


def _token(claims: Mapping[str, Any]) -> str:
    custom = {name: value for name, value in claims.items() if name not in ("sub", "user_id")}
    return unsigned_id_token(str(claims["sub"]), custom, project=PROJECT)


def _create(path: str, data: Mapping[str, Any]) -> dict[str, Any]:
    """The create. Once done, rules go on to allow it, and the precondition refuses it (409): nothing more changes."""
    server_time = [name for name in ("createdAt", "updatedAt") if name in data]
    fields = {name: _json(value) for name, value in data.items() if name not in server_time}
    create: dict[str, Any] = {
        "update": {"name": f"{_ROOT}/{path}", "fields": fields},
        "currentDocument": {"exists": False},
    }
    if server_time:
        create["updateTransforms"] = [{"fieldPath": name, "setToServerValue": "REQUEST_TIME"} for name in server_time]
    return create


def _query(query: Query) -> dict[str, Any]:
    given = query.where.filters if isinstance(query.where, Both) else ()
    filters = [_filter(each) for each in given if isinstance(each, Filter)]
    return {
        "from": [{"collectionId": query.collection}],
        "where": {"compositeFilter": {"op": "AND", "filters": filters}},
        "limit": query.limit,
    }


def _filter(given: Filter) -> dict[str, Any]:
    operator = _OPERATORS[given.operator]
    return {"fieldFilter": {"field": {"fieldPath": given.field}, "op": operator, "value": _json(given.value)}}


def _json(value: Any) -> dict[str, Any]:
    return _JSON[type(value)](value)


_JSON: Mapping[type, Callable[[Any], dict[str, Any]]] = {
    bool: lambda value: {"booleanValue": value},
    int: lambda value: {"integerValue": str(value)},
    str: lambda value: {"stringValue": value},
    list: lambda value: {"arrayValue": {"values": list(map(_json, value))}},
    dict: lambda value: {"mapValue": {"fields": {name: _json(each) for name, each in value.items()}}},
    Timestamp: lambda value: {"timestampValue": str(value)},
    datetime: lambda value: {"timestampValue": value.isoformat()},
}
