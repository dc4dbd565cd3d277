"""A server that keeps evaluations, and the port where it tells of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import pytest

from firewarden.coverage import evaluations
from firewarden.rules import OFFICIAL_1_19_9
from firewarden.server.engine import Engine
from firewarden.server.evaluations import History
from firewarden.server.evaluations_server import EvaluationsServer
from firewarden.server.options import Options
from firewarden.server.serving import Server
from firewarden.store import Store


class Telling(NamedTuple):
    """Where a server is asked, and where it tells what was asked."""

    host: str
    port: int


@pytest.fixture
def history() -> History:
    """Of the test's server; a test module may keep less."""
    return History(evaluations)


@pytest.fixture
def telling(history: History) -> Iterator[Telling]:
    """A server of the test's own."""
    engine = Engine(Store(), options=Options(compatibility=OFFICIAL_1_19_9, evaluations=history))
    try:
        with Server(engine) as server, EvaluationsServer(history, host="127.0.0.1", port=0) as websocket:
            yield Telling(server.address, websocket.port)
    finally:
        engine.close()
