"""Which call a stream is: looks up the method and hands the stream to whoever carries it out."""

from __future__ import annotations

import asyncio
from functools import lru_cache

from firewarden.firestore.status import Code, StatusError
from firewarden.server.transports.grpc import trailers
from firewarden.server.transports.grpc.bidi import BidiCall
from firewarden.server.transports.grpc.calls import SingleRequestCall
from firewarden.server.transports.grpc.heads import CallHead, NotGrpc, call_head
from firewarden.server.transports.http2.connection import Application
from firewarden.server.transports.http2.headers import RequestHead
from firewarden.server.transports.http2.stream import Receiver, Stream
from firewarden.server.transports.interface import Method, Services, TransportLimits


def grpc_application(services: Services, *, loop: asyncio.AbstractEventLoop, limits: TransportLimits) -> Application:
    """Answers streams with methods of `services`; what is no call, or of no method, is told so."""

    @lru_cache(maxsize=1_024)
    def called(head: RequestHead) -> tuple[CallHead, Method]:
        if head.list_bytes > limits.metadata_bytes:
            raise StatusError(
                Code.RESOURCE_EXHAUSTED, f"Metadata exceeds maximum size {limits.metadata_bytes}: {head.list_bytes}"
            )
        method = services.get(head.path)
        call = call_head(head)
        if method is None:
            raise StatusError(Code.UNIMPLEMENTED, f"Method not found: {head.path.removeprefix('/')}")
        return call, method

    def answer(stream: Stream) -> Receiver:
        try:
            head, method = called(stream.head)
        except StatusError as status:
            return Refused(stream, trailers.only_failed(status))
        except NotGrpc as other:
            return Refused(stream, trailers.not_grpc(other.status), other.message.encode())
        kind = BidiCall if method.kind == "bidi" else SingleRequestCall
        return kind(stream, head, method, loop, limits.message_bytes)

    return answer


class Refused:
    """Answers when the request is complete, so that no client is reset while it still speaks."""

    __slots__ = ("_block", "_body", "_stream")

    def __init__(self, stream: Stream, block: bytes, body: bytes = b"") -> None:
        self._stream = stream
        self._block = block
        self._body = body

    def data_received(self, data: bytes) -> None:
        """Not wanted."""
        self._stream.consumed(len(data))

    def ended(self, _last: bytes) -> None:
        """Say why."""
        if not self._body:
            self._stream.end(self._block)
            return
        self._stream.send_headers(self._block)
        self._stream.send_data(self._body)
        self._stream.end_data()

    def cancelled(self) -> None:
        """Nothing was begun."""

    def drained(self) -> None:
        """Nothing more to send."""

    def stopping(self) -> None:
        """It is over already."""
