"""What comes in on a connection: cut into frames, wherever the network has cut it before."""

from __future__ import annotations

from collections.abc import Iterator

from firewarden.server.transports.http2.frames import (
    FRAME_BYTES,
    HEADER_BYTES,
    PREFACE,
    STREAM_ID_MAX,
    ConnectionFault,
    ErrorCode,
)

Frame = tuple[int, int, int, bytes]
"""Kind, flags, stream and payload."""


class Input:
    """The bytes of which no frame was made yet. The preface comes before all frames (RFC 9113, section 3.4)."""

    __slots__ = ("_expects_preface", "_rest")

    def __init__(self) -> None:
        self._rest = b""
        self._expects_preface = True

    def frames(self, data: bytes) -> Iterator[Frame]:
        """The frames that are complete with these bytes; all of them are to be taken."""
        data = self._rest + data if self._rest else data
        offset, end = 0, len(data)
        if self._expects_preface:
            if end < len(PREFACE) and PREFACE.startswith(data):
                self._rest = data
                return
            if not data.startswith(PREFACE):
                raise ConnectionFault(ErrorCode.PROTOCOL_ERROR, "no connection preface")
            self._expects_preface, offset = False, len(PREFACE)
        while end - offset >= HEADER_BYTES:
            start = offset + HEADER_BYTES
            stop = start + int.from_bytes(data[offset : offset + 3], "big")
            if stop - start > FRAME_BYTES:
                raise ConnectionFault(ErrorCode.FRAME_SIZE_ERROR, f"a frame of more than {FRAME_BYTES} bytes")
            if stop > end:
                break
            stream_id = int.from_bytes(data[offset + 5 : start], "big") & STREAM_ID_MAX
            yield data[offset + 3], data[offset + 4], stream_id, data[start:stop]
            offset = stop
        self._rest = data[offset:]
