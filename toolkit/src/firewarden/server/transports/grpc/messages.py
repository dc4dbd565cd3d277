"""Messages as bytes, and on a stream: a flag, a length and the bytes; compressed ones are unpacked within the limit."""

from __future__ import annotations

import struct
import zlib
from typing import Any

from firewarden.firestore.status import Code, StatusError
from firewarden.server.transports.interface import Method

PREFIX_BYTES = 5
_GZIP = 16 + zlib.MAX_WBITS
_prefix = struct.Struct(">BI").pack
_read_prefix = struct.Struct(">BI").unpack_from
ENCODINGS = ("identity", "gzip")
"""What a client may compress with."""


def message_bytes(message: Any) -> bytes:
    """What a handler has answered, as bytes."""
    return message if isinstance(message, bytes) else bytes(message.SerializeToString())


def parsed(method: Method, data: bytes) -> Any:
    """A request's message. The status of one that is malformed is the emulator's."""
    if method.request is None:
        return data
    try:
        return method.request.FromString(data)
    except Exception as fault:  # protobuf's DecodeError; importing its name would cost more than it tells
        name = method.request.DESCRIPTOR.full_name
        raise StatusError(Code.UNKNOWN, f"The request is no {name}: {fault}") from fault


def encoded(message: Any) -> bytes:
    """What a handler has answered as it is sent: uncompressed."""
    data = message if type(message) is bytes else message_bytes(message)
    return _prefix(0, len(data)) + data


def whole_message(body: bytes, limit: int) -> bytes | None:
    """The message that a body is, if it is one alone that is not compressed."""
    if len(body) < PREFIX_BYTES:
        return None
    flag, size = _read_prefix(body)
    return None if flag or size > limit or size != len(body) - PREFIX_BYTES else body[PREFIX_BYTES:]


class MessageReader:
    """Cuts what comes in into messages."""

    __slots__ = ("_buffer", "_encoding", "_limit")

    def __init__(self, *, limit: int, encoding: str) -> None:
        self._limit = limit
        self._encoding = encoding
        self._buffer = bytearray()

    @property
    def is_amid_message(self) -> bool:
        """Some of a message has come, and not all."""
        return bool(self._buffer)

    def feed(self, data: bytes) -> list[bytes]:
        """The messages that are complete now. `StatusError` for one that is too long or cannot be unpacked."""
        buffer = self._buffer
        buffer += data
        found = []
        while len(buffer) >= PREFIX_BYTES:
            size = int.from_bytes(buffer[1:PREFIX_BYTES], "big")
            if size > self._limit:
                raise too_large(self._limit, size)
            stop = PREFIX_BYTES + size
            if len(buffer) < stop:
                break
            flag, message = buffer[0], bytes(buffer[PREFIX_BYTES:stop])
            del buffer[:stop]
            found.append(self._unpacked(message) if flag else message)
        return found

    def _unpacked(self, message: bytes) -> bytes:
        if self._encoding != "gzip":
            raise StatusError(Code.INTERNAL, "A message is compressed, but grpc-encoding does not say how.")
        unpacker = zlib.decompressobj(_GZIP)
        try:
            data = unpacker.decompress(message, self._limit)
        except zlib.error as fault:
            raise StatusError(Code.INTERNAL, f"A message could not be unpacked: {fault}") from fault
        if unpacker.unconsumed_tail:
            raise too_large(self._limit, None)
        return data


def too_large(limit: int, size: int | None) -> StatusError:
    """The emulator's words, with our limit."""
    found = "compressed" if size is None else size
    return StatusError(Code.RESOURCE_EXHAUSTED, f"gRPC message exceeds maximum size {limit}: {found}")
