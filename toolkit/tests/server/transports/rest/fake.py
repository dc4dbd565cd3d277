"""A fake of every method, and a connection to it."""

from __future__ import annotations

import http.client
import json
from dataclasses import dataclass, field
from typing import Any

from firewarden.firestore.wire import protos
from firewarden.server.transports.interface import Method, Services

PATIENCE_S = 10.0
DATABASE = "projects/p/databases/(default)"
ROOT = f"/v1/{DATABASE}/documents"
JSON = {"content-type": "application/json"}


@dataclass
class Fake:
    """Answers every method with what it was told to, and keeps what it was asked."""

    answer: Any = None
    asked: list[Any] = field(default_factory=list)
    contexts: list[Any] = field(default_factory=list)

    def services(self) -> Services:
        service = protos.pool().FindServiceByName("google.firestore.v1.Firestore")
        return {
            f"/{service.full_name}/{method.name}": Method(
                "server_stream" if method.server_streaming else "unary",
                self.say,
                protos.message(method.input_type.full_name),
            )
            for method in service.methods
            if not method.client_streaming and method.name != "PartitionQuery"
        }

    def say(self, request: Any, context: Any) -> Any:
        self.asked.append(request)
        self.contexts.append(context)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer() if callable(self.answer) else self.answer


@dataclass(frozen=True)
class Rest:
    """The fake and a connection to it."""

    fake: Fake
    connection: http.client.HTTPConnection

    def ask(
        self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None
    ) -> tuple[int, str, dict[str, str]]:
        data = body if isinstance(body, str | bytes | None) else json.dumps(body)
        self.connection.request(method, path, data, headers if headers is not None else JSON)
        response = self.connection.getresponse()
        return response.status, response.read().decode(), {k.lower(): v for k, v in response.getheaders()}
