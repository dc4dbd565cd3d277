"""Who answers an HTTP request: a route, a method of Firestore's REST interface, or nobody."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Sequence

from firewarden.server.transports.faults import status_of
from firewarden.server.transports.interface import HttpRequest, HttpResponse, Route, Services, TransportLimits
from firewarden.server.transports.rest.answers import error
from firewarden.server.transports.rest.application import rest_application


async def ok(_request: HttpRequest) -> HttpResponse:
    """Says that the server is there."""
    return HttpResponse(200, b"Ok\n")


NOT_FOUND = HttpResponse(404, b"Not Found\n")
_ALWAYS = (Route("GET", "/", ok),)


def http_application(
    services: Services, routes: Sequence[Route], *, limits: TransportLimits
) -> Callable[[HttpRequest], Awaitable[HttpResponse]]:
    """Answers requests with `routes`, then with `services`. A defect is an error 500, and logged."""
    table = [(route, pattern(route.template)) for route in (*routes, *_ALWAYS)]
    rest = rest_application(services, limits=limits)

    async def answer(request: HttpRequest) -> HttpResponse:
        try:
            for route, compiled in table:
                found = compiled.fullmatch(request.path) if route.method == request.method else None
                if found is not None:
                    return await route.answer(request._replace(captures=found.groupdict()))
            return await rest(request) or NOT_FOUND
        except Exception as fault:  # noqa: BLE001 - whatever it is, the client must be told and the server live on
            return error(status_of(fault))

    return answer


def pattern(template: str) -> re.Pattern[str]:
    """The paths of a template: `{name}` is one segment, `{name=**}` all that follows."""
    parts = re.split(r"\{(\w+)(=\*\*)?\}", template)
    text = re.escape(parts[0])
    for name, rest, literal in zip(parts[1::3], parts[2::3], parts[3::3], strict=True):
        text += f"(?P<{name}>{'.*' if rest else '[^/]+?'})" + re.escape(literal)
    return re.compile(text, re.DOTALL)
