"""The frames of a WebSocket and its handshake (RFC 6455), without I/O."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from enum import IntEnum
from typing import NamedTuple

VERSION = "13"
PAYLOAD_BYTES_MAX = 64 << 10
"""Of one frame of a client, which has nothing to say here."""

_GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"  # section 1.3
_FINAL, _OPCODE, _RESERVED = 0x80, 0x0F, 0x70
_MASKED, _LENGTH = 0x80, 0x7F
_TWO_BYTES, _EIGHT_BYTES = 126, 127
_CONTROL_BYTES_MAX = 125
_MASK_BYTES = 4


class Opcode(IntEnum):
    """What a frame is (section 5.2)."""

    CONTINUATION = 0x0
    TEXT = 0x1
    BINARY = 0x2
    CLOSE = 0x8
    PING = 0x9
    PONG = 0xA

    @property
    def is_control(self) -> bool:
        """Whether it is about the connection: never large, and never in parts."""
        return self >= Opcode.CLOSE


class CloseCode(IntEnum):
    """Why a connection is closed (section 7.4.1)."""

    GOING_AWAY = 1001
    PROTOCOL_ERROR = 1002
    TOO_BIG = 1009


class Frame(NamedTuple):
    """A frame of a client, unmasked."""

    opcode: Opcode
    payload: bytes


class Broken(Exception):  # noqa: N818 - says what the connection is
    """The client does not keep to the protocol; the connection is to be closed with this code."""

    def __init__(self, code: CloseCode) -> None:
        super().__init__(code.name)
        self.code = code


Read = Callable[[int], bytes]
"""Reads exactly so many bytes; fewer only where no more come."""


def accept(key: str) -> str:
    """The answer to a client's `Sec-WebSocket-Key` (section 4.2.2)."""
    return base64.b64encode(hashlib.sha1(f"{key}{_GUID}".encode(), usedforsecurity=False).digest()).decode()


def frame(opcode: Opcode, payload: bytes) -> bytes:
    """A message of the server in one frame, unmasked as the server's are (section 5.1)."""
    size = len(payload)
    if size <= _CONTROL_BYTES_MAX:
        length = bytes((size,))
    elif size < 1 << 16:
        length = bytes((_TWO_BYTES,)) + size.to_bytes(2)
    else:
        length = bytes((_EIGHT_BYTES,)) + size.to_bytes(8)
    return bytes((_FINAL | opcode,)) + length + payload


def close_frame(code: CloseCode) -> bytes:
    """Says that nothing comes any more, and why."""
    return frame(Opcode.CLOSE, code.to_bytes(2))


def read_frame(read: Read) -> Frame | None:
    """The next frame; None where the connection ends. Raises `Broken`."""
    head = read(2)
    if len(head) < 2:
        return None
    try:
        opcode = Opcode(head[0] & _OPCODE)
    except ValueError:
        raise Broken(CloseCode.PROTOCOL_ERROR) from None
    size = head[1] & _LENGTH
    is_whole = bool(head[0] & _FINAL) and size <= _CONTROL_BYTES_MAX
    if head[0] & _RESERVED or not head[1] & _MASKED or (opcode.is_control and not is_whole):
        raise Broken(CloseCode.PROTOCOL_ERROR)
    if size > _CONTROL_BYTES_MAX:
        size = int.from_bytes(read(2 if size == _TWO_BYTES else 8))
    if size > PAYLOAD_BYTES_MAX:
        raise Broken(CloseCode.TOO_BIG)
    data = read(_MASK_BYTES + size)
    if len(data) < _MASK_BYTES + size:
        return None
    mask, masked = data[:_MASK_BYTES], data[_MASK_BYTES:]
    return Frame(opcode, bytes(each ^ mask[index % _MASK_BYTES] for index, each in enumerate(masked)))
