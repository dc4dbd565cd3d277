"""Answers REST requests with the methods of the service table: the same handlers that gRPC calls."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from itertools import islice
from typing import Any

from firewarden.firestore.status import Code, StatusError
from firewarden.firestore.wire import protos
from firewarden.server.transports.blocked import worth_asking
from firewarden.server.transports.faults import status_of
from firewarden.server.transports.grpc.messages import too_large
from firewarden.server.transports.interface import (
    Context,
    HttpRequest,
    HttpResponse,
    Method,
    Services,
    TransportLimits,
)
from firewarden.server.transports.rest.answers import JSON, error
from firewarden.server.transports.rest.bindings import SERVICE, called
from firewarden.server.transports.rest.printing import json_array, json_text
from firewarden.server.transports.rest.reading import read_request
from firewarden.server.waiting import WouldBlock

_BODY_TYPES = ("", "application/json", "text/plain")
_ITEMS_AT_ONCE = 500
"""Streams with no more messages than this are one body; longer ones are sent in chunks."""

Rest = Callable[[HttpRequest], Awaitable[HttpResponse | None]]


def rest_application(services: Services, *, limits: TransportLimits) -> Rest:
    """Answers requests for methods of `services`; None for what is no such request. Messages are limited as in gRPC."""

    async def answer(request: HttpRequest) -> HttpResponse | None:
        found = called(request.method, request.path)
        if found is None or not _is_json(request):
            return None
        rpc = found.binding.rpc
        method = services.get(f"/{SERVICE}/{rpc}")
        if method is None or method.kind == "bidi":
            return error(StatusError(Code.UNIMPLEMENTED, f"Method {SERVICE}/{rpc} is unimplemented"))
        try:
            message = read_request(_class("input_type", rpc)(), found, request.query, request.body)
            _check_size(message, len(request.body), limits.message_bytes)
            context = Context(request.headers, request.peer, is_rest=True)
            return await _asked(method, message, context, _class("output_type", rpc))
        except Exception as fault:  # noqa: BLE001 - whatever it is, the client must be told and the server live on
            return error(status_of(fault))

    return answer


def _check_size(message: Any, body_bytes: int, limit: int) -> None:
    """A message is no longer than its JSON; so few are measured."""
    if body_bytes > limit and (size := message.ByteSize()) > limit:
        raise too_large(limit, size)


def _is_json(request: HttpRequest) -> bool:
    """Whether the body may be read: the emulator knows nothing to POST to under other types."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    return request.method != "POST" or kind in _BODY_TYPES


def _class(side: str, rpc: str) -> Any:
    service = protos.pool().FindServiceByName(SERVICE)
    return protos.message(getattr(service.methods_by_name[rpc], side).full_name)


async def _asked(method: Method, message: Any, context: Context, answer_class: Any) -> HttpResponse:
    while True:
        try:
            answer = method.handler(message, context)
            if method.kind == "unary":
                return HttpResponse(200, (_text(answer, answer_class) + "\n").encode(), JSON)
            items = iter(answer)
            first = list(islice(items, _ITEMS_AT_ONCE))
            break
        except WouldBlock as blocked:
            await worth_asking(blocked)
    texts = (_text(each, answer_class) for each in first)
    if len(first) < _ITEMS_AT_ONCE:
        return HttpResponse(200, "".join(json_array(texts)).encode(), JSON)
    return HttpResponse(200, _parts(json_array(_all(texts, items, answer_class))), JSON)


def _all(texts: Iterator[str], items: Iterator[Any], answer_class: Any) -> Iterator[str]:
    yield from texts
    for each in items:
        yield _text(each, answer_class)


async def _parts(texts: Any) -> AsyncIterator[bytes]:
    iterator = iter(texts)
    while part := "".join(islice(iterator, _ITEMS_AT_ONCE)):
        yield part.encode()
        await asyncio.sleep(0)  # others have their turn


def _text(answer: Any, answer_class: Any) -> str:
    return json_text(answer_class.FromString(answer) if isinstance(answer, bytes) else answer)
