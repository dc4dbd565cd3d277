"""Frames that neither open a stream nor carry a part of it: checked, and answered where that is all there is to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from firewarden.server.transports.http2.frames import (
    ACK,
    PING,
    STREAM_ID_MAX,
    ConnectionFault,
    ErrorCode,
    StreamFault,
    frame,
)

if TYPE_CHECKING:
    from firewarden.server.transports.http2.connection import Connection

_PING_BYTES = 8
_PRIORITY_BYTES = 5


def ping(connection: Connection, flags: int, stream_id: int, payload: bytes) -> None:
    """Section 6.7: what it carries is sent back."""
    if stream_id:
        raise ConnectionFault(ErrorCode.PROTOCOL_ERROR, "PING on a stream")
    if len(payload) != _PING_BYTES:
        raise ConnectionFault(ErrorCode.FRAME_SIZE_ERROR, f"PING is not {_PING_BYTES} bytes")
    if not flags & ACK:
        connection.output.emit(frame(PING, ACK, 0, payload))


def priority(_connection: Connection, _flags: int, stream_id: int, payload: bytes) -> None:
    """Section 6.3: nobody goes before others here, but the frame must be right."""
    if stream_id == 0:
        raise ConnectionFault(ErrorCode.PROTOCOL_ERROR, "PRIORITY without a stream")
    if len(payload) != _PRIORITY_BYTES:
        raise StreamFault(stream_id, ErrorCode.FRAME_SIZE_ERROR, f"PRIORITY is not {_PRIORITY_BYTES} bytes")
    if int.from_bytes(payload[:4], "big") & STREAM_ID_MAX == stream_id:
        raise StreamFault(stream_id, ErrorCode.PROTOCOL_ERROR, "a stream depends on itself")


def goaway(_connection: Connection, _flags: int, stream_id: int, _payload: bytes) -> None:
    """Section 6.8: this side opens no streams anyway."""
    if stream_id:
        raise ConnectionFault(ErrorCode.PROTOCOL_ERROR, "GOAWAY on a stream")


def push_promise(_connection: Connection, _flags: int, _stream_id: int, _payload: bytes) -> None:
    """Section 8.4: only servers push."""
    raise ConnectionFault(ErrorCode.PROTOCOL_ERROR, "a client must not push")
