"""Servers that export and import."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from firewarden.server.engine import Engine
from firewarden.server.serving import Server
from firewarden.store import Store


@pytest.fixture
def engine() -> Iterator[Engine]:
    """An engine with an empty store in memory."""
    engine = Engine(Store())
    yield engine
    engine.close()


@pytest.fixture
def server(engine: Engine) -> Iterator[Server]:
    """The engine behind a port."""
    with Server(engine) as server:
        yield server
