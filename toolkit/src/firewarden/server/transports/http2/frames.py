"""Frames of HTTP/2 as bytes (RFC 9113, sections 4 and 6), and the two ways in which a peer can be wrong."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from enum import IntEnum
from typing import Final

PREFACE: Final = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"

DATA: Final = 0x0
HEADERS: Final = 0x1
PRIORITY: Final = 0x2
RST_STREAM: Final = 0x3
SETTINGS: Final = 0x4
PUSH_PROMISE: Final = 0x5
PING: Final = 0x6
GOAWAY: Final = 0x7
WINDOW_UPDATE: Final = 0x8
CONTINUATION: Final = 0x9

END_STREAM: Final = 0x1
ACK: Final = 0x1
END_HEADERS: Final = 0x4
PADDED: Final = 0x8
HAS_PRIORITY: Final = 0x20

ENABLE_PUSH: Final = 0x2
MAX_CONCURRENT_STREAMS: Final = 0x3
INITIAL_WINDOW_SIZE: Final = 0x4
MAX_FRAME_SIZE: Final = 0x5
MAX_HEADER_LIST_SIZE: Final = 0x6

HEADER_BYTES: Final = 9
FRAME_BYTES: Final = 16_384
"""The longest payload that everybody takes; we never ask for more."""
FRAME_BYTES_MAX: Final = (1 << 24) - 1
WINDOW: Final = 65_535
"""How much may be sent before the other side has said more."""
WINDOW_MAX: Final = (1 << 31) - 1
STREAM_ID_MAX: Final = (1 << 31) - 1


class ErrorCode(IntEnum):
    """Why a stream or a connection ends (section 7)."""

    NO_ERROR = 0x0
    PROTOCOL_ERROR = 0x1
    INTERNAL_ERROR = 0x2
    FLOW_CONTROL_ERROR = 0x3
    SETTINGS_TIMEOUT = 0x4
    STREAM_CLOSED = 0x5
    FRAME_SIZE_ERROR = 0x6
    REFUSED_STREAM = 0x7
    CANCEL = 0x8
    COMPRESSION_ERROR = 0x9
    CONNECT_ERROR = 0xA
    ENHANCE_YOUR_CALM = 0xB


class ConnectionFault(Exception):  # noqa: N818 - not an error of this side
    """The peer broke the protocol so that nothing after it can be understood."""

    def __init__(self, code: ErrorCode, message: str) -> None:
        super().__init__(message)
        self.code = code


class StreamFault(Exception):  # noqa: N818 - as above
    """The peer broke the protocol on one stream; the others go on."""

    def __init__(self, stream_id: int, code: ErrorCode, message: str) -> None:
        super().__init__(message)
        self.stream_id = stream_id
        self.code = code


_frame_header = struct.Struct(">HBBBI").pack


def frame(kind: int, flags: int, stream_id: int, payload: bytes = b"") -> bytes:
    """One frame."""
    size = len(payload)
    return _frame_header(size >> 8, size & 0xFF, kind, flags, stream_id) + payload


def header_frames(flags: int, stream_id: int, block: bytes, *, limit: int) -> bytes:
    """A header block: one frame, and CONTINUATION frames for what is longer than `limit`."""
    if len(block) <= limit:
        return frame(HEADERS, flags | END_HEADERS, stream_id, block)
    parts = [block[start : start + limit] for start in range(0, len(block), limit)]
    frames = [frame(HEADERS, flags, stream_id, parts[0])]
    frames += [frame(CONTINUATION, 0, stream_id, part) for part in parts[1:-1]]
    frames.append(frame(CONTINUATION, END_HEADERS, stream_id, parts[-1]))
    return b"".join(frames)


def answer_frames(stream_id: int, block: bytes, data: bytes, end_block: bytes) -> bytes:
    """A whole answer, no part of which needs more than one frame: headers, body, trailers."""
    size, start, end = len(data), len(block), len(end_block)
    return b"".join(
        (
            _frame_header(start >> 8, start & 0xFF, HEADERS, END_HEADERS, stream_id),
            block,
            _frame_header(size >> 8, size & 0xFF, DATA, 0, stream_id),
            data,
            _frame_header(end >> 8, end & 0xFF, HEADERS, END_HEADERS | END_STREAM, stream_id),
            end_block,
        )
    )


def settings(values: dict[int, int]) -> bytes:
    """A SETTINGS frame."""
    return frame(SETTINGS, 0, 0, b"".join(struct.pack(">HI", *each) for each in values.items()))


def read_settings(payload: bytes) -> Iterator[tuple[int, int]]:
    """The identifiers and values of a SETTINGS frame, checked."""
    if len(payload) % 6:
        raise ConnectionFault(ErrorCode.FRAME_SIZE_ERROR, "SETTINGS is no multiple of 6 bytes")
    for identifier, value in struct.iter_unpack(">HI", payload):
        if identifier == ENABLE_PUSH and value > 1:
            raise ConnectionFault(ErrorCode.PROTOCOL_ERROR, "ENABLE_PUSH is neither 0 nor 1")
        if identifier == INITIAL_WINDOW_SIZE and value > WINDOW_MAX:
            raise ConnectionFault(ErrorCode.FLOW_CONTROL_ERROR, "INITIAL_WINDOW_SIZE is above 2^31-1")
        if identifier == MAX_FRAME_SIZE and not FRAME_BYTES <= value <= FRAME_BYTES_MAX:
            raise ConnectionFault(ErrorCode.PROTOCOL_ERROR, "MAX_FRAME_SIZE is not within 2^14 and 2^24-1")
        yield identifier, value


def goaway(last_stream_id: int, code: ErrorCode, reason: str = "") -> bytes:
    """A GOAWAY frame: streams above `last_stream_id` were not looked at."""
    return frame(GOAWAY, 0, 0, struct.pack(">II", last_stream_id, code) + reason.encode())


def rst_stream(stream_id: int, code: ErrorCode) -> bytes:
    """A RST_STREAM frame."""
    return frame(RST_STREAM, 0, stream_id, code.to_bytes(4, "big"))


def window_update(stream_id: int, increment: int) -> bytes:
    """A WINDOW_UPDATE frame; stream 0 is the connection."""
    return frame(WINDOW_UPDATE, 0, stream_id, increment.to_bytes(4, "big"))


def unpadded(payload: bytes) -> bytes:
    """What a padded payload carries."""
    if not payload or payload[0] >= len(payload):
        raise ConnectionFault(ErrorCode.PROTOCOL_ERROR, "padding is longer than the frame")
    return payload[1 : len(payload) - payload[0]]
