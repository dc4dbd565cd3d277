"""How calls end: a status and a text in the trailers, or in the headers if there is nothing else."""

from __future__ import annotations

import re

from firewarden.firestore.status import Code, StatusError
from firewarden.server.transports.http2.headers import literal

HEADERS = literal([(":status", "200"), ("content-type", "application/grpc")])
"""What precedes an answer."""
OK = literal([("grpc-status", "0")])

_ENCODED = re.compile(r"[^ -~]|%")
_MESSAGE_BYTES = 7_000
"""Clients refuse trailers of more than 8 KiB altogether."""


def failed(status: StatusError) -> bytes:
    """Trailers of a call that has sent something already."""
    return literal(_status(status))


def only_failed(status: StatusError) -> bytes:
    """Headers and trailers in one, of a call that has sent nothing."""
    return literal([(":status", "200"), ("content-type", "application/grpc"), *_status(status)])


def not_grpc(http_status: int) -> bytes:
    """Headers of the answer to a request that is no call; a text follows."""
    headers = [(":status", str(http_status)), ("content-type", "text/plain; charset=utf-8")]
    return literal([*headers, ("grpc-status", str(int(Code.INTERNAL)))])


def _status(status: StatusError) -> list[tuple[str, str]]:
    pairs = [("grpc-status", str(int(status.code)))]
    if status.message:
        pairs.append(("grpc-message", percent_encoded(status.message)))
    return pairs


def percent_encoded(message: str) -> str:
    """A text as `grpc-message` carries it; a very long one is cut."""
    if len(message) <= _MESSAGE_BYTES and not _ENCODED.search(message):
        return message
    pieces, room = [], _MESSAGE_BYTES
    for character in message:
        piece = _ENCODED.sub(_percent, character)
        room -= len(piece)
        if room < 0:
            pieces.append(" ...")
            break
        pieces.append(piece)
    return "".join(pieces)


def _percent(found: re.Match[str]) -> str:
    return "".join(f"%{byte:02X}" for byte in found.group().encode("utf-8", "replace"))
