"""Arrays of messages as a client cuts them out of the stream: a length, a line break, the text."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import NamedTuple

VERSION, SERVER_VERSION = 8, 12
KEEPALIVE_SINCE = 22
"""The version of a client (CVER) that understands how often it will hear something."""

NOOP, STOP, CLOSE = '["noop"]', '["stop"]', '["close"]'
"""Nothing; the session is over by a failure; it is over."""


class Text(NamedTuple):
    """Part of a frame. Lengths are counted as JavaScript counts them, in units of UTF-16."""

    data: bytes
    units: int


def text(content: str) -> Text:
    """A text with its length."""
    data = content.encode()
    if len(data) == len(content):
        return Text(data, len(data))
    return Text(data, len(content) + sum(each > "\uffff" for each in content))


def array(number: int, payload: str) -> Text:
    """One message under its number in the session."""
    return text(f"[{number},{payload}]")


def frame(arrays: Iterable[Text]) -> bytes:
    """Several messages that travel together."""
    parts = list(arrays)
    units = sum(each.units for each in parts) + len(parts) + 1  # commas between them, brackets around them
    return b"%d\n[%b]" % (units, b",".join(each.data for each in parts))


def opened(session: str, *, client_version: int, keepalive_seconds: float) -> bytes:
    """The answer to a handshake."""
    told: list[str | int] = ["c", session, "", VERSION, SERVER_VERSION]
    if client_version >= KEEPALIVE_SINCE:
        told.append(int(keepalive_seconds * 1_000))
    return frame([array(0, json.dumps(told, separators=(",", ":")))])


def heard(*, is_attached: bool, last_sent: int, outstanding_bytes: int) -> bytes:
    """The answer to a request of the forward channel: it lets the client see that its back channel is dead."""
    said = text(f"[{int(is_attached)},{last_sent},{outstanding_bytes}]")
    return b"%d\n%b" % (said.units, said.data)
