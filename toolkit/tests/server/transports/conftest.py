"""A listener in a thread of its own, with services that say back what they hear."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from firewarden.firestore.status import Code, StatusError
from firewarden.server.transports.interface import Context, Method, Receive, Route, Send, Services, TransportLimits
from firewarden.server.transports.listener import Listener, start
from firewarden.server.waiting import Signal, WouldBlock

PATIENCE_S = 10.0


@dataclass
class Echo:
    """Raw services. What they were told is kept; `signal` frees whoever waits."""

    signal: Signal = field(default_factory=Signal)
    is_free: bool = False
    contexts: list[Context] = field(default_factory=list)
    asked: int = 0
    made: int = 0
    closed: threading.Event = field(default_factory=threading.Event)
    gone: threading.Event = field(default_factory=threading.Event)

    def services(self) -> Services:
        return {
            "/test.Echo/Say": Method("unary", self.say),
            "/test.Echo/Fail": Method("unary", self.fail),
            "/test.Echo/Break": Method("unary", self.break_down),
            "/test.Echo/Wait": Method("unary", self.wait),
            "/test.Echo/WaitStream": Method("server_stream", self.wait_stream),
            "/test.Echo/Count": Method("server_stream", self.count),
            "/test.Echo/Chat": Method("bidi", self.chat),
            "/test.Echo/Deaf": Method("bidi", self.deaf),
        }

    def say(self, request: bytes, context: Context) -> bytes:
        self.contexts.append(context)
        return request

    def fail(self, request: bytes, context: Context) -> bytes:
        """Answers `<code> <message>` with that status."""
        code, _, message = request.decode().partition(" ")
        raise StatusError(Code(int(code)), message)

    def break_down(self, request: bytes, context: Context) -> bytes:
        raise RuntimeError("a defect")

    def wait(self, request: bytes, context: Context) -> bytes:
        """Answers when it is free; it says how long it would wait at most."""
        self.asked += 1
        self.contexts.append(context)
        if not self.is_free:
            raise WouldBlock(self.signal, float(request))
        return b"free"

    def wait_stream(self, request: bytes, context: Context) -> Iterator[bytes]:
        return iter([self.wait(request, context)])

    def count(self, request: bytes, context: Context) -> Iterator[bytes]:
        """`<how many> <bytes of each> <fails after>`."""
        count, size, fails_after = map(int, request.split())
        try:
            for index in range(count):
                if index == fails_after:
                    raise StatusError(Code.ABORTED, "enough")
                self.made += 1
                yield str(index).encode().ljust(size, b".")
        finally:
            self.closed.set()

    async def chat(self, receive: Receive, send: Send, context: Context) -> None:
        """Says back each message as often as its first byte says; `stop` ends it, `fail` fails."""
        try:
            while (message := await receive()) is not None:
                if message == b"stop":
                    return
                if message == b"fail":
                    raise StatusError(Code.OUT_OF_RANGE, "as asked")
                for _ in range(message[0]):
                    await send(message)
            await send(b"bye")
        finally:
            self.gone.set()

    async def deaf(self, receive: Receive, send: Send, context: Context) -> None:
        """Does not listen."""
        await asyncio.Event().wait()


@dataclass(frozen=True)
class Served:
    """A listener and the loop it lives in."""

    listener: Listener
    loop: asyncio.AbstractEventLoop
    echo: Echo

    @property
    def port(self) -> int:
        return self.listener.port

    @property
    def target(self) -> str:
        return f"127.0.0.1:{self.port}"

    def stop(self, seconds: float) -> None:
        self.run(self.listener.stop(seconds))

    def run(self, coroutine: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(PATIENCE_S)

    def free(self) -> None:
        """Let those who wait go on."""

        def fire() -> None:
            self.echo.is_free = True
            self.echo.signal.fire()

        self.loop.call_soon_threadsafe(fire)


Serve = Callable[..., Any]


@contextmanager
def serving(
    services: Services | None = None, routes: Sequence[Route] = (), *, limits: TransportLimits | None = None
) -> Iterator[Served]:
    """Serve in a thread; the end waits for nobody."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    echo = Echo()

    async def end(listener: Listener) -> None:
        await listener.stop(0)
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        await asyncio.sleep(0.01)  # sockets are closed in the loop's next turns

    try:
        opened = start("127.0.0.1", 0, echo.services() if services is None else services, routes, limits=limits)
        listener = asyncio.run_coroutine_threadsafe(opened, loop).result(PATIENCE_S)
        try:
            yield Served(listener, loop, echo)
        finally:
            asyncio.run_coroutine_threadsafe(end(listener), loop).result(PATIENCE_S)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


@pytest.fixture
def serve() -> Serve:
    """`with serve(services, routes, limits=…) as served`."""
    return serving


@pytest.fixture
def served() -> Iterator[Served]:
    """The echo services with the usual limits."""
    with serving() as found:
        yield found
