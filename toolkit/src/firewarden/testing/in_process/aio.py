"""The same channel for asyncio. The event loop itself asks the engine; only waiting for transactions is awaited."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Generator, Sequence
from functools import cached_property
from typing import Any

import grpc

from firewarden.firestore.status import Code, StatusError
from firewarden.server.transports.blocked import worth_asking
from firewarden.server.waiting import WouldBlock
from firewarden.testing.in_process.calls import EXPIRED, Call, Engines, Metadata
from firewarden.testing.in_process.channel import STATUS_CODES
from firewarden.testing.in_process.wire import AioStreamStream, AioStreamUnary, AioUnaryStream, AioUnaryUnary


class InProcessAioChannel(grpc.aio.Channel):  # type: ignore[misc]  # grpc ships no types
    """Calls the engine's methods directly; `wire` opens the channel for what needs a stream of requests."""

    def __init__(self, engines: Engines, wire: Callable[[], grpc.aio.Channel]) -> None:
        self._engines = engines
        self._opens_wire = wire
        # The client library hangs its own logging in here, which it switches on by an environment variable.
        self._unary_unary_interceptors: list[Any] = []

    def unary_unary(self, method: str, *serialization: Any, **named: Any) -> Any:
        """A callable for one method."""
        if method not in self._engines:
            return AioUnaryUnary(lambda: self.wire.unary_unary(method, *serialization, **named))
        return _Unary(self._engines, method, *serialization, **named)

    def unary_stream(self, method: str, *serialization: Any, **named: Any) -> Any:
        """A callable for a method that answers with several messages."""
        if method not in self._engines:
            return AioUnaryStream(lambda: self.wire.unary_stream(method, *serialization, **named))
        return _Stream(self._engines, method, *serialization, **named)

    def stream_unary(self, method: str, *serialization: Any, **named: Any) -> Any:
        """A callable for a method that takes several messages."""
        return AioStreamUnary(lambda: self.wire.stream_unary(method, *serialization, **named))

    def stream_stream(self, method: str, *serialization: Any, **named: Any) -> Any:
        """A callable for a method that takes and answers with several messages."""
        return AioStreamStream(lambda: self.wire.stream_stream(method, *serialization, **named))

    def get_state(self, try_to_connect: bool = False) -> grpc.ChannelConnectivity:  # noqa: ARG002, FBT001, FBT002 - grpc's signature
        """Always ready."""
        return grpc.ChannelConnectivity.READY

    async def wait_for_state_change(self, last_observed_state: grpc.ChannelConnectivity) -> None:
        """Nothing ever changes."""
        if last_observed_state is grpc.ChannelConnectivity.READY:
            await asyncio.Event().wait()

    async def channel_ready(self) -> None:
        """It is."""

    async def close(self, grace: float | None = None) -> None:
        """The engine stays open; it is not the channel's."""
        if "wire" in vars(self):
            await self.wire.close(grace)

    @cached_property
    def wire(self) -> grpc.aio.Channel:
        """The channel to the port."""
        return self._opens_wire()

    async def __aenter__(self) -> InProcessAioChannel:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()


