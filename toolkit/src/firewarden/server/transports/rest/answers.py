"""Answers over HTTP: messages, streams of them, and errors."""

from __future__ import annotations

import json
from typing import Any

from firewarden.firestore.status import Code, StatusError
from firewarden.server.transports.interface import HttpResponse

JSON = "application/json"
HTTP_STATUS = {
    Code.OK: 200,
    Code.CANCELLED: 499,
    Code.UNKNOWN: 500,
    Code.INVALID_ARGUMENT: 400,
    Code.DEADLINE_EXCEEDED: 504,
    Code.NOT_FOUND: 404,
    Code.ALREADY_EXISTS: 409,
    Code.PERMISSION_DENIED: 403,
    Code.RESOURCE_EXHAUSTED: 429,
    Code.FAILED_PRECONDITION: 400,
    Code.ABORTED: 409,
    Code.OUT_OF_RANGE: 400,
    Code.UNIMPLEMENTED: 501,
    Code.INTERNAL: 500,
    Code.UNAVAILABLE: 503,
    Code.DATA_LOSS: 500,
    Code.UNAUTHENTICATED: 401,
}
"""https://github.com/googleapis/googleapis/blob/master/google/rpc/code.proto"""


def error(status: StatusError) -> HttpResponse:
    """A refused request, laid out as the emulator does: on one line, slashes escaped, no message if there is none."""
    inside: dict[str, Any] = {"code": HTTP_STATUS[status.code], "message": status.message, "status": status.code.name}
    if not status.message:
        del inside["message"]
    text = json.dumps({"error": inside}, ensure_ascii=False, separators=(",", ":")).replace("/", "\\/")
    return HttpResponse(HTTP_STATUS[status.code], text.encode(), JSON)
