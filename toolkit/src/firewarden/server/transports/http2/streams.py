"""The streams of one connection: which are open, which were, and which may still come (RFC 9113, section 5.1)."""

from __future__ import annotations

from typing import Final

from firewarden.server.transports.http2.frames import WINDOW, WINDOW_MAX, ConnectionFault, ErrorCode, StreamFault
from firewarden.server.transports.http2.stream import Stream

_RESET_STREAMS_REMEMBERED: Final = 1_000


class Streams:
    """Streams by their ids; `send_window` is how much the peer lets each one send at first."""

    __slots__ = ("_reset_ids", "last_id", "open", "send_window")

    def __init__(self) -> None:
        self.open: dict[int, Stream] = {}
        self.last_id = 0
        self.send_window = WINDOW
        self._reset_ids: set[int] = set()

    def was_reset(self, stream_id: int) -> bool:
        """Whether this side has ended a stream early: what the peer still sends on it is ignored."""
        return stream_id in self._reset_ids

    def remove(self, stream: Stream, *, was_reset: bool) -> None:
        """The stream is over."""
        if self.open.pop(stream.id, None) is not None and was_reset:
            if len(self._reset_ids) >= _RESET_STREAMS_REMEMBERED:
                self._reset_ids.clear()
            self._reset_ids.add(stream.id)

    def check_not_idle(self, stream_id: int, *, is_closing: bool) -> None:
        """Refuse a frame on a stream that was never opened; once it `is_closing`, this side did not look at all."""
        if stream_id == 0 or stream_id > self.last_id or stream_id % 2 == 0:
            if is_closing and stream_id % 2:
                return
            raise ConnectionFault(ErrorCode.PROTOCOL_ERROR, f"stream {stream_id} is not open")

    def change_windows(self, value: int) -> None:
        """The peer lets each stream send another amount at first, also those that are open already."""
        change = value - self.send_window
        self.send_window = value
        for stream in self.open.values():
            stream.send_window += change
            if stream.send_window > WINDOW_MAX:
                raise ConnectionFault(ErrorCode.FLOW_CONTROL_ERROR, "a window grew above 2^31-1")

    def widened(self, stream_id: int, increment: int, *, is_closing: bool) -> Stream | None:
        """The peer lets a stream send more; returns it, if it is not over."""
        self.check_not_idle(stream_id, is_closing=is_closing)
        stream = self.open.get(stream_id)
        if stream is None:
            return None
        if not increment:
            raise StreamFault(stream_id, ErrorCode.PROTOCOL_ERROR, "WINDOW_UPDATE of 0")
        stream.send_window += increment
        if stream.send_window > WINDOW_MAX:
            raise StreamFault(stream_id, ErrorCode.FLOW_CONTROL_ERROR, "a window grew above 2^31-1")
        return stream
