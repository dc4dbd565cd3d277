"""What browsers need to be told before they let a page of another origin read an answer. All origins may."""

from __future__ import annotations

from firewarden.server.transports.interface import HttpRequest

_METHODS = "DELETE,GET,HEAD,PATCH,POST,PUT"
_EXPOSED = "x-client-wire-protocol,x-http-session-id,x-http-initial-response"


def headers(request: HttpRequest) -> list[tuple[str, str]]:
    """The headers that an answer to this request carries; none if it is not a browser's."""
    origin = request.headers.get("origin")
    if origin is None:
        return []
    found = [
        ("access-control-allow-origin", origin),
        ("access-control-allow-methods", _METHODS),
        ("access-control-allow-credentials", "true"),
        ("vary", "origin"),
    ]
    if request.method != "OPTIONS":
        found.append(("access-control-expose-headers", _EXPOSED))
        return found
    wanted = request.headers.get("access-control-request-headers")
    if wanted is not None:
        found.append(("access-control-allow-headers", wanted))
    if request.headers.get("access-control-request-private-network") == "true":
        found.append(("access-control-allow-private-network", "true"))
    return found
