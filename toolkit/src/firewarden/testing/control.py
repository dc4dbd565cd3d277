"""The emulator's own HTTP interface: rules, clearing, index reports, triggers. Never documents."""

from __future__ import annotations

import re
import time
from typing import Any, Self
from urllib.parse import quote

import httpx

from firewarden.errors import EmulatorFailed, Issue, RequestFailed, RulesRejected

_DEFAULT_DATABASE = "(default)"


class EmulatorControl:
    """One connection to a Firestore emulator's control interface; `host` is ``name:port``."""

    def __init__(self, host: str, *, timeout_s: float = 120.0) -> None:
        self.host = host
        self._timeout_s = timeout_s
        # Proxy settings of the environment are for the outside world, not for this machine.
        self._http = httpx.Client(base_url=f"http://{host}", timeout=timeout_s, trust_env=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Ends the connection."""
        self._http.close()

    def wait_ready(self, timeout_s: float = 60.0) -> None:
        """A server is ready when it says ``Ok`` to ``GET /``; raises EmulatorFailed when it does not in time."""
        deadline = time.monotonic() + timeout_s
        while not self.is_ready():
            if time.monotonic() > deadline:
                raise EmulatorFailed(
                    f"No Firestore emulator answered at {self.host} within {timeout_s:g} s.",
                    hint="Is it running, and is this the address it printed as its API endpoint?",
                )
            time.sleep(0.05)

    def is_ready(self) -> bool:
        """Whether the server answers now."""
        try:
            return self._http.get("/", timeout=2).text.strip() == "Ok"
        except httpx.HTTPError:
            return False

    def put_rules(self, project: str, text: str) -> list[Issue]:
        """Rules with an error are never put in force: raises RulesRejected. Returns the warnings."""
        # Not with `ignore_errors`: the emulator then puts broken rules in force and refuses every request.
        body = {"rules": {"files": [{"name": "firestore.rules", "content": text}]}}
        path = f"/emulator/v1/projects/{project}:securityRules"
        answer = self._send("PUT", path, json=body)
        if answer.status_code == httpx.codes.BAD_REQUEST:
            raise RulesRejected(
                f"The emulator does not accept the rules for project {project}:",
                issues=_compile_errors(_error_text(answer)),
                hint="The rules in force before stay in force.",
            )
        return [_issue(entry) for entry in _content(answer).get("issues", ())]

    def clear(self, project: str, *, database: str = _DEFAULT_DATABASE) -> None:
        """Removes every document of the database; rules and triggers stay."""
        self._ask("DELETE", f"/emulator/v1/projects/{project}/databases/{database}/documents")

    def index_usage(self, project: str, *, database: str = _DEFAULT_DATABASE) -> list[dict[str, Any]]:
        """The composite indexes that the queries run so far would have needed, as the emulator reports them."""
        name = f"projects/{project}/databases/{database}"
        answer = self._ask("GET", f"/emulator/v1/projects/{project}:indexUsage", params={"database": name})
        return list(answer.get("reports", ()))

    def register_trigger(
        self, project: str, key: str, *, event_type: str, document: str, database: str = _DEFAULT_DATABASE
    ) -> None:
        """From now on each event of this type on documents that match is delivered to the functions host.

        `document` is a path or a pattern such as ``users/{uid}``; the same `key` again replaces.
        """
        body = {
            "eventType": event_type,
            "database": database,
            "namespace": "(default)",
            "document": {"value": document, "matchType": "PATH_PATTERN" if {"{", "*"} & set(document) else "EXACT"},
        }
        path = f"/emulator/v1/projects/{project}/eventarcTrigger?eventarcTriggerId={quote(key, safe='')}"
        self._ask("POST", path, json=body)

    def _ask(self, method: str, path: str, **options: Any) -> dict[str, Any]:
        return _content(self._send(method, path, **options))

    def _send(self, method: str, path: str, **options: Any) -> httpx.Response:
        try:
            return self._http.request(method, path, **options)
        except httpx.TimeoutException as error:
            raise EmulatorFailed(
                f"The Firestore emulator at {self.host} did not answer {method} {path} within {self._timeout_s:g} s.",
                hint="It hangs, or this machine is too busy; its log may say more.",
            ) from error
        except httpx.TransportError as error:
            raise EmulatorFailed(
                f"The Firestore emulator at {self.host} does not answer {method} {path}: {error}.",
                hint="It may have ended; its log says why.",
            ) from error


def _content(answer: httpx.Response) -> dict[str, Any]:
    if answer.is_error:
        request = answer.request
        raise RequestFailed(
            f"The Firestore emulator at {request.url.netloc.decode()} refused "
            f"{request.method} {request.url.path}: {answer.status_code} {_error_text(answer)}"
        )
    content: dict[str, Any] = answer.json() if answer.content.strip() else {}
    return content


def _issue(entry: dict[str, Any]) -> Issue:
    position = entry.get("sourcePosition", {})
    return Issue(
        severity=entry.get("severity", "ERROR"),
        description=entry.get("description", ""),
        line=position.get("line", 0),
        column=position.get("column", 0),
    )


def _compile_errors(text: str) -> list[Issue]:
    """One issue per ``L<line>:<column> <what>`` line of the emulator's refusal."""
    found = re.findall(r"^L(\d+):(\d+) (.*)$", text, flags=re.MULTILINE)
    located = [Issue("ERROR", what, int(line), int(column)) for line, column, what in found]
    return located or [Issue("ERROR", text)]


def _error_text(answer: httpx.Response) -> str:
    try:
        return str(answer.json()["error"]["message"])
    except (ValueError, KeyError, TypeError):
        return answer.text.strip()
