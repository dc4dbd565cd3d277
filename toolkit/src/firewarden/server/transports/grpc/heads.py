"""A call's headers: which method, until when, how it is packed, and what else the client says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from firewarden.firestore.status import Code, StatusError
from firewarden.server.transports.grpc.messages import ENCODINGS
from firewarden.server.transports.http2.headers import RequestHead

_TIMEOUT_UNITS = {"H": 3_600.0, "M": 60.0, "S": 1.0, "m": 1e-3, "u": 1e-6, "n": 1e-9}
_NO_METADATA = ("content-type", "te", "grpc-timeout", "grpc-encoding", "grpc-accept-encoding", "content-length")


@dataclass(frozen=True, slots=True)
class CallHead:
    """`timeout` is in seconds from the call's start; None is no limit."""

    path: str
    encoding: str
    timeout: float | None
    metadata: Mapping[str, str]


class NotGrpc(Exception):  # noqa: N818 - says what the request is
    """A request over HTTP/2 that is no call: `status` is HTTP's."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


def call_head(head: RequestHead) -> CallHead:
    """What a request's headers say of a call. Answers to what is wrong are the emulator's."""
    headers = head.headers
    kind = headers.get("content-type")
    if kind is None:
        raise NotGrpc(415, "Content-Type is missing from the request")
    if not (kind == "application/grpc" or kind.startswith(("application/grpc+", "application/grpc;"))):
        raise NotGrpc(415, f"Content-Type '{kind}' is not supported")
    if head.method != "POST":
        raise NotGrpc(405, f"Method '{head.method}' is not supported")
    encoding = headers.get("grpc-encoding", "identity")
    if encoding not in ENCODINGS:
        raise StatusError(Code.UNIMPLEMENTED, f"Can't find decompressor for {encoding}; use {' or '.join(ENCODINGS)}.")
    metadata = {name: value for name, value in headers.items() if name not in _NO_METADATA}
    return CallHead(head.path, encoding, _timeout(headers.get("grpc-timeout")), metadata)


def _timeout(text: str | None) -> float | None:
    if text is None:
        return None
    digits, unit = text[:-1], _TIMEOUT_UNITS.get(text[-1:])
    if unit is None or not (digits.isascii() and digits.isdigit()) or len(digits) > 8:
        raise StatusError(Code.INTERNAL, f"grpc-timeout is malformed: {text!r}")
    return int(digits) * unit
