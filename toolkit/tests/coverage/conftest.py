"""A server that counts, and Google's emulator's answers to the same."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from firewarden.coverage import Recorder
from firewarden.rules import OFFICIAL_1_19_9
from firewarden.server.engine import Engine
from firewarden.server.options import Options
from firewarden.server.serving import Server
from firewarden.store import Store


@pytest.fixture
def http() -> Iterator[httpx.Client]:
    """A server of the test's own that counts, over HTTP."""
    engine = Engine(Store(), options=Options(compatibility=OFFICIAL_1_19_9, coverage=Recorder()))
    try:
        with (
            Server(engine) as server,
            httpx.Client(base_url=f"http://{server.address}", trust_env=False, timeout=60) as client,
        ):
            yield client
    finally:
        engine.close()
