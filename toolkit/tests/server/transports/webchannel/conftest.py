"""Channels of a handler that does as it is told."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from firewarden.firestore.status import Code, StatusError
from firewarden.firestore.wire import protos
from firewarden.server.transports.interface import Context, Method, Receive, Send, TransportLimits
from firewarden.server.transports.webchannel.application import Channels
from firewarden.server.transports.webchannel.limits import ChannelLimits
from toolkit.tests.server.transports.conftest import Served, serving
from toolkit.tests.server.transports.webchannel.client import Channel

PATH = "/test.Told/Talk/channel"


@dataclass
class Told:
    """Takes the words of `stream_id` as what to do, and counts what it did."""

    contexts: list[Context] = field(default_factory=list)
    heard: list[str] = field(default_factory=list)
    sent: int = 0
    gone: threading.Event = field(default_factory=threading.Event)
    go_on: threading.Event = field(default_factory=threading.Event)

    def method(self) -> Method:
        return Method("bidi", self.talk, protos.WriteRequest)

    async def talk(self, receive: Receive, send: Send, context: Context) -> None:
        self.contexts.append(context)
        try:
            while (message := await receive()) is not None:
                self.heard.append(message.stream_id)
                word, *numbers = message.stream_id.split()
                if word == "close":
                    return
                await self.do(word, [int(each) for each in numbers], send)
        finally:
            self.gone.set()

    async def do(self, word: str, numbers: list[int], send: Send) -> None:
        match word:
            case "say":
                count, size = numbers
                for number in range(count):
                    self.sent += 1
                    await send(protos.WriteResponse(stream_id=f"{number} ".ljust(size, ".")))
            case "sleep":
                await asyncio.to_thread(self.go_on.wait)
            case "fail":
                raise StatusError(Code(numbers[0]), "as asked: é😀")
            case "break":
                raise RuntimeError("a defect")


@dataclass
class Carried:
    """A server of channels."""

    served: Served
    channels: Channels
    told: Told
    now: float = 0.0

    def channel(self, **more: Any) -> Channel:
        return Channel(f"127.0.0.1:{self.served.port}", PATH, **more)

    def run(self, function: Callable[[], Any]) -> Any:
        """Call it where the server lives."""

        async def called() -> Any:
            return function()

        return self.served.run(called())

    def sweep(self, seconds: float) -> None:
        """Let time pass."""
        self.now += seconds
        self.run(self.channels.sessions.sweep)

    @property
    def retained(self) -> int:
        found: int = self.run(lambda: self.channels.sessions.budget.used)
        return found

    @property
    def count(self) -> int:
        found: int = self.run(lambda: len(self.channels.sessions))
        return found


@contextmanager
def carrying(limits: TransportLimits | None = None, **channel_limits: Any) -> Iterator[Carried]:
    told, both = Told(), limits or TransportLimits()
    carried: list[Carried] = []
    channels = Channels(
        {PATH.removesuffix("/channel"): told.method()},
        both,
        ChannelLimits(**channel_limits),
        seconds=lambda: carried[0].now if carried else 0.0,
    )
    with serving({}, channels.routes(), limits=both) as served:
        carried.append(Carried(served, channels, told))
        yield carried[0]
        carried[0].run(channels.stop)


@pytest.fixture
def carry() -> Callable[..., Any]:
    """`with carry(retained_bytes=…) as carried`."""
    return carrying


@pytest.fixture
def carried() -> Iterator[Carried]:
    """With the usual limits."""
    with carrying() as found:
        yield found


def say(text: str) -> dict[str, str]:
    """A message for the handler."""
    return {"streamId": text}
