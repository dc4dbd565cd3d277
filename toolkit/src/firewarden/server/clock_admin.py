"""The virtual clock over HTTP: what time it is, and moving it. There is nothing like it in Google's emulator."""

from __future__ import annotations

import asyncio
import json
import math
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from firewarden.firestore.status import failed_precondition, invalid
from firewarden.server.clock import VirtualClock, system_now
from firewarden.server.transports.interface import HttpRequest, HttpResponse, Route
from firewarden.values import Timestamp

_CLOCK = "/emulator/v1/clock"
_REAL = "This server runs by the system's clock. Start it with --clock TIME to move it."


class ClockAdmin:
    """Answers for one engine's clock; None is the system's, which nobody moves."""

    def __init__(self, clock: VirtualClock | None) -> None:
        self._clock = clock

    def routes(self) -> Sequence[Route]:
        """What is answered, by method and path."""
        return (
            Route("GET", _CLOCK, self._get),
            Route("PUT", _CLOCK, self._set),
            Route("POST", f"{_CLOCK}:advance", self._advance),
        )

    async def _get(self, _: HttpRequest) -> HttpResponse:
        return self._answer()

    async def _set(self, request: HttpRequest) -> HttpResponse:
        time = _body(request, "time").get("time")
        try:
            moment = datetime.fromisoformat(str(time))
        except ValueError:
            raise invalid(f"time {time!r} must be a time such as 2026-05-01T12:00:00Z.") from None
        return await self._moved(lambda clock: clock.set(moment))

    async def _advance(self, request: HttpRequest) -> HttpResponse:
        seconds = _body(request, "seconds").get("seconds")
        if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not math.isfinite(seconds):
            raise invalid(f"seconds {seconds!r} must be a number.")
        return await self._moved(lambda clock: clock.advance(seconds=seconds))

    async def _moved(self, move: Callable[[VirtualClock], None]) -> HttpResponse:
        clock = self._clock
        if clock is None:
            raise failed_precondition(_REAL)
        try:
            # Who follows may have much to do, and whoever waits for the server meanwhile is to be answered.
            await asyncio.to_thread(move, clock)
        except (ValueError, OverflowError) as fault:
            raise invalid(f"{str(fault)[0].upper()}{str(fault)[1:]}.") from None
        return self._answer()

    def _answer(self) -> HttpResponse:
        now = system_now() if self._clock is None else self._clock.timestamp()
        return _answer({"time": _written(now), "isVirtual": self._clock is not None})


def _written(now: Timestamp) -> str:
    return now.moment().isoformat(timespec="microseconds").replace("+00:00", "Z")


def _body(request: HttpRequest, known: str) -> Mapping[str, Any]:
    try:
        body = json.loads(request.body or b"null")
    except ValueError:
        body = None
    if not isinstance(body, dict) or body.keys() != {known}:
        raise invalid(f"The body must be {{{known}}}.")
    return body


def _answer(body: Mapping[str, Any]) -> HttpResponse:
    return HttpResponse(200, f"{json.dumps(body, indent=2)}\n".encode(), "application/json")