class _Call(grpc.aio.Call):  # type: ignore[misc]  # grpc ships no types
    """A call under way: a task that ends with the answer or with why there is none, and raises neither."""

    def __init__(self, answered: Callable[[], Any], read: Callable[[bytes], Any], timeout: float | None) -> None:
        self._read = read
        loop = asyncio.get_running_loop()
        self._end = None if timeout is None else loop.time() + timeout
        self._task: asyncio.Task[Sequence[bytes] | StatusError] = loop.create_task(_outcome(answered))

    async def initial_metadata(self) -> grpc.aio.Metadata:
        return grpc.aio.Metadata()

    async def trailing_metadata(self) -> grpc.aio.Metadata:
        return grpc.aio.Metadata()

    async def code(self) -> grpc.StatusCode:
        return STATUS_CODES[int((await self._status()).code)]

    async def details(self) -> str:
        return (await self._status()).message

    async def wait_for_connection(self) -> None:
        await self._answers()

    def cancelled(self) -> bool:
        return self._task.cancelled()

    def done(self) -> bool:
        return self._task.done()

    def cancel(self) -> bool:
        return self._task.cancel()

    def time_remaining(self) -> float | None:
        return None if self._end is None else max(0.0, self._end - asyncio.get_running_loop().time())

    def add_done_callback(self, callback: Callable[[Any], None]) -> None:
        self._task.add_done_callback(lambda _: callback(self))

    async def _answers(self) -> Sequence[bytes]:
        outcome = await self._task
        if isinstance(outcome, StatusError):
            none = grpc.aio.Metadata()
            raise grpc.aio.AioRpcError(STATUS_CODES[int(outcome.code)], none, none, details=outcome.message)
        return outcome

    async def _status(self) -> StatusError:
        await asyncio.wait([self._task])
        if self._task.cancelled():
            return _CANCELLED
        outcome = self._task.result()
        return outcome if isinstance(outcome, StatusError) else _OK


class _UnaryCall(_Call, grpc.aio.UnaryUnaryCall):  # type: ignore[misc]  # grpc ships no types
    def __await__(self) -> Generator[Any, None, Any]:
        (answer,) = yield from self._answers().__await__()
        return self._read(answer)


class _StreamCall(_Call, grpc.aio.UnaryStreamCall):  # type: ignore[misc]  # grpc ships no types
    _taken = 0

    async def read(self) -> Any:
        answers = await self._answers()
        if self._taken == len(answers):
            return grpc.aio.EOF
        self._taken += 1
        return self._read(answers[self._taken - 1])

    async def __aiter__(self) -> AsyncIterator[Any]:
        while (answer := await self.read()) is not grpc.aio.EOF:
            yield answer


class _Callable:
    """One method, as a client calls it."""

    _kind: type[_Call]

    def __init__(
        self,
        engines: Engines,
        method: str,
        request_serializer: Callable[[Any], bytes],
        response_deserializer: Callable[[bytes], Any] | None = None,
        _registered_method: bool = False,  # noqa: FBT001, FBT002 - grpc's signature
    ) -> None:
        self._engines = engines
        self._method = method
        self._serialize = request_serializer
        self._deserialize = response_deserializer

    def __call__(
        self, request: Any, *, timeout: float | None = None, metadata: Metadata | None = None, **_: Any
    ) -> _Call:
        data = self._serialize(request)

        async def answered() -> Sequence[bytes]:
            return await _made(self._engines.call(self._method, data, metadata), timeout)

        return self._kind(answered, self._read, timeout)

    def _read(self, data: bytes) -> Any:
        return data if self._deserialize is None else self._deserialize(data)


class _Unary(_Callable, grpc.aio.UnaryUnaryMultiCallable):  # type: ignore[misc]  # grpc ships no types
    _kind = _UnaryCall


class _Stream(_Callable, grpc.aio.UnaryStreamMultiCallable):  # type: ignore[misc]  # grpc ships no types
    _kind = _StreamCall


async def _made(call: Call, timeout: float | None) -> Sequence[bytes]:
    """The answer, after waiting for other transactions; EXPIRED if that takes longer than `timeout` seconds."""
    try:
        async with asyncio.timeout(timeout):
            # Other tasks have their turn, as while a message is on its way: races show here as well.
            await asyncio.sleep(0)
            while True:
                try:
                    return call.asked()
                except WouldBlock as blocked:
                    await worth_asking(blocked)
    except TimeoutError:
        raise EXPIRED from None


async def _outcome(answered: Callable[[], Any]) -> Sequence[bytes] | StatusError:
    """A refusal is an outcome, too: a task whose failure nobody asks for would be complained of."""
    try:
        answers: Sequence[bytes] = await answered()
    except StatusError as status:
        return status
    return answers


_OK = StatusError(Code.OK, "")
_CANCELLED = StatusError(Code.CANCELLED, "Locally cancelled by application!")
