"""The health service: whoever gets an answer has found a server that serves."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any

from firewarden.firestore.status import StatusError, not_found
from firewarden.server.transports.grpc.schemas import messages
from firewarden.server.transports.interface import Context, Method, Receive, Send

_PACKAGE = "grpc.health.v1"
_SERVING, _SERVICE_UNKNOWN = 1, 3


def health_methods(services: Iterable[str]) -> dict[str, Method]:
    """Check and Watch, of the server (no name) and of `services`."""
    known = {"", *services}

    def check(data: bytes, _context: Context) -> Any:
        if _service(data) not in known:
            raise _unknown(_service(data))
        return _status(_SERVING)

    async def watch(receive: Receive, send: Send, _context: Context) -> None:
        name = _service(await receive() or b"")
        await send(_status(_SERVING if name in known else _SERVICE_UNKNOWN))
        await asyncio.Event().wait()  # nothing changes until the client goes or the server ends

    return {f"/{_PACKAGE}.Health/Check": Method("unary", check), f"/{_PACKAGE}.Health/Watch": Method("bidi", watch)}


def _service(data: bytes) -> str:
    return str(messages(_PACKAGE)["HealthCheckRequest"].FromString(data).service)


def _status(status: int) -> Any:
    return messages(_PACKAGE)["HealthCheckResponse"](status=status)


def _unknown(name: str) -> StatusError:
    return not_found(f"Service {name!r} is not served here.")
