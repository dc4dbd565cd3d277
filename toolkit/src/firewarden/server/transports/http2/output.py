"""What leaves a connection: in one piece while something is read, bodies only as the peer and the socket take them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from firewarden.server.transports.http2.frames import FRAME_BYTES, WINDOW, WINDOW_MAX, ConnectionFault, ErrorCode

if TYPE_CHECKING:
    from firewarden.server.transports.http2.stream import Stream


class Output:
    """The connection's send window, and the streams that wait for it in the order in which they came."""

    __slots__ = (
        "_is_closed",
        "_is_corked",
        "_pieces",
        "_socket_takes_more",
        "_waiting",
        "_write",
        "frame_bytes",
        "window",
    )

    def __init__(self, write: Callable[[bytes], None]) -> None:
        self.frame_bytes = FRAME_BYTES
        self.window = WINDOW
        self._write = write
        self._waiting: dict[Stream, None] = {}
        self._pieces: list[bytes] = []
        self._is_corked = False
        self._is_closed = False
        self._socket_takes_more = True

    def emit(self, data: bytes) -> None:
        """Frames that may leave at once."""
        self._pieces.append(data)
        if not self._is_corked:
            self._flush()

    def cork(self) -> None:
        """Gather what is emitted from now on."""
        self._is_corked = True

    def uncork(self) -> None:
        """Let it go."""
        self._is_corked = False
        if self._pieces:
            self._flush()

    def close(self) -> None:
        """Nothing leaves any more, but what was emitted before."""
        self._is_corked = False
        if self._pieces:
            self._flush()
        self._is_closed = True
        self._waiting.clear()

    def _flush(self) -> None:
        data = b"".join(self._pieces)
        self._pieces.clear()
        if not self._is_closed:
            self._write(data)

    # Bodies

    def may_send(self, size: int) -> bool:
        """Whether so many bytes of a body may leave now."""
        return self._socket_takes_more and size <= self.window

    def wait(self, stream: Stream) -> None:
        """Have the stream asked again when there is room."""
        self._waiting[stream] = None

    def forget(self, stream: Stream) -> None:
        """The stream does not wait any more."""
        self._waiting.pop(stream, None)

    def pause(self) -> None:
        """The socket is full."""
        self._socket_takes_more = False

    def resume(self) -> None:
        """The socket takes more."""
        self._socket_takes_more = True
        self.send_waiting()

    def widen(self, increment: int) -> None:
        """The peer takes more."""
        self.window += increment
        if self.window > WINDOW_MAX:
            raise ConnectionFault(ErrorCode.FLOW_CONTROL_ERROR, "the connection's window grew above 2^31-1")
        self.send_waiting()

    def send_waiting(self) -> None:
        """Those who came first send first, until the window or the socket is full; who is not done queues again."""
        for stream in list(self._waiting):
            if not self.may_send(1):
                return
            self.send_waiting_of(stream)

    def send_waiting_of(self, stream: Stream) -> None:
        """Ask a stream again, if it waits."""
        if stream not in self._waiting:
            return
        del self._waiting[stream]
        stream.flush()
        if stream.is_closed or stream in self._waiting:
            return
        if stream.is_writable:
            stream.receiver.drained()
        else:
            self._waiting[stream] = None
