"""One attempt to deliver an event over HTTP, and how it ended."""

from __future__ import annotations

import http.client
from enum import Enum
from http import HTTPStatus

from firewarden.triggers.outgoing import Outgoing

_CONNECT_S, _ANSWER_S = 10.0, 600.0
_TRANSIENT = (HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS)


class Ending(Enum):
    """How an attempt ended."""

    DELIVERED = "delivered"
    NOT_SERVED = "not served"
    """There is no such function."""
    REFUSED = "refused"
    """The same request would be refused again."""
    FAILED = "failed"
    """The same request may do better later."""
    AWAY = "away"
    """Nobody listens there."""


def post(address: str, request: Outgoing) -> tuple[Ending, str]:
    """Send a request to `host:port`; the text says what went wrong."""
    connection = http.client.HTTPConnection(address, timeout=_CONNECT_S)
    try:
        try:
            connection.connect()
        except OSError as error:
            return Ending.AWAY, str(error)
        connection.sock.settimeout(_ANSWER_S)
        connection.request("POST", request.path, request.body, request.headers)
        answer = connection.getresponse()
        answer.read()
    except (OSError, http.client.HTTPException) as error:
        return Ending.FAILED, f"{type(error).__name__}: {error}"
    finally:
        connection.close()
    return _ending(answer.status), f"HTTP {answer.status}"


def _ending(status: int) -> Ending:
    if status < HTTPStatus.BAD_REQUEST:
        return Ending.DELIVERED
    if status == HTTPStatus.NOT_FOUND:
        return Ending.NOT_SERVED
    is_transient = status in _TRANSIENT or status >= HTTPStatus.INTERNAL_SERVER_ERROR
    return Ending.FAILED if is_transient else Ending.REFUSED
