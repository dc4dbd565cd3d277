"""One request and its answer on an HTTP/2 connection: what may be sent when, and what is still to come."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Final, Protocol

from firewarden.server.transports.http2.frames import (
    DATA,
    END_STREAM,
    ErrorCode,
    answer_frames,
    frame,
    header_frames,
    rst_stream,
    window_update,
)
from firewarden.server.transports.http2.headers import RequestHead
from firewarden.server.transports.http2.windows import ReceiveWindow

if TYPE_CHECKING:
    from firewarden.server.transports.http2.connection import Connection


STREAM_WINDOW: Final = 1 << 20
"""How much of a request's body may be on its way, or be kept for a handler that has not asked for it yet."""


class Receiver(Protocol):
    """Whoever answers a stream."""

    def data_received(self, data: bytes) -> None:
        """Some of the request's body."""

    def ended(self, last: bytes) -> None:
        """The body is complete with this, which mostly is all of it."""

    def cancelled(self) -> None:
        """The client does not want the answer any more, or cannot get it."""

    def drained(self) -> None:
        """All that was given to the stream is on its way: there is room for more."""

    def stopping(self) -> None:
        """The server is about to end: what would go on for ever ends now."""


class Stream:
    """Keeps the order of what is sent, and both flow-control windows."""

    __slots__ = (
        "_connection",
        "_end_block",
        "_output",
        "_pending",
        "_receive_window",
        "body_bytes",
        "head",
        "id",
        "is_closed",
        "is_remote_closed",
        "receiver",
        "send_window",
    )

    receiver: Receiver

    def __init__(self, connection: Connection, stream_id: int, head: RequestHead, send_window: int) -> None:
        self._connection = connection
        self._output = connection.output
        self.id = stream_id
        self.head = head
        self.send_window = send_window
        self.body_bytes = 0
        self.is_remote_closed = False
        self.is_closed = False
        self._receive_window: ReceiveWindow | None = None
        self._pending: deque[bytes] | None = None
        self._end_block: bytes | None = None

    @property
    def peer(self) -> str:
        """Who asks."""
        return self._connection.peer

    @property
    def is_writable(self) -> bool:
        """Whether what is sent now leaves at once."""
        return not self._pending and self.send_window > 0 and self._output.may_send(1)

    def answer(self, block: bytes, data: bytes, end_block: bytes) -> None:
        """A whole answer: headers, body, trailers. Either block is short enough for one frame."""
        output, size = self._output, len(data)
        if size > output.frame_bytes or size > self.send_window or not output.may_send(size):
            self.send_headers(block)
            self.send_data(data)
            self.end(end_block)
            return
        output.window -= size
        output.emit(answer_frames(self.id, block, data, end_block))
        self._close()

    def send_headers(self, block: bytes) -> None:
        """The answer's headers; once, before all else."""
        self._output.emit(header_frames(0, self.id, block, limit=self._output.frame_bytes))

    def send_data(self, data: bytes) -> None:
        """Some of the answer's body: leaves as soon as the client has room for it."""
        if data:
            if self._pending is None:
                self._pending = deque()
            self._pending.append(data)
            self.flush()

    def end(self, block: bytes) -> None:
        """Close the answer with a header block: trailers, or all of the answer."""
        self._end_block = block
        self.flush()

    def end_data(self) -> None:
        """Close the answer without trailers."""
        self.end(b"")

    def reset(self, code: ErrorCode) -> None:
        """Give up."""
        if not self.is_closed:
            self._output.emit(rst_stream(self.id, code))
            self._connection.forget(self, was_reset=True)

    def received(self, size: int) -> bool:
        """Count what the client sends. Returns whether it was allowed to."""
        if self._receive_window is None:
            self._receive_window = ReceiveWindow(STREAM_WINDOW)
        return self._receive_window.received(size)

    def consumed(self, size: int) -> None:
        """The client may send as many bytes again."""
        if self.is_remote_closed or self._receive_window is None:
            return
        increment = self._receive_window.consumed(size)
        if increment:
            self._output.emit(window_update(self.id, increment))

    def ask_for_room(self) -> None:
        """Have the receiver told (`drained`) when the stream is writable again."""
        self._output.wait(self)

    def flush(self) -> None:
        """Send what may be sent now; the rest waits for the client, or for the socket."""
        pending, output = self._pending, self._output
        while pending:
            size = min(len(pending[0]), self.send_window, output.frame_bytes)
            if size <= 0 or not output.may_send(1):
                output.wait(self)
                return
            self._send_some(pending, min(size, output.window))
        if self._end_block is not None:
            block = self._end_block
            output.emit(
                header_frames(END_STREAM, self.id, block, limit=output.frame_bytes)
                if block
                else frame(DATA, END_STREAM, self.id)
            )
            self._close()

    def _send_some(self, pending: deque[bytes], size: int) -> None:
        data = pending[0]
        if size == len(data):
            pending.popleft()
        else:
            pending[0] = data[size:]
        self.send_window -= size
        self._output.window -= size
        self._output.emit(frame(DATA, 0, self.id, data[:size]))

    def _close(self) -> None:
        if not self.is_remote_closed:  # the answer does not need the rest of the request
            self._output.emit(rst_stream(self.id, ErrorCode.NO_ERROR))
        self._connection.forget(self, was_reset=not self.is_remote_closed)
