"""What tests of several parts ask for."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from firewarden.errors import EmulatorNotFound
from firewarden.testing import Engine, start_firestore
from firewarden.testing.engine import is_official_required
from firewarden.testing.locate import Installation, locate_installation
from firewarden.testing.session import Server


@pytest.fixture(scope="session")
def installed_emulator() -> Installation:
    """Google's emulator as it is installed here. Without one the test is skipped, unless REQUIRE_OFFICIAL says no."""
    try:
        return locate_installation()
    except EmulatorNotFound as missing:
        if is_official_required():
            raise
        said = missing.message
    pytest.skip(f"needs Google's emulator: {said.splitlines()[0]}")


@pytest.fixture(scope="session")
def unindexed_server(request: pytest.FixtureRequest, firestore_engine: Engine) -> Iterator[Server]:
    """Runs what has no index: those that the root defines are another product's. Google's emulator always does."""
    if firestore_engine is Engine.OFFICIAL:
        yield request.getfixturevalue("firestore_server")
        return
    with start_firestore(engine=firestore_engine) as running:
        yield Server(running.host, str(running.log_path))
