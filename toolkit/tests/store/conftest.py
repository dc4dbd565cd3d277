"""Stores that are consistent when a test is over, whatever it did to them."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from firewarden.store import Store, faults
from toolkit.tests.store.desk import Desk


@pytest.fixture
def desk() -> Iterator[Desk]:
    """A database in memory."""
    with Store() as store:
        yield Desk(store)
        assert faults(store) == []


@pytest.fixture
def open_desk(tmp_path: Path) -> Iterator[Callable[..., Desk]]:
    """Opens a file in the folder of the test, closed at the latest at the end."""
    opened: list[Store] = []

    def open_file(name: str = "data.sqlite3", **options: Any) -> Desk:
        opened.append(Store(tmp_path / name, **options))
        return Desk(opened[-1])

    yield open_file
    for each in opened:
        each.close()
