"""One session: a handler in a task of its own, and what both sides have said until the other has it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any

from firewarden.server.transports.faults import status_of
from firewarden.server.transports.grpc.messages import too_large
from firewarden.server.transports.interface import Context, Method
from firewarden.server.transports.rest.printing import compact_text
from firewarden.server.transports.rest.reading import read_message
from firewarden.server.transports.webchannel import framing
from firewarden.server.transports.webchannel.budget import Budget
from firewarden.server.transports.webchannel.inbox import Inbox
from firewarden.server.transports.webchannel.limits import ChannelLimits
from firewarden.server.transports.webchannel.outbox import Outbox

_FRAME_BYTES = 64 << 10

Seconds = Callable[[], float]


class Session:
    """Begins when it is made. `touched` says when the client was last heard of, or took something."""

    def __init__(
        self,
        method: Method,
        context: Context,
        *,
        answer_class: Any,
        budget: Budget,
        limits: ChannelLimits,
        message_bytes: int,
        seconds: Seconds,
    ) -> None:
        self._method = method
        self._context = context
        self._answer_class = answer_class
        self._budget = budget
        self._limits = limits
        self._message_bytes = message_bytes
        self._seconds = seconds
        self._inbox = Inbox(ahead=limits.maps)
        self._outbox = Outbox()
        self._arrived = asyncio.Event()
        self._taken = asyncio.Event()
        self._said = asyncio.Event()
        self._room = asyncio.Event()
        self._attached: object | None = None
        self._is_over = False
        self._is_full = False
        self._in_a_row = 0
        self.touched = seconds()
        self._task = asyncio.get_running_loop().create_task(self._run())

    # The client's side

    @property
    def is_attached(self) -> bool:
        """Whether there is a back channel."""
        return self._attached is not None

    @property
    def has_unsent(self) -> bool:
        """Whether there is something that the client has not taken."""
        return self._outbox.last > self._outbox.sent

    def hear(self, first: int, messages: Sequence[bytes]) -> None:
        """Messages from number `first` on. Raises `ValueError`: see `Inbox`."""
        self.touched = self._seconds()
        if not self._is_over:
            self._inbox.add(first, messages)
            self._arrived.set()

    async def room(self) -> None:
        """Returns when there is room for more."""
        while self._inbox.waiting > self._limits.waiting_bytes and not self._is_over:
            self._taken.clear()
            await self._taken.wait()

    def acknowledge(self, number: int) -> None:
        """The client has all arrays up to `number`. Raises `ValueError` if there is no such array."""
        if number > self._outbox.sent:
            raise ValueError(f"AID={number} was never sent: the last array is {self._outbox.sent}")
        self.touched = self._seconds()
        self._free(self._outbox.acknowledge(number))

    def state(self) -> bytes:
        """What a request of the forward channel is told."""
        outbox = self._outbox
        return framing.heard(is_attached=self.is_attached, last_sent=outbox.sent, outstanding_bytes=outbox.outstanding)

    async def back_channel(self, after: int, *, is_polling: bool, seconds: float) -> AsyncIterator[bytes]:
        """What there is to say after that array; there is one back channel, a new one ends the one before.

        If the client is polling, the answer ends with what is there, or when something is or after `seconds`.
        """
        mine = self._attached = object()
        self._said.set()
        position, written = after, 0
        try:
            while self._attached is mine and written < self._limits.response_bytes:
                arrays, last = self._outbox.send(position, _FRAME_BYTES)
                if arrays:
                    position = last
                    data = framing.frame(arrays)
                    written += len(data)
                    yield data
                    self.touched = self._seconds()
                elif self._is_over or (written and (is_polling or self._is_full)):
                    return  # if it is full, then so that the client acknowledges what it got
                elif not (written or is_polling or self._is_full):
                    self._say(framing.NOOP)  # at once, else the client suspects that something holds answers back
                else:
                    await self._something(seconds)
        finally:
            if self._attached is mine:
                self._attached = None
                self.touched = self._seconds()

    async def _something(self, seconds: float) -> None:
        """Wait until there is something to say; in the end say that there is nothing."""
        self._said.clear()
        try:
            async with asyncio.timeout(seconds):
                await self._said.wait()
        except TimeoutError:
            self._say(framing.NOOP)

    # The handler's side

    async def _run(self) -> None:
        try:
            await self._method.handler(self._receive, self._send, self._context)
            last = framing.CLOSE
        except asyncio.CancelledError:
            return  # `end` or `stop` has said what there was to say
        except Exception as fault:  # noqa: BLE001 - whatever it is, the client must be told and the server live on
            status = status_of(fault)
            told = {"message": f"{status.code.name}: {status.message}", "status": status.code.name}
            last = json.dumps([{"error": told}])
        self._finish(last)

    async def _receive(self) -> Any:
        while (message := self._inbox.take()) is None:
            self._arrived.clear()
            await self._arrived.wait()
        self._taken.set()
        read = read_message(self._method.request(), message)
        if len(message) > self._message_bytes and (size := read.ByteSize()) > self._message_bytes:
            raise too_large(self._message_bytes, size)
        return read

    async def _send(self, message: Any) -> None:
        read = self._answer_class.FromString(message) if isinstance(message, bytes) else message
        self._in_a_row += self._say(f"[{compact_text(read)}]")
        if self._in_a_row > _FRAME_BYTES:
            self._in_a_row = 0
            await asyncio.sleep(0)  # others have their turn, and the client its first frame
        while self._outbox.retained > self._limits.retained_bytes or (self._budget.is_full and self._outbox.retained):
            self._is_full = True
            self._said.set()
            self._room.clear()
            self._budget.call(self._room)
            await self._room.wait()
        self._is_full = False

    def _say(self, payload: str) -> int:
        """One more array; returns how many bytes it takes."""
        if self._is_over:
            return 0
        self._said.set()
        size = self._outbox.add(payload)
        self._budget.take(size)
        return size

    def _free(self, size: int) -> None:
        self._budget.give(size)
        self._room.set()

    # The end

    def stop(self) -> None:
        """The server ends: the client is told at once."""
        self._task.cancel()
        self._finish(framing.STOP)

    def end(self) -> None:
        """Nobody listens any more: forget everything."""
        self._task.cancel()
        self._attached = None
        self._finish(None)
        self._budget.forget(self._room)
        self._free(self._outbox.clear())

    def _finish(self, last: str | None) -> None:
        if last is not None:
            self._say(last)
        self._is_over = True
        self._inbox.clear()
        self._taken.set()
        self._said.set()
