"""Calls of an engine's methods from the same process: bytes in and bytes out, as over a port, but no port.

The engine is asked by one thread at a time. Whoever waits for other transactions sleeps without holding it up.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from firewarden.firestore.status import Code, StatusError
from firewarden.server.engine import Engine
from firewarden.server.services import services
from firewarden.server.transports.faults import status_of
from firewarden.server.transports.grpc.messages import message_bytes, parsed, too_large
from firewarden.server.transports.interface import Context, Method, TransportLimits
from firewarden.server.waiting import WouldBlock
from firewarden.testing.in_process.turns import Turns, Waiter

Metadata = Sequence[tuple[str, str]]

Around = Callable[["Call", float | None], Sequence[bytes]]
"""Makes a call in place of `Call.made`, with what has to happen before and after it."""

EXPIRED = StatusError(Code.DEADLINE_EXCEEDED, "Deadline Exceeded")
"""In the words of a client, whose clock this is."""


class Engines:
    """The methods of one engine that take one request; the others need a stream, and so a port."""

    around: Around | None = None

    def __init__(self, engine: Engine) -> None:
        self._limits = TransportLimits()
        self._is_closed = False
        self.lead_to(engine)

    def lead_to(self, engine: Engine) -> None:
        """From now on calls are made to this engine."""
        self._engine = engine
        self._methods = {name: each for name, each in services(engine).items() if each.kind != "bidi"}
        self._turns = Turns(engine.guard)

    def __contains__(self, method: str) -> bool:
        return method in self._methods

    def close(self) -> None:
        """Refuse what is called from now on."""
        self._is_closed = True

    def answer(self, method: str, request: bytes, metadata: Metadata | None, timeout: float | None) -> Sequence[bytes]:
        """The answer to a request; whoever wants to be around all calls makes them."""
        call = self.call(method, request, metadata)
        return call.made(timeout) if self.around is None else self.around(call, timeout)

    def call(self, method: str, request: bytes, metadata: Metadata | None) -> Call:
        """A call that was not made yet. Refuses a request that the port would not take."""
        if self._is_closed:
            raise ValueError("Cannot invoke RPC: this Firestore is closed.")  # grpc's own kind of error
        if len(request) > self._limits.message_bytes:
            raise too_large(self._limits.message_bytes, len(request))
        found = self._methods[method]
        return Call(self._engine, self._turns, found, parsed(found, request), Context(_by_name(metadata or ())))


class Call(NamedTuple):
    """One request. Its answer is several messages, or a `StatusError` is raised."""

    engine: Engine
    turns: Turns
    method: Method
    request: Any
    context: Context

    def made(self, timeout: float | None) -> Sequence[bytes]:
        """The answer, after waiting for other transactions; EXPIRED if that takes longer than `timeout` seconds."""
        end = None if timeout is None else time.monotonic() + timeout
        waiter: Waiter | None = None
        while True:
            with self.turns.turn(waiter):
                left = None if end is None else end - time.monotonic()
                if left is not None and left <= 0:
                    raise EXPIRED
                try:
                    return self.asked()
                except WouldBlock as blocked:
                    waiter = Waiter(self.turns, blocked)
            try:
                waiter.wait(left)
            except BaseException:  # Ctrl-C: nobody may wait for a turn that is not taken
                with self.turns.turn(waiter):
                    raise

    def asked(self) -> Sequence[bytes]:
        """The answer now; raises `WouldBlock` where that has to wait for other transactions."""
        with self.engine.guard:
            try:
                answer = self.method.handler(self.request, self.context)
                answers = [answer] if self.method.kind == "unary" else answer
                return [message_bytes(each) for each in answers]
            except WouldBlock:
                raise
            except Exception as fault:
                raise status_of(fault) from fault


def _by_name(metadata: Metadata) -> dict[str, str]:
    return {name.lower(): value for name, value in metadata}
