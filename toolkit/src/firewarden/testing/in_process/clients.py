"""Clients that act as somebody, as those of `firewarden.testing.clients`, on an engine in the same process."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import grpc

from firewarden.testing.clients import ActingAsyncClient, ActingClient
from firewarden.testing.in_process.aio import InProcessAioChannel
from firewarden.testing.in_process.calls import Engines
from firewarden.testing.in_process.channel import InProcessChannel

Serve = Callable[[], str]
"""Opens a port, if there is none yet, and says where."""

_NOWHERE = "in-process"
_DATABASE = "(default)"


class InProcessClient(ActingClient):
    """A google-cloud-firestore Client of an engine in this process."""

    def __init__(self, token: str | None, project: str, engines: Engines, serve: Serve) -> None:
        super().__init__(token, project, _NOWHERE, _DATABASE)
        self._engines = engines
        self._serve = serve

    def _emulator_channel(self, transport: Any) -> grpc.Channel:
        opens = super()._emulator_channel

        def wire() -> grpc.Channel:
            self._emulator_host = self._serve()
            return opens(transport)

        return InProcessChannel(self._engines, wire)


class InProcessAsyncClient(ActingAsyncClient):
    """A google-cloud-firestore AsyncClient of an engine in this process."""

    def __init__(self, token: str | None, project: str, engines: Engines, serve: Serve) -> None:
        super().__init__(token, project, _NOWHERE, _DATABASE)
        self._engines = engines
        self._serve = serve

    def _emulator_channel(self, transport: Any) -> grpc.aio.Channel:
        opens = super()._emulator_channel

        def wire() -> grpc.aio.Channel:
            self._emulator_host = self._serve()
            return opens(transport)

        return InProcessAioChannel(self._engines, wire)
