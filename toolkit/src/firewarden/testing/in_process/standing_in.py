"""Google's stock clients, led to an engine in the same process: what functions open for themselves ends up there.

They take the emulator's address from the environment and open the channel in one method, which is replaced here for
one address that nobody could listen on. Who is asked is found out at every call, so a client that a module has opened
once, when it was loaded, serves one database after the other.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from google.cloud.firestore_v1.base_client import BaseClient

from firewarden.testing.in_process.aio import InProcessAioChannel
from firewarden.testing.in_process.calls import Call, Engines, Metadata
from firewarden.testing.in_process.channel import InProcessChannel

ADDRESS = "firewarden.invalid:1"
"""Looks like an emulator's; the name can never exist (RFC 2606)."""
_AUTH = "127.0.0.1:9099"
_NOBODY = Path(__file__).with_name("nobody.json")
"""firebase_admin asks for credentials even where an emulator needs none."""

_stock: Callable[[Any, Any], Any] = BaseClient._emulator_channel  # noqa: SLF001 - the one place where the client opens its channel
_standing: list[tuple[Engines, Callable[[], str]]] = []


@contextmanager
def standing_in(project: str, engines: Engines, serve: Callable[[], str]) -> Iterator[None]:
    """Inside, the clients whose emulator the environment names are clients of `engines`."""
    found = (engines, serve)
    values = {
        "FIRESTORE_EMULATOR_HOST": ADDRESS,
        "GCLOUD_PROJECT": project,
        "GOOGLE_CLOUD_PROJECT": project,
        "FUNCTIONS_EMULATOR": "true",
        "FIREBASE_AUTH_EMULATOR_HOST": os.environ.get("FIREBASE_AUTH_EMULATOR_HOST", _AUTH),
        "GOOGLE_APPLICATION_CREDENTIALS": os.environ.get("GOOGLE_APPLICATION_CREDENTIALS", str(_NOBODY)),
    }
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    BaseClient._emulator_channel = _channel  # type: ignore[method-assign]  # noqa: SLF001 - see above
    _standing.append(found)
    try:
        yield
    finally:
        _standing.remove(found)
        if not _standing:
            BaseClient._emulator_channel = _stock  # type: ignore[method-assign]  # noqa: SLF001 - see above
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


class _Standing:
    """The engines of whoever stands in now; looks like `Engines` to a channel."""

    def __contains__(self, method: str) -> bool:
        return method in _now()[0]

    def answer(self, method: str, request: bytes, metadata: Metadata | None, timeout: float | None) -> Sequence[bytes]:
        return _now()[0].answer(method, request, metadata, timeout)

    def call(self, method: str, request: bytes, metadata: Metadata | None) -> Call:
        return _now()[0].call(method, request, metadata)


def _now() -> tuple[Engines, Callable[[], str]]:
    if not _standing:
        raise ValueError("Cannot invoke RPC: the Firestore that stood in for an emulator is closed.")
    return _standing[-1]


def _channel(client: Any, transport: Any) -> Any:
    if client._emulator_host != ADDRESS:  # noqa: SLF001 - see above
        return _stock(client, transport)

    def wire() -> Any:
        client._emulator_host = _now()[1]()  # noqa: SLF001 - see above
        try:
            return _stock(client, transport)
        finally:
            client._emulator_host = ADDRESS  # noqa: SLF001 - see above

    if "AsyncIO" in transport.__name__:
        return InProcessAioChannel(_Standing(), wire)  # type: ignore[arg-type]  # see _Standing
    return InProcessChannel(_Standing(), wire)  # type: ignore[arg-type]  # see _Standing
