"""Header blocks as they come: in a HEADERS frame, and in CONTINUATION frames right after it."""

from __future__ import annotations

from dataclasses import dataclass

from firewarden.server.transports.http2.frames import (
    END_HEADERS,
    END_STREAM,
    HAS_PRIORITY,
    PADDED,
    STREAM_ID_MAX,
    ConnectionFault,
    ErrorCode,
    unpadded,
)

_PRIORITY_BYTES = 5


@dataclass(frozen=True, slots=True)
class HeaderBlock:
    """A complete block. `ends` says that no body follows."""

    stream_id: int
    data: bytes
    ends: bool
    depends_on_itself: bool = False


class BlockAssembler:
    """Joins the frames of a block. Between them nothing else may come (RFC 9113, section 6.10)."""

    def __init__(self, *, limit: int) -> None:
        self._limit = limit
        self._open: HeaderBlock | None = None
        self._parts: list[bytes] = []
        self._size = 0
        self.awaits: int | None = None
        """The stream whose CONTINUATION must come next."""

    def headers(self, flags: int, stream_id: int, payload: bytes) -> HeaderBlock | None:
        """A HEADERS frame: the block, if it is complete with it."""
        if stream_id % 2 == 0:
            raise ConnectionFault(ErrorCode.PROTOCOL_ERROR, "HEADERS on an even stream")
        if flags & PADDED:
            payload = unpadded(payload)
        on_itself = False
        if flags & HAS_PRIORITY:
            if len(payload) < _PRIORITY_BYTES:
                raise ConnectionFault(ErrorCode.FRAME_SIZE_ERROR, "HEADERS too short for its priority")
            on_itself = int.from_bytes(payload[:4], "big") & STREAM_ID_MAX == stream_id
            payload = payload[_PRIORITY_BYTES:]
        block = HeaderBlock(stream_id, payload, bool(flags & END_STREAM), on_itself)
        if flags & END_HEADERS:
            return block
        self._open, self._parts, self._size = block, [payload], len(payload)
        self.awaits = stream_id
        return None

    def continuation(self, flags: int, payload: bytes) -> HeaderBlock | None:
        """A CONTINUATION frame: the block, if it is complete with it."""
        block = self._open
        if block is None:
            raise ConnectionFault(ErrorCode.PROTOCOL_ERROR, "CONTINUATION of nothing")
        self._parts.append(payload)
        self._size += len(payload)
        if self._size > self._limit or len(self._parts) > self._limit:  # empty frames count, too
            raise ConnectionFault(ErrorCode.ENHANCE_YOUR_CALM, "a header block without end")
        if not flags & END_HEADERS:
            return None
        self._open = self.awaits = None
        return HeaderBlock(block.stream_id, b"".join(self._parts), block.ends, block.depends_on_itself)
