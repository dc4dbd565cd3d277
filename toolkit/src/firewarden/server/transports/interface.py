"""What the transports and the services agree on: a request, its surroundings, and who answers it.

A method is the same whatever carries it: gRPC and REST look it up in one table and call one handler.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Literal, NamedTuple

from firewarden.server.account import Account
from firewarden.server.waiting import Patience

Kind = Literal["unary", "server_stream", "bidi"]


class Context:
    """What comes with a request. `deadline` is in seconds of `time.monotonic`; names of metadata are lower-case."""

    __slots__ = ("account", "deadline", "is_rest", "metadata", "patience", "peer")

    def __init__(self, metadata: Mapping[str, str], peer: str = "", *, is_rest: bool = False) -> None:
        self.metadata = metadata
        self.peer = peer
        self.deadline: float | None = None
        self.is_rest = is_rest
        self.patience = Patience()
        self.account: Account | None = None
        """What it comes to, over all its attempts, once it is known whose request it is."""


class Method(NamedTuple):
    """One method of a service.

    - unary: `handler(request, context)` returns a message or its bytes, or raises `StatusError`; if it raises
      `WouldBlock`, it is asked again.
    - server_stream: the same, with messages that are consumed as fast as the client reads. A list of them is sent at
      once: it must be short.
    - bidi: `await handler(receive, send, context)`; see `Receive` and `Send`.

    `request` is the class of the messages that come in; None hands over their bytes.
    """

    kind: Kind
    handler: Callable[..., Any]
    request: Any = None


Services = Mapping[str, Method]
"""By full name, as in `/google.firestore.v1.Firestore/GetDocument`."""

Receive = Callable[[], Awaitable[Any]]
"""The next message of the client; None when it has said all it will. Raises `StatusError` for one it cannot read."""

Send = Callable[[Any], Awaitable[None]]
"""Takes a message or its bytes; returns when there is room for the next."""


class HttpRequest(NamedTuple):
    """A request over HTTP/1.1. `path` is decoded; `captures` are the named parts of the route's template."""

    method: str
    path: str
    query: Sequence[tuple[str, str]]
    headers: Mapping[str, str]
    body: bytes = b""
    peer: str = ""
    captures: Mapping[str, str] = MappingProxyType({})


class HttpResponse(NamedTuple):
    """An answer over HTTP/1.1. A `body` that is an iterator is sent in chunks, as fast as the client reads."""

    status: int = 200
    body: bytes | AsyncIterator[bytes] = b""
    content_type: str | None = None
    headers: Sequence[tuple[str, str]] = ()


Answer = Callable[[HttpRequest], Awaitable[HttpResponse]]


class Route(NamedTuple):
    """Who answers an HTTP request that is no method of a service.

    In `template`, `{name}` is one segment of the path (without a colon's part), `{name=**}` all that follows.
    """

    method: str
    template: str
    answer: Answer


class TransportLimits(NamedTuple):
    """What a client may send; more is refused and not kept. In bytes, `streams` at once on one connection."""

    message_bytes: int = 10 << 20
    metadata_bytes: int = 64 << 10
    body_bytes: int = 64 << 20
    streams: int = 1_000
