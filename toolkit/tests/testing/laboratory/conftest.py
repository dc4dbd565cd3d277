"""The small backend, a database on a clock that stands still, and laboratories with parts of the backend."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from firewarden import Firestore
from firewarden.testing import Laboratory, VirtualClock
from firewarden.triggers import Manifest, read_manifest
from toolkit.tests.testing.laboratory import backend

Open = Callable[..., AbstractContextManager[Laboratory]]


@pytest.fixture(scope="session")
def db() -> Iterator[Firestore]:
    with Firestore(project="demo-laboratory", clock=VirtualClock()) as firestore:
        yield firestore


@pytest.fixture
def deployed() -> Callable[..., Manifest]:
    """``deployed("count_likes")``: the manifest of some of the backend's functions."""

    def manifest(*names: str) -> Manifest:
        module = ModuleType("main")
        for name in names:
            setattr(module, name, getattr(backend, name))
        return read_manifest(module, source=Path(__file__).parent)

    return manifest


@pytest.fixture
def opened(db: Firestore, deployed: Callable[..., Manifest]) -> Open:
    """``with opened("count_likes", plan=...) as lab``: a laboratory on a new database."""

    def laboratory(*names: str, **settings: Any) -> Laboratory:
        db.renew()
        return Laboratory(db, deployed(*names), **settings)

    return laboratory
