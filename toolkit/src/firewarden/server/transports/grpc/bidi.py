"""Calls where both sides send as they like: a task per call, and a queue that makes a fast client wait."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from typing import Any

from firewarden.firestore.status import Code, StatusError
from firewarden.server.transports.faults import status_of
from firewarden.server.transports.grpc import trailers
from firewarden.server.transports.grpc.calls import EXPIRED
from firewarden.server.transports.grpc.heads import CallHead
from firewarden.server.transports.grpc.messages import MessageReader, encoded, parsed
from firewarden.server.transports.http2.stream import Stream
from firewarden.server.transports.interface import Context, Method

_STOPPING = StatusError(Code.UNAVAILABLE, "The server is stopping")


class BidiCall:
    """Runs the handler from the call's first byte to its end. A `Receiver` of its stream."""

    __slots__ = (
        "_changed",
        "_context",
        "_deadline",
        "_has_begun",
        "_has_ended",
        "_method",
        "_queue",
        "_reader",
        "_status",
        "_stream",
        "_task",
        "_unread",
    )

    def __init__(
        self, stream: Stream, head: CallHead, method: Method, loop: asyncio.AbstractEventLoop, limit: int
    ) -> None:
        self._stream = stream
        self._method = method
        self._context = Context(head.metadata, stream.peer)
        self._reader = MessageReader(limit=limit, encoding=head.encoding)
        self._queue: deque[bytes] = deque()
        self._changed = asyncio.Event()
        self._unread = 0
        self._has_ended = False
        self._has_begun = False
        self._status: StatusError | None = None
        self._deadline: asyncio.TimerHandle | None = None
        if head.timeout is not None:
            self._context.deadline = time.monotonic() + head.timeout
            self._deadline = loop.call_later(head.timeout, self._stop, EXPIRED)
        self._task = loop.create_task(self._run())

    # The stream's side

    def data_received(self, data: bytes) -> None:
        """Messages for the handler. There is room for more when it has taken them."""
        try:
            self._queue.extend(self._reader.feed(data))
        except StatusError as status:
            self._stop(status)
        self._unread += len(data)
        self._changed.set()
        self._give_room()

    def ended(self, last: bytes) -> None:
        """The client has said all it will."""
        if last:
            self.data_received(last)
        self._has_ended = True
        self._changed.set()

    def cancelled(self) -> None:
        """The client has gone."""
        self._settle()
        self._task.cancel()

    def drained(self) -> None:
        """There is room."""
        self._changed.set()

    def stopping(self) -> None:
        """Clients open their streams again elsewhere, or when the server is back."""
        self._stop(_STOPPING)

    # The handler's side

    async def _run(self) -> None:
        try:
            await self._method.handler(self._receive, self._send, self._context)
        except asyncio.CancelledError:
            pass  # by the client's going, by its deadline or by a message that cannot be read: `_status` knows
        except Exception as fault:  # noqa: BLE001 - whatever it is, the client must be told and the server live on
            self._status = status_of(fault)
        self._settle()
        if not self._stream.is_closed:
            self._finish()

    async def _receive(self) -> Any:
        while not self._queue:
            if self._has_ended:
                return None
            self._changed.clear()
            await self._changed.wait()
        data = self._queue.popleft()
        self._give_room()
        return parsed(self._method, data)

    def _give_room(self) -> None:
        if not self._queue:  # also amid a message: its rest must be able to come
            self._stream.consumed(self._unread)
            self._unread = 0

    async def _send(self, message: Any) -> None:
        self._begin()
        self._stream.send_data(encoded(message))
        while not (self._stream.is_writable or self._stream.is_closed):
            self._stream.ask_for_room()
            self._changed.clear()
            await self._changed.wait()

    def _settle(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _begin(self) -> None:
        if not self._has_begun:
            self._has_begun = True
            self._stream.send_headers(trailers.HEADERS)

    def _finish(self) -> None:
        if self._status is None:
            self._begin()
            self._stream.end(trailers.OK)
        elif self._has_begun:
            self._stream.end(trailers.failed(self._status))
        else:
            self._stream.end(trailers.only_failed(self._status))

    def _stop(self, status: StatusError) -> None:
        if self._status is None:
            self._status = status
            self._task.cancel()
