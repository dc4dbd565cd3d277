"""A functions host that only listens: it keeps every request, and answers as a test says."""

from __future__ import annotations

import json
import threading
import time
from base64 import b64decode
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from google.events.cloud.firestore import DocumentEventData

OK = 200


@dataclass(frozen=True)
class Received:
    """One request; names of headers are lower-case."""

    path: str
    headers: Mapping[str, str]
    body: bytes
    at: float

    @property
    def key(self) -> str:
        return self.path.rpartition("/")[2]

    @property
    def is_v1(self) -> bool:
        return self.headers["content-type"] == "application/json"

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def attributes(self) -> dict[str, str]:
        """The CloudEvent's attributes."""
        found = {name: value for name, value in self.headers.items() if name.startswith("ce-")}
        return {name.removeprefix("ce-"): value.encode("latin-1").decode() for name, value in found.items()}

    @property
    def data(self) -> Any:
        """The DocumentEventData, whether it came raw or in base64."""
        raw = self.body if self.body[:1] in (b"\x0a", b"\x12", b"\x1a", b"") else b64decode(self.body, validate=True)
        return DocumentEventData.deserialize(raw)


class Receiver:
    """Answers each request with the status that `answer` gives; None hangs up without an answer."""

    def __init__(self, answer: Callable[[Received], int | None] = lambda _: OK, *, port: int = 0) -> None:
        self.answer = answer
        self._received: list[Received] = []
        self._came = threading.Condition()
        self._server = ThreadingHTTPServer(("127.0.0.1", port), self._handler())
        self._server.daemon_threads = True
        self._server.block_on_close = False
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self._server.server_port}"

    @property
    def received(self) -> list[Received]:
        with self._came:
            return list(self._received)

    def wait_for(self, enough: Callable[[list[Received]], bool], *, timeout_s: float = 30.0) -> list[Received]:
        """What has come when it is enough, or when the time is up."""
        with self._came:
            self._came.wait_for(lambda: enough(self._received), timeout_s)
            return list(self._received)

    def first(self, count: int) -> list[Received]:
        return self.wait_for(lambda received: len(received) >= count)

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _keep(self, request: Received) -> None:
        with self._came:
            self._received.append(request)
            self._came.notify_all()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                headers = {name.lower(): value for name, value in self.headers.items()}
                request = Received(self.path, headers, body, time.monotonic())
                outer._keep(request)
                status = outer.answer(request)
                if status is None:
                    self.close_connection = True
                    return
                self.send_response(status)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                """Says nothing."""

        return Handler


@contextmanager
def receiving(answer: Callable[[Received], int | None] = lambda _: OK, *, port: int = 0) -> Iterator[Receiver]:
    """A receiver for as long as the block runs."""
    receiver = Receiver(answer, port=port)
    try:
        yield receiver
    finally:
        receiver.close()
