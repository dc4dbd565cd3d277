"""Resume tokens: the moment of the snapshot that a client has seen, and the last commit that it shows."""

from __future__ import annotations

import struct
from typing import NamedTuple

from firewarden.values import Timestamp

_FORM = struct.Struct(">cQQ")
_MARK = b"\x01"


class Token(NamedTuple):
    """`version` is the time of the last commit at `moment`: a database that never had it is another one."""

    moment: Timestamp
    version: Timestamp

    def encoded(self) -> bytes:
        """As clients keep it."""
        return _FORM.pack(_MARK, self.moment.nanos, self.version.nanos)


def read_token(data: bytes) -> Token | None:
    """A token as a client sends it back; None if it is not one of ours."""
    if len(data) != _FORM.size or not data.startswith(_MARK):
        return None
    _, moment, version = _FORM.unpack(data)
    return Token(Timestamp(moment), Timestamp(version))
