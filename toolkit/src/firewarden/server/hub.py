"""The emulator hub of the Firebase CLI, as far as it speaks of a Firestore: who runs where, and whether functions hear.

`@firebase/rules-unit-testing` looks there for the emulators, and `firebase emulators:export` has it export them.
"""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from types import TracebackType
from typing import Any, Self

from firewarden.errors import FirewardenError, PortInUse
from firewarden.server.background_triggers import BackgroundTriggers

PORT = 4400
"""Where the Firebase CLI has its hub."""
_ANY_ADDRESS = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - what is bound elsewhere, translated for clients
_BODY_BYTES_MAX = 1 << 20


@dataclass(frozen=True, slots=True)
class Emulator:
    """One that runs, by where it listens."""

    name: str
    host: str
    port: int
    websocket_port: int | None = None
    """Where the Emulator UI hears of its requests, if it can."""

    @classmethod
    def at(cls, name: str, address: str) -> Emulator:
        """From `host:port`."""
        host, _, port = address.rpartition(":")
        return cls(name, host.strip("[]"), int(port))

    @property
    def address(self) -> str:
        """Where clients reach it."""
        host = _ANY_ADDRESS.get(self.host, self.host)
        return f"[{host}]:{self.port}" if ":" in host else f"{host}:{self.port}"

    def told(self) -> dict[str, Any]:
        """As the hub lists it: where clients reach it, and where it listens."""
        family = "IPv6" if ":" in self.host else "IPv4"
        host = _ANY_ADDRESS.get(self.host, self.host)
        websocket = {"webSocketHost": host, "webSocketPort": self.websocket_port} if self.websocket_port else {}
        return {
            "name": self.name,
            "host": host,
            "port": self.port,
            "listen": [{"address": self.host, "family": family, "port": self.port}],
            **websocket,
        }


@dataclass(slots=True)
class Hub:
    """What is answered. `export` writes everything into a folder."""

    version: str
    emulators: list[Emulator]
    triggers: BackgroundTriggers | None = None
    export: Callable[[Path], object] | None = None
    own: Emulator = field(default_factory=lambda: Emulator("hub", "127.0.0.1", PORT))

    def locator(self) -> dict[str, Any]:
        """How to find the hub: also what its file holds."""
        return {"version": self.version, "origins": [f"http://{self.own.address}"], "pid": os.getpid()}

    def answer(
        self, method: str, path: str, body: bytes = b"", *, is_page: bool = False
    ) -> tuple[int, Mapping[str, Any]]:
        """The status and the JSON for a request; `is_page` if a page in a browser asks."""
        match method, path:
            case "GET", "/":
                told = self.own.told()
                return 200, {**self.locator(), "host": told["host"], "port": told["port"]}
            case "GET", "/emulators":
                return 200, {each.name: {**each.told(), "pid": os.getpid()} for each in (self.own, *self.emulators)}
            case "PUT", "/functions/disableBackgroundTriggers":
                return self._switch(enabled=False)
            case "PUT", "/functions/enableBackgroundTriggers":
                return self._switch(enabled=True)
            case "POST", "/_admin/export" if self.export is not None:
                return self._export(self.export, body, is_page=is_page)
        return 404, {"message": f"This hub does not answer {method} {path}."}

    def _switch(self, *, enabled: bool) -> tuple[int, Mapping[str, Any]]:
        if self.triggers is None:
            return 400, {"error": "The Cloud Functions emulator is not running."}
        self.triggers.enabled = enabled
        return 200, {"enabled": enabled}

    @staticmethod
    def _export(export: Callable[[Path], object], body: bytes, *, is_page: bool) -> tuple[int, Mapping[str, Any]]:
        if is_page:
            return 403, {"message": "Export cannot be triggered by external callers."}
        try:
            asked = json.loads(body or b"{}")
            folder, targets = asked["path"], asked.get("targets") or ["firestore"]
        except (ValueError, LookupError, TypeError, AttributeError):
            return 400, {"message": "The body must be {path, targets}."}
        if "firestore" not in targets or not isinstance(folder, str):
            return 500, {"message": "No running emulators support import/export."}
        try:
            export(Path(folder))
        except FirewardenError as error:
            return 500, {"message": str(error)}
        return 200, {"message": "OK"}


class HubServer:
    """Serves a hub. Starts when it is entered, stops when it is left. Raises `PortInUse`."""

    def __init__(self, hub: Hub, *, host: str, port: int) -> None:
        self._http = _Http(host, port, _handler(hub))
        hub.own = Emulator("hub", host, self._http.server_port)
        self._hub = hub
        self._thread = Thread(target=self._http.serve_forever, name="firewarden-hub", daemon=True)

    @property
    def address(self) -> str:
        """`host:port`, as FIREBASE_EMULATOR_HUB has it."""
        return self._hub.own.address

    def __enter__(self) -> Self:
        """Answer."""
        self._thread.start()
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        """Answer no more."""
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()


class _Http(ThreadingHTTPServer):
    """Listens at a name or an address of either family."""

    def __init__(self, host: str, port: int, handler: type[BaseHTTPRequestHandler]) -> None:
        self.address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
        try:
            super().__init__((host, port), handler)
        except OSError as error:
            hint = "Another hub listens there: choose another port for this one, with --hub PORT."
            raise PortInUse(f"{host}:{port}: {error.strerror or error}", hint=hint) from error


def _handler(hub: Hub) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 30

        def answer(self) -> None:
            size = self.headers.get("content-length", "0")
            body = self.rfile.read(min(int(size), _BODY_BYTES_MAX)) if size.isdecimal() else b""
            path = self.path.partition("?")[0]
            status, content = hub.answer(self.command, path, body, is_page="origin" in self.headers)
            data = json.dumps(content).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json; charset=utf-8")
            self.send_header("content-length", str(len(data)))
            self.end_headers()
            with suppress(OSError):
                self.wfile.write(data)

        do_GET = do_PUT = do_POST = do_DELETE = answer  # noqa: N815 - the names that http.server looks for

        def log_message(self, *_: Any) -> None:
            """Nobody reads a line for each request."""

    return Handler
