"""The emulator's own HTTP interface: rules, clearing, index reports, triggers. Never documents."""

from __future__ import annotations

import re
import time
from typing import Any, Self

from firewarden.errors import EmulatorFailed, Issue, NotMetered, RequestFailed, RulesRejected
from firewarden.testing._http import Answer, Connection

_DEFAULT_DATABASE = "(default)"
_BAD_REQUEST, _NOT_FOUND = 400, 404


class EmulatorControl:
    """One connection to a Firestore emulator's control interface; `host` is ``name:port``."""

    def __init__(self, host: str, *, timeout_s: float = 120.0) -> None:
        self.host = host
        self._timeout_s = timeout_s
        self._connection = Connection(host, timeout_s=timeout_s)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Ends the connection."""
        self._connection.close()

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
        connection = Connection(self.host, timeout_s=2.0)
        try:
            return connection.request("GET", "/").text.strip() == "Ok"
        except OSError:
            return False
        finally:
            connection.close()

    def put_rules(self, project: str, text: str) -> list[Issue]:
        """Rules with an error are never put in force: raises RulesRejected. Returns the warnings."""
        # Not with `ignore_errors`: the emulator then puts broken rules in force and refuses every request.
        body = {"rules": {"files": [{"name": "firestore.rules", "content": text}]}}
        path = f"/emulator/v1/projects/{project}:securityRules"
        answer = self._send("PUT", path, body=body)
        if answer.status == _BAD_REQUEST:
            raise RulesRejected(
                f"The emulator does not accept the rules for project {project}:",
                issues=_compile_errors(_error_text(answer)),
                hint="The rules in force before stay in force.",
            )
        return [_issue(entry) for entry in self._content(answer, "PUT", path).get("issues", ())]

    def clear(self, project: str, *, database: str = _DEFAULT_DATABASE) -> None:
        """Removes every document of the database; rules and triggers stay."""
        self._ask("DELETE", f"/emulator/v1/projects/{project}/databases/{database}/documents")

    def index_usage(self, project: str, *, database: str = _DEFAULT_DATABASE) -> list[dict[str, Any]]:
        """The composite indexes that the queries run so far would have needed, as the emulator reports them."""
        name = f"projects/{project}/databases/{database}"
        answer = self._ask("GET", f"/emulator/v1/projects/{project}:indexUsage", params={"database": name})
        return list(answer.get("reports", ()))

    def meter(self, project: str, *, after: int | None = None) -> dict[str, Any]:
        """What the project's requests would have cost; single ones that follow a number, where they are kept."""
        return self._metered("GET", project, params={} if after is None else {"after": str(after)})

    def record_requests(self, project: str) -> dict[str, Any]:
        """From now on single requests of the project are kept for the meter, which answers as it stands."""
        return self._metered("PUT", project, body={"records": True})

    def _metered(self, method: str, project: str, **options: Any) -> dict[str, Any]:
        path = f"/emulator/v1/projects/{project}:meter"
        answer = self._send(method, path, **options)
        if answer.status == _NOT_FOUND:
            raise NotMetered(
                f"The Firestore at {self.host} is not metered.",
                hint="Firewarden's own server is; Google's emulator does not count what requests would cost.",
            )
        return self._content(answer, method, path)

    def denials(self, project: str) -> str:
        """Why the last requests of users were denied since the database was cleared, if the server keeps denials."""
        return str(self._ask("GET", f"/emulator/v1/projects/{project}:denials")["explained"])

    def rule_coverage(self, project: str) -> dict[str, Any]:
        """What the expressions of the project's rules came to so far, as the emulator reports it."""
        return self._ask("GET", f"/emulator/v1/projects/{project}:ruleCoverage")

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
        path = f"/emulator/v1/projects/{project}/eventarcTrigger"
        self._ask("POST", path, params={"eventarcTriggerId": key}, body=body)

    def _ask(self, method: str, path: str, **options: Any) -> dict[str, Any]:
        return self._content(self._send(method, path, **options), method, path)

    def _send(self, method: str, path: str, **options: Any) -> Answer:
        try:
            return self._connection.request(method, path, **options)
        except TimeoutError as error:
            raise EmulatorFailed(
                f"The Firestore emulator at {self.host} did not answer {method} {path} within {self._timeout_s:g} s.",
                hint="It hangs, or this machine is too busy; its log may say more.",
            ) from error
        except OSError as error:
            raise EmulatorFailed(
                f"The Firestore emulator at {self.host} does not answer {method} {path}: {error}.",
                hint="It may have ended; its log says why.",
            ) from error

    def _content(self, answer: Answer, method: str, path: str) -> dict[str, Any]:
        if answer.is_error:
            raise RequestFailed(
                f"The Firestore emulator at {self.host} refused {method} {path}: {answer.status} {_error_text(answer)}"
            )
        content: dict[str, Any] = answer.content()
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


def _error_text(answer: Answer) -> str:
    try:
        return str(answer.content()["error"]["message"])
    except (ValueError, KeyError, TypeError):
        return answer.text.strip()
