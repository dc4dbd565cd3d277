"""A gRPC channel that leads to an engine in the same process: no port, no socket, no copy of the message on a wire.

Google's client libraries take it like any other channel. What needs a stream in both directions (listeners) needs a
port; see `firewarden.server.serving`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import grpc

from firewarden.firestore.status import Code, StatusError
from firewarden.server.engine import Engine
from firewarden.server.services import services
from firewarden.server.transports.interface import Context, Method
from firewarden.server.waiting import ask_again

Metadata = Sequence[tuple[str, str]] | None
_CODES = {code.value[0]: code for code in grpc.StatusCode}


class InProcessChannel(grpc.Channel):  # type: ignore[misc]  # grpc ships no types
    """Calls the engine's methods directly."""

    def __init__(self, engine: Engine) -> None:
        self._services = services(engine)

    def unary_unary(
        self, method: str, request_serializer: Any = None, response_deserializer: Any = None, *_: Any
    ) -> Any:
        """A callable for one method."""
        return _Unary(self._method(method), request_serializer, response_deserializer)

    def unary_stream(
        self, method: str, request_serializer: Any = None, response_deserializer: Any = None, *_: Any
    ) -> Any:
        """A callable for a method that answers with several messages."""
        return _Stream(self._method(method), request_serializer, response_deserializer)

    def stream_unary(self, method: str, *_: Any, **__: Any) -> Any:
        """Firestore has no such method."""
        raise NotImplementedError(method)

    def stream_stream(self, method: str, *_: Any, **__: Any) -> Any:
        """Listeners need a port: start a `Server` and use its address."""
        return _NoStream(method)

    def subscribe(self, callback: Callable[[Any], None], try_to_connect: Any = None) -> None:  # noqa: ARG002 - grpc's
        """Always ready."""
        callback(grpc.ChannelConnectivity.READY)

    def unsubscribe(self, callback: Callable[[Any], None]) -> None:
        """Nothing ever changes."""

    def close(self) -> None:
        """The engine stays open; it is not the channel's."""

    def _method(self, name: str) -> Method | None:
        return self._services.get(name)

    def __enter__(self) -> InProcessChannel:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class _Failed(grpc.RpcError, grpc.Call):  # type: ignore[misc]  # grpc ships no types
    """What a client catches: a status as gRPC raises it."""

    def __init__(self, status: StatusError) -> None:
        super().__init__(str(status))
        self._status = status

    def code(self) -> Any:
        return _CODES[int(self._status.code)]

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

    def add_callback(self, callback: Callable[[], None]) -> bool:  # noqa: ARG002 - grpc's
        return False


class _Done(_Failed):
    """The call of an answer that has come."""

    def __init__(self) -> None:
        super().__init__(StatusError(Code.OK, ""))


class _Callable:
    """One method of the service, as a client calls it."""

    def __init__(
        self, method: Method | None, serialize: Callable[[Any], bytes], deserialize: Callable[[bytes], Any]
    ) -> None:
        self._method = method
        self._serialize = serialize
        self._deserialize = deserialize

    def _answer(self, request: Any, metadata: Metadata) -> Any:
        method = self._method
        if method is None:
            raise grpc.RpcError("there is no such method in this process")
        message = method.request.FromString(self._serialize(request))
        context = Context({name.lower(): value for name, value in metadata or ()})
        try:
            return ask_again(lambda: method.handler(message, context))
        except StatusError as status:
            raise _Failed(status) from None

    def _read(self, answer: Any) -> Any:
        return self._deserialize(answer if isinstance(answer, bytes) else answer.SerializeToString())


class _Unary(_Callable, grpc.UnaryUnaryMultiCallable):  # type: ignore[misc]  # grpc ships no types
    def __call__(self, request: Any, timeout: float | None = None, metadata: Metadata = None, **_: Any) -> Any:  # noqa: ARG002
        return self._read(self._answer(request, metadata))

    def with_call(self, request: Any, timeout: float | None = None, metadata: Metadata = None, **_: Any) -> Any:
        return self(request, timeout, metadata), _Done()

    def future(self, request: Any, timeout: float | None = None, metadata: Metadata = None, **_: Any) -> Any:
        raise NotImplementedError("futures need a port")


class _Stream(_Callable, grpc.UnaryStreamMultiCallable):  # type: ignore[misc]  # grpc ships no types
    def __call__(self, request: Any, timeout: float | None = None, metadata: Metadata = None, **_: Any) -> Any:  # noqa: ARG002
        return _Answers(map(self._read, self._answer(request, metadata)))


class _Answers(_Done):
    """The messages of a stream, and the call they belong to."""

    def __init__(self, answers: Iterator[Any]) -> None:
        super().__init__()
        self._answers = answers

    def __iter__(self) -> Iterator[Any]:
        return self

    def __next__(self) -> Any:
        return next(self._answers)


class _NoStream:
    def __init__(self, method: str) -> None:
        self._method = method

    def __call__(self, *_: Any, **__: Any) -> Any:
        raise NotImplementedError(
            f"{self._method} needs a port: serve the engine with firewarden.server.serving.Server"
        )
