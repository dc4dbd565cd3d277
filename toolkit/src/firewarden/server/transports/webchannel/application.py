"""Answers the requests that make up channels: handshakes, back channels, forward channels and ends."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from firewarden.firestore.wire import protos
from firewarden.server.transports.interface import (
    Context,
    HttpRequest,
    HttpResponse,
    Method,
    Route,
    Services,
    TransportLimits,
)
from firewarden.server.transports.webchannel import framing
from firewarden.server.transports.webchannel.limits import ChannelLimits
from firewarden.server.transports.webchannel.requests import Malformed, read_form, read_headers, read_number
from firewarden.server.transports.webchannel.session import Seconds, Session
from firewarden.server.transports.webchannel.sessions import Sessions

TEXT = "text/plain; charset=utf-8"
_TEMPLATE = "/{service}/{rpc}/channel"
_AS_IT_COMES = (("x-content-type-options", "nosniff"), ("cache-control", "private, max-age=0"))
"""Browsers show a page no part of a text that they still guess the type of; nor is it for caches."""
# Closure looks for these words anywhere but at the beginning of the text.
_UNKNOWN = HttpResponse(400, b"Error: Unknown SID\n", TEXT)
_TOO_MANY = HttpResponse(503, b"Error: there are too many channels, and all of them have a client\n", TEXT)
_STOPPING = HttpResponse(503, b"Error: the server is stopping\n", TEXT)
_NOT_FOUND = HttpResponse(404, b"Not Found\n")


class Channels:
    """Carries every method of `services` where both sides send as they like."""

    def __init__(
        self,
        services: Services,
        limits: TransportLimits,
        channel_limits: ChannelLimits | None = None,
        *,
        seconds: Seconds = time.monotonic,
    ) -> None:
        self._services = services
        self._message_bytes = limits.message_bytes
        self._limits = channel_limits or ChannelLimits()
        self._seconds = seconds
        self.sessions = Sessions(self._limits, seconds)

    def routes(self) -> Sequence[Route]:
        """What is answered."""
        return (Route("GET", _TEMPLATE, self._answer), Route("POST", _TEMPLATE, self._answer))

    def stop(self) -> None:
        """End all sessions and the answers that are being given."""
        self.sessions.stop()

    async def _answer(self, request: HttpRequest) -> HttpResponse:
        service, rpc = request.captures["service"], request.captures["rpc"]
        method = self._services.get(f"/{service}/{rpc}")
        if method is None or method.kind != "bidi":
            return _NOT_FOUND
        query = dict(request.query)
        name = query.get("SID")
        try:
            if name is None:
                return self._handshake(request, query, method)
            return await self._of_session(request, query, name)
        except ValueError as fault:
            # A client gives its session up when it is refused; so does the server.
            if name is not None and self.sessions.get(name) is not None:
                self.sessions.end(name)
            return HttpResponse(400, f"Error: {fault}\n".encode(errors="replace"), TEXT)

    def _handshake(self, request: HttpRequest, query: Mapping[str, str], method: Method) -> HttpResponse:
        if request.method != "POST":
            raise Malformed("a channel is opened by POST; to go on with one, say its SID")
        form = read_form(request.body, maps=self._limits.maps)
        version = read_number("CVER", query.get("CVER", "0"))
        context = Context({**request.headers, **read_headers(query, form)}, request.peer)

        def begin() -> Session:
            session = Session(
                method,
                context,
                answer_class=_answer_class(request.captures["service"], request.captures["rpc"]),
                budget=self.sessions.budget,
                limits=self._limits,
                message_bytes=self._message_bytes,
                seconds=self._seconds,
            )
            try:
                session.hear(form.first, form.messages)
            except ValueError:
                session.end()
                raise
            return session

        name = self.sessions.open(begin)
        if name is None:
            return _STOPPING if self.sessions.is_stopping else _TOO_MANY
        opened = framing.opened(name, client_version=version, keepalive_seconds=self._limits.keepalive_seconds)
        return HttpResponse(200, opened, TEXT)

    async def _of_session(self, request: HttpRequest, query: Mapping[str, str], name: str) -> HttpResponse:
        session = self.sessions.get(name)
        if session is None:
            return _UNKNOWN
        if query.get("TYPE") == "terminate":
            self.sessions.end(name)
            return HttpResponse(200, b"", TEXT)
        acknowledged = read_number("AID", query.get("AID", "0"))
        if request.method == "POST":
            form = read_form(request.body, maps=self._limits.maps)
            session.acknowledge(acknowledged)
            session.hear(form.first, form.messages)
            await session.room()
            return HttpResponse(200, session.state(), TEXT)
        seconds = self._keepalive(query)
        session.acknowledge(acknowledged)
        body = session.back_channel(acknowledged, is_polling=query.get("CI") == "1", seconds=seconds)
        return HttpResponse(200, body, TEXT, _AS_IT_COMES)

    def _keepalive(self, query: Mapping[str, str]) -> float:
        """A client that polls may say how many milliseconds it waits."""
        asked = read_number("TO", query.get("TO", "0")) / 1_000
        return min(asked, self._limits.keepalive_seconds) or self._limits.keepalive_seconds


@cache
def _answer_class(service: str, rpc: str) -> Any:
    """What the method answers, for handlers that answer in bytes."""
    try:
        found = protos.pool().FindServiceByName(service)
    except KeyError:  # one that answers in messages
        return None
    return protos.message(found.methods_by_name[rpc].output_type.full_name)
