"""A gRPC channel that leads to an engine in the same process. Google's client library takes it like any other.

What needs more than one request and its answer (listeners, futures, services that the engine has not) goes over a
channel to a port, which is opened when the first such call is made.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from types import TracebackType
from typing import Any, NoReturn

import grpc

from firewarden.firestore.status import Code, StatusError
from firewarden.testing.in_process.calls import Engines, Metadata
from firewarden.testing.in_process.wire import StreamStream, StreamUnary, UnaryStream, UnaryUnary

STATUS_CODES = {code.value[0]: code for code in grpc.StatusCode}


class InProcessChannel(grpc.Channel):  # type: ignore[misc]  # grpc ships no types
    """Calls the engine's methods directly; `wire` opens the channel for the others."""

    def __init__(self, engines: Engines, wire: Callable[[], grpc.Channel]) -> None:
        self._engines = engines
        self._opens_wire = wire

    def unary_unary(self, method: str, *serialization: Any, **named: Any) -> Any:
        """A callable for one method."""
        if method not in self._engines:
            return UnaryUnary(lambda: self.wire.unary_unary(method, *serialization, **named))
        return _Unary(self, method, *serialization, **named)

    def unary_stream(self, method: str, *serialization: Any, **named: Any) -> Any:
        """A callable for a method that answers with several messages."""
        if method not in self._engines:
            return UnaryStream(lambda: self.wire.unary_stream(method, *serialization, **named))
        return _Stream(self, method, *serialization, **named)

    def stream_unary(self, method: str, *serialization: Any, **named: Any) -> Any:
        """A callable for a method that takes several messages."""
        return StreamUnary(lambda: self.wire.stream_unary(method, *serialization, **named))

    def stream_stream(self, method: str, *serialization: Any, **named: Any) -> Any:
        """A callable for a method that takes and answers with several messages."""
        return StreamStream(lambda: self.wire.stream_stream(method, *serialization, **named))

    def subscribe(self, callback: Callable[[Any], None], try_to_connect: bool | None = False) -> None:  # noqa: ARG002, FBT001, FBT002 - grpc's signature
        """Always ready."""
        callback(grpc.ChannelConnectivity.READY)

    def unsubscribe(self, callback: Callable[[Any], None]) -> None:
        """Nothing ever changes."""

    def close(self) -> None:
        """The engine stays open; it is not the channel's."""
        if "wire" in vars(self):
            self.wire.close()

    def answer(self, method: str, request: bytes, timeout: float | None, metadata: Metadata | None) -> Sequence[bytes]:
        """The messages of an answer; raises what clients catch."""
        try:
            return self._engines.answer(method, request, metadata, timeout)
        except StatusError as status:
            raise _Failed(status) from None

    @cached_property
    def wire(self) -> grpc.Channel:
        """The channel to the port."""
        return self._opens_wire()

    def __enter__(self) -> InProcessChannel:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class _Ended(grpc.Call):  # type: ignore[misc]  # grpc ships no types
    """A call that is over."""

    def __init__(self, status: StatusError) -> None:
        self._status = status

    def code(self) -> grpc.StatusCode:
        return STATUS_CODES[int(self._status.code)]

    def details(self) -> str:
        return self._status.message

    def initial_metadata(self) -> tuple[()]:
        return ()

    def trailing_metadata(self) -> tuple[()]:
        return ()

    def is_active(self) -> bool:
        return False

    def time_remaining(self) -> None:
        return None

    def cancel(self) -> bool:
        return False

    def add_callback(self, callback: Callable[[], None]) -> bool:  # noqa: ARG002 - grpc's signature
        return False


class _Failed(_Ended, grpc.RpcError, grpc.Future):  # type: ignore[misc]  # grpc ships no types
    """What a client catches: a status as gRPC raises it, which is the failed call itself."""

    def __init__(self, status: StatusError) -> None:
        _Ended.__init__(self, status)
        grpc.RpcError.__init__(self, str(status))

    def cancelled(self) -> bool:
        return False

    def running(self) -> bool:
        return False

    def done(self) -> bool:
        return True

    def result(self, timeout: float | None = None) -> NoReturn:  # noqa: ARG002 - grpc's signature
        raise self

    def exception(self, timeout: float | None = None) -> _Failed:  # noqa: ARG002 - grpc's signature
        return self

    def traceback(self, timeout: float | None = None) -> TracebackType | None:  # noqa: ARG002 - grpc's signature
        found: TracebackType | None = self.__traceback__
        return found

    def add_done_callback(self, fn: Callable[[Any], None]) -> None:
        fn(self)


class _Callable:
    """One method, as a client calls it."""

    def __init__(
        self,
        channel: InProcessChannel,
        method: str,
        request_serializer: Callable[[Any], bytes],
        response_deserializer: Callable[[bytes], Any] | None = None,
        _registered_method: bool = False,  # noqa: FBT001, FBT002 - grpc's signature
    ) -> None:
        self._channel = channel
        self._method = method
        self._serialize = request_serializer
        self._deserialize = response_deserializer

    def _answer(self, request: Any, timeout: float | None, metadata: Metadata | None) -> Iterator[Any]:
        return map(self._read, self._channel.answer(self._method, self._serialize(request), timeout, metadata))

    def _read(self, data: bytes) -> Any:
        return data if self._deserialize is None else self._deserialize(data)


class _Unary(_Callable, grpc.UnaryUnaryMultiCallable):  # type: ignore[misc]  # grpc ships no types
    def __call__(self, request: Any, timeout: float | None = None, metadata: Metadata | None = None, **_: Any) -> Any:
        (answer,) = self._answer(request, timeout, metadata)
        return answer

    def with_call(self, request: Any, timeout: float | None = None, metadata: Metadata | None = None, **_: Any) -> Any:
        return self(request, timeout, metadata), _Ended(_OK)

    def future(self, request: Any, *options: Any, **named: Any) -> Any:
        callable_ = self._channel.wire.unary_unary(self._method, self._serialize, self._deserialize)
        return callable_.future(request, *options, **named)


class _Stream(_Callable, grpc.UnaryStreamMultiCallable):  # type: ignore[misc]  # grpc ships no types
    def __call__(self, request: Any, timeout: float | None = None, metadata: Metadata | None = None, **_: Any) -> Any:
        return _Answers(self._answer(request, timeout, metadata))


class _Answers(_Ended):
    """The messages of a stream, and the call they belong to."""

    def __init__(self, answers: Iterator[Any]) -> None:
        super().__init__(_OK)
        self._answers = answers

    def __iter__(self) -> Iterator[Any]:
        return self

    def __next__(self) -> Any:
        return next(self._answers)


_OK = StatusError(Code.OK, "")
