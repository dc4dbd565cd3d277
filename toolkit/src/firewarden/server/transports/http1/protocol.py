"""An HTTP/1.1 connection on an asyncio socket: h11 knows the protocol, one task per connection answers in order."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from http import HTTPStatus
from typing import Any, cast
from urllib.parse import parse_qsl, unquote, urlsplit

import h11

from firewarden.server.transports.http1 import cors
from firewarden.server.transports.interface import HttpRequest, HttpResponse, TransportLimits
from firewarden.server.transports.spoken import OnLost, Spoken, peer_name

Application = Callable[[HttpRequest], Awaitable[HttpResponse]]

_LINGER_SECONDS = 2.0

_log = logging.getLogger("firewarden.server")


class Http1Protocol(Spoken):
    """Reads requests, asks the application, writes answers; `on_lost` is told when the socket is gone."""

    def __init__(self, application: Application, *, limits: TransportLimits, on_lost: OnLost) -> None:
        self._application = application
        self._limits = limits
        self._on_lost = on_lost
        self._http = h11.Connection(h11.SERVER, max_incomplete_event_size=limits.metadata_bytes)
        self._arrived = asyncio.Event()
        self._has_room = asyncio.Event()
        self._has_room.set()
        self._is_answering = False
        self._is_closing = False
        self._is_refused = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin to answer."""
        self._transport = cast("asyncio.Transport", transport)
        self._peer = peer_name(self._transport)
        self._task = asyncio.get_running_loop().create_task(self._serve())

    def data_received(self, data: bytes) -> None:
        """Keep what came until the request before it is answered."""
        if self._is_refused:
            return
        self._http.receive_data(data)
        self._arrived.set()
        if self._is_answering and len(self._http.trailing_data[0]) > self._limits.metadata_bytes:
            self._transport.pause_reading()

    def eof_received(self) -> bool:
        """The client will send no more; it may still read."""
        if not self._is_refused:
            self._http.receive_data(b"")
        self._arrived.set()
        return True

    def pause_writing(self) -> None:
        """The socket is full."""
        self._has_room.clear()

    def resume_writing(self) -> None:
        """The socket takes more."""
        self._has_room.set()

    def connection_lost(self, _exc: Exception | None) -> None:
        """The client is gone: what is being answered ends."""
        self._task.cancel()
        self._on_lost(self)

    def close_gracefully(self) -> None:
        """Close after the request that is being answered."""
        self._is_closing = True
        if not self._is_answering:
            self._transport.close()

    def abort(self) -> None:
        """Close now."""
        self._transport.abort()

    async def _serve(self) -> None:
        try:
            while await self._exchange():
                self._http.start_next_cycle()
        except h11.RemoteProtocolError as fault:
            await self._refuse(fault.error_status_hint)
        except Exception:  # noqa: BLE001 - a defect of ours; the other connections live on
            _log.exception("An HTTP connection failed")
        finally:
            self._transport.close()

    async def _exchange(self) -> bool:
        """Answer one request. Returns whether there may be another."""
        head = await self._event()
        if not isinstance(head, h11.Request):
            return False
        self._is_answering = True
        if sum(len(name) + len(value) for name, value in head.headers) > self._limits.metadata_bytes:
            await self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
            return False
        body = await self._body()
        if body is None:
            await self._refuse(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
            return False
        request = self._request(head, body)
        response = HttpResponse() if request.method == "OPTIONS" else await self._application(request)
        await self._send(request, response)
        await self._has_room.wait()  # who does not read its answers is not given more of them
        if self._http.trailing_data[0]:
            await asyncio.sleep(0)  # others have their turn before the next request that is here already
        self._is_answering = False
        return self._http.our_state is h11.DONE and self._http.their_state is h11.DONE and not self._is_closing

    async def _event(self) -> Any:
        while (event := self._http.next_event()) is h11.NEED_DATA:
            if self._http.they_are_waiting_for_100_continue:
                self._write(h11.InformationalResponse(status_code=100, headers=[]))
            self._transport.resume_reading()
            self._arrived.clear()
            await self._arrived.wait()
        return event

    async def _body(self) -> bytes | None:
        """The whole body, or None if it is too long."""
        parts, size = [], 0
        while isinstance(event := await self._event(), h11.Data):
            parts.append(bytes(event.data))
            size += len(event.data)
            if size > self._limits.body_bytes:
                return None
        return b"".join(parts)

    def _request(self, head: h11.Request, body: bytes) -> HttpRequest:
        try:
            target = urlsplit(head.target.decode("ascii"), allow_fragments=False)
        except ValueError as fault:
            raise h11.RemoteProtocolError(f"target: {fault}") from fault
        headers: dict[str, str] = {}
        for raw_name, raw_value in head.headers:
            name, value = raw_name.decode("ascii"), raw_value.decode("latin-1")
            headers[name] = f"{headers[name]},{value}" if name in headers else value
        return HttpRequest(
            method=head.method.decode("ascii"),
            path=unquote(target.path),
            query=parse_qsl(target.query, keep_blank_values=True),
            headers=headers,
            body=body,
            peer=self._peer,
        )

    async def _send(self, request: HttpRequest, response: HttpResponse) -> None:
        headers = [*response.headers, *cors.headers(request)]
        if response.content_type is not None:
            headers.insert(0, ("content-type", response.content_type))
        if isinstance(response.body, bytes):
            headers.append(("content-length", str(len(response.body))))
        self._write(
            h11.Response(status_code=response.status, headers=headers, reason=_reason(response.status)),
        )
        if request.method == "HEAD":
            pass  # told about the body, and sent none
        elif isinstance(response.body, bytes):
            self._write(h11.Data(data=response.body))
        else:
            await self._send_parts(response.body)
        self._write(h11.EndOfMessage())

    async def _send_parts(self, parts: AsyncIterator[bytes]) -> None:
        try:
            async for part in parts:
                self._write(h11.Data(data=part))
                await self._has_room.wait()
        finally:  # also when the client has gone
            close = getattr(parts, "aclose", None)
            if close is not None:
                await close()

    def _write(self, event: Any) -> None:
        data = self._http.send(event)
        if data:
            self._transport.write(data)

    async def _refuse(self, status: int) -> None:
        """Answer a request that is no proper one, if nothing of an answer has been sent, and close."""
        self._is_refused = True
        if self._http.our_state not in (h11.IDLE, h11.SEND_RESPONSE):
            return
        text = f"{_reason(status)}\n".encode()
        headers = [("content-length", str(len(text))), ("connection", "close")]
        self._write(h11.Response(status_code=status, headers=headers, reason=_reason(status)))
        self._write(h11.Data(data=text))
        self._write(h11.EndOfMessage())
        # What the client still sends is read, else it would be reset and never see the answer (RFC 9112, section 9.6).
        self._transport.write_eof()
        self._transport.resume_reading()
        self._arrived.clear()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._arrived.wait(), _LINGER_SECONDS)


def _reason(status: int) -> str:
    return HTTPStatus(status).phrase if status in HTTPStatus.__members__.values() else ""
