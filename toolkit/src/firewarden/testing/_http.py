"""A connection that stays open, for many small requests to a server on this machine. Knows nothing of Firestore.

The standard library's client takes a fifth of the time of httpx, which is most of what clearing a database takes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from http.client import HTTPConnection, HTTPException
from threading import Lock
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode

_SAFE = "/:()?&=%~*"
"""What may stand in a path as it is."""
_FAILED = 400


class Answer(NamedTuple):
    """The status, and the body as text."""

    status: int
    text: str

    @property
    def is_error(self) -> bool:
        """Whether the request was refused."""
        return self.status >= _FAILED

    def content(self) -> Any:
        """The body as JSON; an empty one is an empty object."""
        return json.loads(self.text) if self.text.strip() else {}


class Connection:
    """To `host`, which is ``name:port``. One request at a time; proxies are for the outside world."""

    def __init__(self, host: str, *, timeout_s: float) -> None:
        self._connection = HTTPConnection(host, timeout=timeout_s)
        self._turn = Lock()

    def close(self) -> None:
        """End the connection; the next request would open another one."""
        self._connection.close()

    def request(
        self, method: str, path: str, *, params: Mapping[str, str] | None = None, body: object = None
    ) -> Answer:
        """The answer, whatever its status. Raises TimeoutError, or OSError if there is nobody who answers."""
        target = quote(path, safe=_SAFE) + (f"?{urlencode(params)}" if params else "")
        data = None if body is None else json.dumps(body).encode()
        with self._turn:
            is_old = self._connection.sock is not None
            try:
                return self._answer(method, target, data)
            except TimeoutError:
                self._connection.close()
                raise
            except (OSError, HTTPException) as fault:
                self._connection.close()
                if not is_old:
                    raise _plain(fault) from fault
            try:  # a server may close a connection that nobody has used for a while
                return self._answer(method, target, data)
            except HTTPException as fault:
                self._connection.close()
                raise _plain(fault) from fault

    def _answer(self, method: str, target: str, data: bytes | None) -> Answer:
        headers = {} if data is None else {"Content-Type": "application/json"}
        self._connection.request(method, target, data, headers)
        answer = self._connection.getresponse()
        return Answer(answer.status, answer.read().decode(errors="replace"))


def _plain(fault: OSError | HTTPException) -> OSError:
    return fault if isinstance(fault, OSError) else ConnectionError(str(fault) or type(fault).__name__)
