"""A desk for each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from toolkit.tests.server.transactions.desk import Desk


@pytest.fixture
def desk() -> Iterator[Desk]:
    desk = Desk()
    yield desk
    desk.engine.close()
