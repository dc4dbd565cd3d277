"""Who is asked: our server in this process, or an emulator over gRPC. Messages in, messages out."""

from __future__ import annotations

import json
from itertools import count
from types import TracebackType
from typing import Any, Protocol, Self

import grpc

from firewarden.firestore.status import StatusError
from firewarden.firestore.wire import protos
from firewarden.limits import EMULATOR
from firewarden.rules import OFFICIAL_1_19_9
from firewarden.server.engine import Engine
from firewarden.server.options import Options
from firewarden.server.services import SERVICE, services
from firewarden.server.transports.interface import Context, Method
from firewarden.store import Store
from firewarden.values import NANOS_PER_SECOND, Timestamp
from toolkit.tests.conformance.firestore.universe import PROJECT

_ADMIN = {"authorization": "Bearer owner"}
_TIMEOUT_S = 60.0
_STREAMS = frozenset({"BatchGetDocuments", "RunQuery", "RunAggregationQuery"})
_START_SECONDS = 1_800_000_000


class Refused(Exception):  # noqa: N818 - the answer is a status
    """The answer is a status."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message


class Answering(Protocol):
    """One database, empty at first."""

    project: str

    def call(self, method: str, request: Any) -> list[Any]:
        """The messages of the answer; raises `Refused`."""


class Ours:
    """Our server without a socket. Its clock goes on by a second at each look, so that no two commits share a time."""

    project = PROJECT

    def __init__(self, options: Options | None = None) -> None:
        self._clock = count(_START_SECONDS)
        self.engine = Engine(
            Store(),
            options=options or Options(limits=EMULATOR, compatibility=OFFICIAL_1_19_9, lock_wait=0.0),
            now=lambda: Timestamp(next(self._clock) * NANOS_PER_SECOND),
            seconds=lambda: 0.0,
        )
        self._services = services(self.engine)

    def call(self, method: str, request: Any) -> list[Any]:
        """Ask the handler that both transports ask."""
        return answer_messages(self._services[f"/{SERVICE}/{method}"], method, request, Context(_ADMIN))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.engine.close()


def answer_messages(served: Method, method: str, request: Any, context: Context) -> list[Any]:
    """The messages that a handler answers; raises `Refused`, or `WouldBlock`."""
    try:
        answer = served.handler(request, context)
        messages = list(answer) if served.kind == "server_stream" else [answer]
    except StatusError as status:
        raise Refused(status.code.name, status.message) from None
    return list(map(_class(method).FromString, messages))


class Official:
    """A project of its own in an emulator."""

    def __init__(self, channel: grpc.Channel, project: str) -> None:
        self._channel = channel
        self.project = project

    def call(self, method: str, request: Any) -> list[Any]:
        """Ask over the channel."""
        make = self._channel.unary_stream if method in _STREAMS else self._channel.unary_unary
        call = make(
            f"/{SERVICE}/{method}",
            request_serializer=lambda each: each.SerializeToString(),
            response_deserializer=_class(method).FromString,
        )
        try:
            answer = call(request, metadata=tuple(_ADMIN.items()), timeout=_TIMEOUT_S)
            return list(answer) if method in _STREAMS else [answer]
        except grpc.RpcError as error:
            raise Refused(error.code().name, error.details()) from None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        """Give the memory of the project's documents back."""
        clear = self._channel.unary_unary("/google.firestore.emulator.v1.FirestoreEmulator/ClearData")
        name = f"projects/{self.project}/databases/(default)".encode()
        clear(b"\x0a" + bytes([len(name)]) + name, timeout=_TIMEOUT_S)


def _class(method: str) -> Any:
    service = protos.pool().FindServiceByName(SERVICE)
    return protos.message(service.methods_by_name[method].output_type.full_name)


def request_class(method: str) -> Any:
    """The class of a method's requests."""
    service = protos.pool().FindServiceByName(SERVICE)
    return protos.message(service.methods_by_name[method].input_type.full_name)


def moved(content: Any, old: str, new: str) -> Any:
    """JSON with another project's name."""
    return content if old == new else json.loads(json.dumps(content).replace(old, new))
