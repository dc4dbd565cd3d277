"""The server's side of one HTTP/2 connection: bytes in, streams to whoever answers them, bytes out. Does no I/O."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from firewarden.server.transports.http2 import control
from firewarden.server.transports.http2.blocks import BlockAssembler
from firewarden.server.transports.http2.frames import (
    ACK,
    CONTINUATION,
    DATA,
    END_HEADERS,
    END_STREAM,
    GOAWAY,
    HEADERS,
    INITIAL_WINDOW_SIZE,
    MAX_CONCURRENT_STREAMS,
    MAX_FRAME_SIZE,
    MAX_HEADER_LIST_SIZE,
    PADDED,
    PING,
    PRIORITY,
    PUSH_PROMISE,
    RST_STREAM,
    SETTINGS,
    WINDOW,
    WINDOW_MAX,
    WINDOW_UPDATE,
    ConnectionFault,
    ErrorCode,
    StreamFault,
    frame,
    goaway,
    read_settings,
    rst_stream,
    settings,
    unpadded,
    window_update,
)
from firewarden.server.transports.http2.headers import HeaderReader, MalformedRequest, check_trailers
from firewarden.server.transports.http2.input import Input
from firewarden.server.transports.http2.output import Output
from firewarden.server.transports.http2.stream import STREAM_WINDOW, Receiver, Stream
from firewarden.server.transports.http2.streams import Streams
from firewarden.server.transports.http2.windows import ReceiveWindow
from firewarden.server.transports.interface import TransportLimits

Application = Callable[[Stream], Receiver]

CONNECTION_WINDOW: Final = 16 << 20
_BLOCK_FACTOR: Final = 2
"""A header block may be this much longer than the metadata it carries, before nobody tries to read it."""


class Connection:
    """Streams by their ids, the connection's windows and settings. `write` takes bytes for the socket."""

    def __init__(
        self, application: Application, write: Callable[[bytes], None], *, limits: TransportLimits, peer: str = ""
    ) -> None:
        self.peer = peer
        self.is_closing = False
        self.has_failed = False
        self._application = application
        self.output = Output(write)
        self._limits = limits
        self._reader = HeaderReader()
        self._streams = Streams()
        self._receive_window = ReceiveWindow(CONNECTION_WINDOW)
        self._input = Input()
        self._expects_settings = True
        self._blocks = BlockAssembler(limit=_BLOCK_FACTOR * limits.metadata_bytes)

    # The socket's side

    def start(self) -> None:
        """Say what this side allows."""
        allowed = {
            MAX_CONCURRENT_STREAMS: self._limits.streams,
            INITIAL_WINDOW_SIZE: STREAM_WINDOW,
            MAX_HEADER_LIST_SIZE: self._limits.metadata_bytes,
        }
        self.output.emit(settings(allowed) + window_update(0, CONNECTION_WINDOW - WINDOW))

    def receive(self, data: bytes) -> None:
        """Bytes from the peer, cut anywhere."""
        if self.has_failed:
            return
        self.output.cork()
        try:
            self._receive(data)
        except ConnectionFault as fault:
            self._fail(fault)
        finally:
            self.output.uncork()

    def close_gracefully(self) -> None:
        """Take no new requests; those that run go on, unless they have no end of their own."""
        if not (self.is_closing or self.has_failed):
            self.is_closing = True
            self.output.emit(goaway(self._streams.last_id, ErrorCode.NO_ERROR))
            for stream in list(self._streams.open.values()):
                stream.receiver.stopping()

    def lost(self) -> None:
        """The connection is gone: nobody waits for the answers any more."""
        self.has_failed = True
        self.output.close()
        for stream in list(self._streams.open.values()):
            self.forget(stream, was_reset=True)
            stream.receiver.cancelled()

    @property
    def is_idle(self) -> bool:
        """No request is being answered."""
        return not self._streams.open

    # The streams' side

    def forget(self, stream: Stream, *, was_reset: bool) -> None:
        """The stream is over. What the peer still sends on a stream that was reset is ignored."""
        stream.is_closed = True
        self.output.forget(stream)
        self._streams.remove(stream, was_reset=was_reset)

    # Frames

    def _receive(self, data: bytes) -> None:
        blocks, handle_of = self._blocks, _FRAMES.get
        for kind, flags, stream_id, payload in self._input.frames(data):
            if self._expects_settings:
                if kind != SETTINGS or flags & ACK:
                    raise ConnectionFault(ErrorCode.PROTOCOL_ERROR, "the first frame is not SETTINGS")
                self._expects_settings = False
            if blocks.awaits is not None and (blocks.awaits != stream_id or kind != CONTINUATION):
                raise ConnectionFault(ErrorCode.PROTOCOL_ERROR, "a header block was not continued")
            handle = handle_of(kind)
            if handle is not None:  # what is unknown is ignored (section 5.5)
                try:
                    handle(self, flags, stream_id, payload)
                except StreamFault as fault:
                    self._fail_stream(fault)
                if self.has_failed:
                    return

    def _data(self, flags: int, stream_id: int, payload: bytes) -> None:
        size = len(payload)
        self._received(size)
        stream = self._streams.open.get(stream_id)
        if stream is None or stream.is_remote_closed:
            self._streams.check_not_idle(stream_id, is_closing=self.is_closing)
            if stream_id <= self._streams.last_id and not self._streams.was_reset(stream_id):
                raise StreamFault(stream_id, ErrorCode.STREAM_CLOSED, "DATA after the end")
            return
        is_whole = flags & END_STREAM and not stream.body_bytes
        if not is_whole and not stream.received(size):  # one frame alone is within the window
            raise StreamFault(stream_id, ErrorCode.FLOW_CONTROL_ERROR, "more DATA than allowed")
        data = unpadded(payload) if flags & PADDED else payload
        stream.body_bytes += len(data)
        if flags & END_STREAM:
            self._end_request(stream, data)
            return
        if size > len(data):
            stream.consumed(size - len(data))
        if data:
            stream.receiver.data_received(data)

    def _received(self, size: int) -> None:
        if not self._receive_window.received(size):
            raise ConnectionFault(ErrorCode.FLOW_CONTROL_ERROR, "more DATA than the connection allows")
        increment = self._receive_window.consumed(size)  # what is kept, the streams' windows limit
        if increment:
            self.output.emit(window_update(0, increment))

    def _end_request(self, stream: Stream, data: bytes = b"") -> None:
        expected = stream.head.content_length
        if expected is not None and expected != stream.body_bytes:
            raise StreamFault(stream.id, ErrorCode.PROTOCOL_ERROR, "content-length is not the body's")
        stream.is_remote_closed = True
        stream.receiver.ended(data)

    def _headers(self, flags: int, stream_id: int, payload: bytes) -> None:
        if flags & ~END_STREAM == END_HEADERS and stream_id & 1:  # as nearly all are
            self._block_came(stream_id, payload, ends=flags != END_HEADERS)
            return
        block = self._blocks.headers(flags, stream_id, payload)
        if block is not None:
            self._block_came(block.stream_id, block.data, ends=block.ends, depends_on_itself=block.depends_on_itself)

    def _continuation(self, flags: int, _stream_id: int, payload: bytes) -> None:
        block = self._blocks.continuation(flags, payload)
        if block is not None:
            self._block_came(block.stream_id, block.data, ends=block.ends, depends_on_itself=block.depends_on_itself)

    def _block_came(self, stream_id: int, data: bytes, *, ends: bool, depends_on_itself: bool = False) -> None:
        streams = self._streams
        if stream_id <= streams.last_id:
            self._trailers(stream_id, data, ends=ends)
            return
        if self.is_closing:
            self._reader.pairs(data)  # else later blocks could not be read
            return
        streams.last_id = stream_id
        try:
            head = self._reader.request(data)
        except MalformedRequest as fault:
            raise StreamFault(stream_id, ErrorCode.PROTOCOL_ERROR, str(fault)) from fault
        if depends_on_itself:
            raise StreamFault(stream_id, ErrorCode.PROTOCOL_ERROR, "a stream depends on itself")
        if len(streams.open) >= self._limits.streams:
            raise StreamFault(stream_id, ErrorCode.REFUSED_STREAM, "too many requests at once")
        stream = streams.open[stream_id] = Stream(self, stream_id, head, streams.send_window)
        stream.receiver = self._application(stream)
        if ends and not stream.is_closed:
            self._end_request(stream)

    def _trailers(self, stream_id: int, data: bytes, *, ends: bool) -> None:
        pairs = self._reader.pairs(data)
        stream = self._streams.open.get(stream_id)
        if stream is None or stream.is_remote_closed:
            if not self._streams.was_reset(stream_id):
                raise ConnectionFault(ErrorCode.STREAM_CLOSED, "HEADERS after the end")
            return
        if not ends:
            raise StreamFault(stream_id, ErrorCode.PROTOCOL_ERROR, "HEADERS amid the body")
        try:
            check_trailers(pairs)
        except MalformedRequest as fault:
            raise StreamFault(stream_id, ErrorCode.PROTOCOL_ERROR, str(fault)) from fault
        self._end_request(stream)

    def _rst_stream(self, _flags: int, stream_id: int, payload: bytes) -> None:
        self._streams.check_not_idle(stream_id, is_closing=self.is_closing)
        if len(payload) != 4:
            raise ConnectionFault(ErrorCode.FRAME_SIZE_ERROR, "RST_STREAM is not 4 bytes")
        stream = self._streams.open.get(stream_id)
        if stream is not None:
            self.forget(stream, was_reset=False)
            stream.receiver.cancelled()

    def _settings(self, flags: int, stream_id: int, payload: bytes) -> None:
        if stream_id:
            raise ConnectionFault(ErrorCode.PROTOCOL_ERROR, "SETTINGS on a stream")
        if flags & ACK:
            if payload:
                raise ConnectionFault(ErrorCode.FRAME_SIZE_ERROR, "an acknowledgement with settings")
            return
        for identifier, value in read_settings(payload):
            if identifier == MAX_FRAME_SIZE:
                self.output.frame_bytes = value
            elif identifier == INITIAL_WINDOW_SIZE:
                self._streams.change_windows(value)
        self.output.emit(frame(SETTINGS, ACK, 0))
        self.output.send_waiting()

    def _window_update(self, _flags: int, stream_id: int, payload: bytes) -> None:
        if len(payload) != 4:
            raise ConnectionFault(ErrorCode.FRAME_SIZE_ERROR, "WINDOW_UPDATE is not 4 bytes")
        increment = int.from_bytes(payload, "big") & WINDOW_MAX
        if stream_id:
            stream = self._streams.widened(stream_id, increment, is_closing=self.is_closing)
            if stream is not None:
                self.output.send_waiting_of(stream)
            return
        if not increment:
            raise ConnectionFault(ErrorCode.PROTOCOL_ERROR, "WINDOW_UPDATE of 0")
        self.output.widen(increment)

    # Inside

    def _fail_stream(self, fault: StreamFault) -> None:
        self.output.emit(rst_stream(fault.stream_id, fault.code))
        stream = self._streams.open.get(fault.stream_id)
        if stream is not None:
            self.forget(stream, was_reset=True)
            stream.receiver.cancelled()

    def _fail(self, fault: ConnectionFault) -> None:
        self.output.emit(goaway(self._streams.last_id, fault.code, str(fault)))
        self.lost()


_FRAMES: Final[dict[int, Callable[[Connection, int, int, bytes], None]]] = {
    DATA: Connection._data,  # noqa: SLF001 - the same class
    HEADERS: Connection._headers,  # noqa: SLF001
    PRIORITY: control.priority,
    RST_STREAM: Connection._rst_stream,  # noqa: SLF001
    SETTINGS: Connection._settings,  # noqa: SLF001
    PUSH_PROMISE: control.push_promise,
    PING: control.ping,
    GOAWAY: control.goaway,
    WINDOW_UPDATE: Connection._window_update,  # noqa: SLF001
    CONTINUATION: Connection._continuation,  # noqa: SLF001
}
