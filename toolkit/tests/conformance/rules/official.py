"""Asks Google's emulator over HTTP, exactly as recordings say a request was sent. Judges nothing."""

from __future__ import annotations

import http.client
import json
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Self
from urllib.parse import quote

Json = Mapping[str, Any]
OWNER = "Bearer owner"
_TIMEOUT_S = 120.0
_STATUS_OK = 200


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: the HTTP status and the decoded body."""

    http_status: int
    body: Any

    @property
    def is_ok(self) -> bool:
        """Whether the request was done."""
        return self.http_status == _STATUS_OK

    @property
    def error(self) -> Json:
        """The error's code, status and message; a stream tells it in a list."""
        body = self.body[0] if isinstance(self.body, list) and self.body else self.body
        error: Json = body.get("error", {}) if isinstance(body, dict) else {}
        return error

    @property
    def message(self) -> str:
        """The error's text."""
        return str(self.error.get("message", ""))


class Official:
    """One connection to an emulator, for one project of it."""

    def __init__(self, host: str, project: str) -> None:
        self.project = project
        self._database = f"projects/{project}/databases/(default)"
        self._connection = http.client.HTTPConnection(host, timeout=_TIMEOUT_S)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def put_rules(self, source: str) -> Answer:
        """Put a ruleset in force; the body has its warnings, or why it is refused."""
        body = {"rules": {"files": [{"name": "firestore.rules", "content": source}]}}
        return self._send("PUT", f"/emulator/v1/projects/{self.project}:securityRules", body)

    def coverage(self) -> list[Any]:
        """What the expressions of the ruleset have come to since it was put in force."""
        answer = self._send("GET", f"/emulator/v1/projects/{self.project}:ruleCoverage")
        report: list[Any] = answer.body.get("report", [])
        return report

    def store(self, documents: Mapping[str, Json | None]) -> None:
        """Write documents as the owner, None removes one."""
        writes = [self._write(path, fields) for path, fields in documents.items()]
        answer = self._send("POST", f"/v1/{self._database}/documents:commit", {"writes": writes}, OWNER)
        if not answer.is_ok:
            raise ValueError(f"the emulator does not store {documents}: {answer.message}")

    def clear(self) -> None:
        """Remove every document."""
        self._send("DELETE", f"/emulator/v1/{self._database}/documents")

    def ask(self, request: Json, auth: Json | None) -> Answer:
        """Send the `request` of a recording with a token of these claims."""
        make = _TARGETS[request["method"]]
        verb, target = make(request)
        query = f"?{request['query']}" if request.get("query") else ""
        body = request.get("body")
        text = None if body is None else json.dumps(body).replace(NAMES, self._database)
        return self._send(verb, f"/v1/{self._database}/documents{target}{query}", text, bearer(auth) if auth else None)

    def _write(self, path: str, fields: Json | None) -> Json:
        name = f"{self._database}/documents/{path}"
        if fields is None:
            return {"delete": name}
        text = json.dumps(fields).replace(NAMES, self._database)
        return {"update": {"name": name, "fields": json.loads(text)}}

    def _send(self, verb: str, url: str, body: Json | str | None = None, authorization: str | None = None) -> Answer:
        headers = {"Content-Type": "application/json"}
        if authorization:
            headers["Authorization"] = authorization
        content = body if body is None or isinstance(body, str) else json.dumps(body)
        self._connection.request(verb, url, content, headers)
        response = self._connection.getresponse()
        text = response.read()
        return Answer(response.status, json.loads(text) if text.strip() else {})


NAMES = "projects/demo-x/databases/(default)"
"""How recordings write the database in resource names."""


def bearer(claims: Json) -> str:
    """The header of an unsigned token."""
    parts = ({"alg": "none", "type": "JWT"}, claims)
    encoded = (urlsafe_b64encode(json.dumps(each).encode()).rstrip(b"=").decode() for each in parts)
    return f"Bearer {'.'.join(encoded)}."


def encoded_path(segments: Iterable[str]) -> str:
    """A document's path as it stands in a URL."""
    return "/".join(quote(each, safe="()") for each in segments)


def _at_path(verb: str) -> Callable[[Json], tuple[str, str]]:
    return lambda request: (verb, f"/{request['path']}")


def _action(name: str) -> Callable[[Json], tuple[str, str]]:
    return lambda request: ("POST", f"{'/' if request.get('path') else ''}{request.get('path', '')}:{name}")


_TARGETS: Mapping[str, Callable[[Json], tuple[str, str]]] = MappingProxyType(
    {
        "get": _at_path("GET"),
        "list": _at_path("GET"),
        "create": _at_path("POST"),
        "update": _at_path("PATCH"),
        "delete": _at_path("DELETE"),
        **{name: _action(name) for name in ("batchGet", "commit", "runQuery", "runAggregationQuery")},
    }
)
