"""A server of the test's own, in this process, and clients of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from firewarden.firestore.documents import DatabaseName
from firewarden.rules import OFFICIAL_1_19_9
from firewarden.server.engine import Engine
from firewarden.server.options import Options
from firewarden.server.serving import Server
from firewarden.store import Store
from firewarden.testing import firestore_as, firestore_as_guest, firestore_as_owner

PROJECT = "demo-local"
NAME = DatabaseName(PROJECT)


@pytest.fixture
def options() -> Options:
    """What the server is started with; a test module may say otherwise."""
    return Options(compatibility=OFFICIAL_1_19_9, lock_wait=0.3)


@pytest.fixture
def engine(options: Options) -> Iterator[Engine]:
    """An engine with an empty store in memory."""
    engine = Engine(Store(), options=options)
    yield engine
    engine.close()


@pytest.fixture
def server(engine: Engine) -> Iterator[Server]:
    """The engine behind a port."""
    with Server(engine) as server:
        yield server


@pytest.fixture
def owner(server: Server) -> Iterator[Any]:
    """Google's client, as the administrator."""
    client = firestore_as_owner(project=PROJECT, host=server.address)
    yield client
    client.close()


@pytest.fixture
def acting(server: Server) -> Iterator[Callable[..., Any]]:
    """`acting("ana", role="member")` is Google's client as that user, `acting(None)` as a guest."""
    clients: list[Any] = []

    def client(uid: str | None, **claims: Any) -> Any:
        if uid is None:
            made = firestore_as_guest(project=PROJECT, host=server.address)
        else:
            made = firestore_as(uid, claims, project=PROJECT, host=server.address)
        clients.append(made)
        return made

    yield client
    for each in clients:
        each.close()
