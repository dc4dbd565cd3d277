"""One engine, and two ways to it: the channel of this process, and a port."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from firewarden import Firestore
from firewarden.server.options import Options
from firewarden.testing import Database, EmulatorControl

RULES = """\
rules_version = '2';
service cloud.firestore {
  match /databases/{database}/documents {
    match /notes/{id} {
      allow read: if resource == null || resource.data.owner == request.auth.uid;
      allow create, update: if request.resource.data.owner == request.auth.uid;
      allow delete: if request.auth.token.role == 'admin';
    }
  }
}
"""


@pytest.fixture
def db() -> Iterator[Firestore]:
    """A Firestore with rules, and little patience with locks."""
    with Firestore(rules=RULES, options=Options(lock_wait=0.2)) as firestore:
        yield firestore


@pytest.fixture
def over_a_port(db: Firestore) -> Iterator[Database]:
    """The same engine behind a port, with the clients that any server has."""
    address = db.serve()
    with (
        EmulatorControl(address) as control,
        Database(host=address, project=db.project, control=control) as database,
    ):
        yield database


@pytest.fixture(params=["in process", "over a port"])
def way(request: pytest.FixtureRequest) -> Firestore | Database:
    """Both, one after the other: what holds for one holds for the other."""
    named = {"in process": "db", "over a port": "over_a_port"}
    found: Firestore | Database = request.getfixturevalue(named[request.param])
    return found


@pytest.fixture
def refusal() -> Callable[[Callable[[], Any]], tuple[str, str]]:
    """`refusal(ask)` is the kind and the text of the exception that `ask()` raises."""

    def raised(ask: Callable[[], Any]) -> tuple[str, str]:
        with pytest.raises(Exception) as caught:  # noqa: PT011 - which one it is, the test compares
            ask()
        return type(caught.value).__name__, str(caught.value)

    return raised
