"""Google's own client libraries as anybody uses them, on both engines: our server in this process, and the emulator."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import AsyncIterator, Iterator
from typing import Any
from uuid import uuid4

import pytest
from google.cloud import firestore

from firewarden.server.engine import Engine
from firewarden.server.serving import Server
from firewarden.store import Store

OFFICIAL, OURS = "official", "firewarden"


@pytest.fixture(scope="session")
def our_server() -> Iterator[Server]:
    """Our server, as it is started by default."""
    engine = Engine(Store())
    with Server(engine) as server:
        yield server
    engine.close()


@pytest.fixture(params=[OURS, pytest.param(OFFICIAL, marks=pytest.mark.emulator)])
def engine_name(request: pytest.FixtureRequest) -> str:
    """Every test runs on both engines; what it expects is said once."""
    name: str = request.param
    return name


@pytest.fixture
def address(request: pytest.FixtureRequest, engine_name: str) -> str:
    """Where the engine serves, `host:port`; without an emulator on this machine its tests are skipped."""
    if engine_name == OURS:
        server: Server = request.getfixturevalue("our_server")
        return server.address
    host: str = request.getfixturevalue("official_firestore_server").host
    return host


@pytest.fixture
def project() -> str:
    """A project that no other test uses: it begins empty and nobody need clear it."""
    return f"demo-sdk-{uuid4().hex[:12]}"


class Sdk:
    """A client of one flavour. Called with what any of its methods returns, it comes to the result.

    What can be awaited is awaited, and what can be iterated becomes a list: so one test serves both flavours.
    """

    def __init__(self, client: Any, loop: asyncio.AbstractEventLoop | None = None) -> None:
        self.client = client
        self.loop = loop

    def __call__(self, value: Any) -> Any:
        if inspect.isawaitable(value):
            value = self._awaited(value)
        if hasattr(value, "__aiter__"):
            return self._awaited(_collected(value))
        return list(value) if hasattr(value, "__next__") else value

    def document(self, path: str) -> Any:
        return self.client.document(path)

    def collection(self, path: str) -> Any:
        return self.client.collection(path)

    def stored(self, path: str) -> Any:
        """The fields of a document, None if there is none."""
        return self(self.document(path).get()).to_dict()

    def store(self, documents: dict[str, dict[str, Any]]) -> None:
        """Write all of them at once."""
        batch = self.client.batch()
        for path, fields in documents.items():
            batch.set(self.document(path), fields)
        self(batch.commit())

    def ids(self, query: Any) -> list[str]:
        """The ids of the documents that a query finds, in its order."""
        return [each.id for each in self(query.stream())]

    def _awaited(self, value: Any) -> Any:
        assert self.loop is not None
        return self.loop.run_until_complete(value)


async def _collected(items: AsyncIterator[Any]) -> list[Any]:
    return [each async for each in items]


@pytest.fixture(scope="session")
def loop() -> Iterator[asyncio.AbstractEventLoop]:
    """The one loop that asynchronous clients live in."""
    loop = asyncio.new_event_loop()
    yield loop
    loop.close()


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch, address: str, project: str) -> Iterator[Any]:
    """Google's client as its documentation says to make it for an emulator."""
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", address)
    client = firestore.Client(project=project)
    yield client
    client.close()  # type: ignore[no-untyped-call]  # the client library leaves it untyped


@pytest.fixture
def async_client(
    monkeypatch: pytest.MonkeyPatch, address: str, project: str, loop: asyncio.AbstractEventLoop
) -> Iterator[Any]:
    """The same for asyncio."""
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", address)
    client = firestore.AsyncClient(project=project)
    yield client
    loop.run_until_complete(client._firestore_api.transport.close())


@pytest.fixture(params=["sync", "async"])
def sdk(request: pytest.FixtureRequest, address: str) -> Sdk:
    """Either flavour."""
    if request.param == "sync":
        return Sdk(request.getfixturevalue("client"))
    return Sdk(request.getfixturevalue("async_client"), request.getfixturevalue("loop"))
