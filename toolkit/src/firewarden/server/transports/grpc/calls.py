"""Calls with one request: the answer is one message, or a stream that is made as fast as the client reads."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from typing import Any

from firewarden.firestore.status import Code, StatusError
from firewarden.server.transports.blocked import AskAgain
from firewarden.server.transports.faults import status_of
from firewarden.server.transports.grpc import trailers
from firewarden.server.transports.grpc.heads import CallHead
from firewarden.server.transports.grpc.messages import MessageReader, encoded, parsed, whole_message
from firewarden.server.transports.http2.stream import Stream
from firewarden.server.transports.interface import Context, Method
from firewarden.server.waiting import WouldBlock

_CHUNK_BYTES = 32 << 10
"""Small messages of a stream travel together."""
_TURNS = 8
"""So many chunks of a stream are made before others have their turn."""

EXPIRED = StatusError(Code.DEADLINE_EXCEEDED, "Deadline exceeded")
TOO_FEW = StatusError(Code.INTERNAL, "Half-closed without a request")
TOO_MANY = StatusError(Code.INTERNAL, "Too many requests")


class SingleRequestCall:
    """Collects the request, asks the handler, sends what it says. A `Receiver` of its stream."""

    __slots__ = (
        "_context",
        "_deadline",
        "_has_begun",
        "_head",
        "_items",
        "_limit",
        "_loop",
        "_method",
        "_parsed",
        "_reader",
        "_request",
        "_retry",
        "_stream",
    )

    def __init__(
        self, stream: Stream, head: CallHead, method: Method, loop: asyncio.AbstractEventLoop, limit: int
    ) -> None:
        self._stream = stream
        self._head = head
        self._method = method
        self._loop = loop
        self._limit = limit
        self._context = Context(head.metadata, stream.peer)
        self._reader: MessageReader | None = None
        self._request: bytes | None = None
        self._items: Iterator[Any] | None = None
        self._has_begun = False
        self._retry: AskAgain | None = None
        self._deadline: asyncio.TimerHandle | None = None
        if head.timeout is not None:
            self._context.deadline = time.monotonic() + head.timeout

    # The stream's side

    def data_received(self, data: bytes) -> None:
        """Some of the request."""
        if self._reader is None:
            self._reader = MessageReader(limit=self._limit, encoding=self._head.encoding)
        try:
            messages = self._reader.feed(data)
        except StatusError as status:
            self._fail(status)
            return
        if len(messages) + (self._request is not None) > 1:
            self._fail(TOO_MANY)
            return
        for message in messages:
            self._request = message
        self._stream.consumed(len(data))

    def ended(self, last: bytes) -> None:
        """All of the request."""
        request = whole_message(last, self._limit) if self._reader is None else None
        if request is None:
            self.data_received(last)
            if self._stream.is_closed:
                return
            request = self._request
            if request is None or self._reader is None or self._reader.is_amid_message:
                self._fail(TOO_FEW)
                return
        try:
            self._parsed = parsed(self._method, request)
        except StatusError as status:
            self._fail(status)
        else:
            self._ask()

    def cancelled(self) -> None:
        """Free what waits for this call, or makes its answer."""
        self._settle()
        if self._items is not None:
            close = getattr(self._items, "close", None)
            self._items = None
            if close is not None:
                close()

    def drained(self) -> None:
        """Make more."""
        self._send_more()

    def stopping(self) -> None:
        """The answer has an end."""

    # The handler's side

    def _ask(self) -> None:
        context = self._context
        if context.deadline is not None and time.monotonic() >= context.deadline:
            self._fail(EXPIRED)
            return
        try:
            answer = self._method.handler(self._parsed, context)
            if self._method.kind == "unary" or type(answer) is list:
                data = encoded(answer) if self._method.kind == "unary" else b"".join(map(encoded, answer))
                self._settle()
                self._stream.answer(trailers.HEADERS, data, trailers.OK)
                return
        except WouldBlock as blocked:
            self._wait(blocked)
        except Exception as fault:  # noqa: BLE001 - whatever it is, the client must be told and the server live on
            self._fail(status_of(fault))
        else:
            self._items = iter(answer)
            self._send_more()

    def _wait(self, blocked: WouldBlock) -> None:
        self._items = None
        self._wait_for_deadline()
        self._retry = AskAgain(self._loop, blocked, self._ask)

    def _send_more(self) -> None:
        try:
            for _ in range(_TURNS):
                if self._items is None:
                    return
                if not self._stream.is_writable:
                    self._wait_for_deadline()
                    self._stream.ask_for_room()
                    return
                self._send_turn(self._items)
            self._loop.call_soon(self._send_more)
        except WouldBlock as blocked:
            self._wait(blocked)
        except Exception as fault:  # noqa: BLE001 - as above
            self._fail(status_of(fault))

    def _send_turn(self, items: Iterator[Any]) -> None:
        chunk: list[bytes] = []
        try:
            is_over = _gather(items, chunk)
        finally:
            if chunk:  # what was made before a failure is sent before it is told
                self._begin()
                self._stream.send_data(b"".join(chunk))
        if is_over and not self._stream.is_closed:
            self._items = None
            self._settle()
            self._begin()
            self._stream.end(trailers.OK)

    def _begin(self) -> None:
        if not self._has_begun:
            self._has_begun = True
            self._stream.send_headers(trailers.HEADERS)

    def _fail(self, status: StatusError) -> None:
        self.cancelled()
        if not self._stream.is_closed:
            self._stream.end(trailers.failed(status) if self._has_begun else trailers.only_failed(status))

    def _wait_for_deadline(self) -> None:
        if self._deadline is None and self._context.deadline is not None:
            seconds = self._context.deadline - time.monotonic()
            self._deadline = self._loop.call_later(max(seconds, 0.0), self._fail, EXPIRED)

    def _settle(self) -> None:
        if self._retry is not None:
            self._retry.cancel()
            self._retry = None
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None


def _gather(items: Iterator[Any], chunk: list[bytes]) -> bool:
    """Encode items until there are enough for a chunk. Returns whether there are no more."""
    size = 0
    for item in items:
        data = encoded(item)
        chunk.append(data)
        size += len(data)
        if size >= _CHUNK_BYTES:
            return False
    return True
