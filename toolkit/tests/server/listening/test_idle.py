"""A listener to whom nothing happens keeps a resume token that is young."""

from __future__ import annotations

from collections.abc import Iterator
from queue import Empty, SimpleQueue
from typing import Any

import pytest

from firewarden.server.engine import Engine
from firewarden.server.listening.tokens import Token, read_token
from firewarden.server.options import Options
from firewarden.server.serving import Server
from firewarden.store import Store
from firewarden.testing import firestore_as_owner
from toolkit.tests.server.listening.conftest import PATIENCE_S, Desk


@pytest.fixture
def desk() -> Iterator[Desk]:
    """A server whose listeners are soon taken for idle."""
    engine = Engine(Store(), options=Options(refresh=0.05))
    with Server(engine) as server:
        desk = Desk(server.address, "demo-idle")
        yield desk
        desk.close()
    engine.close()


def told(token: bytes) -> Token:
    found = read_token(token)
    assert found is not None
    return found


def test_one_to_whom_nothing_happens_is_told_so(desk: Desk) -> None:
    desk.put("c/a", x=1)
    stream = desk.listen()
    stream.query(1)
    stream.hears("ADD 1", "c/a x=1 in [1]", "CURRENT 1", "snapshot")
    first = told(stream.token())
    desk.put("other/b", x=2)
    stream.hears("snapshot", "snapshot")
    last = told(stream.token())
    assert last.moment > first.moment
    assert last.version > first.version
    stream.cancel()
    other = desk.listen()
    other.query(1, resume_token=stream.token())
    other.hears("ADD 1", "CURRENT 1", "snapshot")


def test_one_without_targets_is_told_nothing(desk: Desk) -> None:
    """A snapshot would be one of nothing."""
    stream = desk.listen()
    stream.documents(1, "c/a")
    stream.hears("ADD 1", "c/a deleted [1]", "CURRENT 1", "snapshot")
    stream.remove(1)
    while (said := stream.next()) == "snapshot":
        pass
    assert said == "REMOVE 1"
    desk.put("c/a", x=1)
    with pytest.raises(Empty):
        stream._said.get(timeout=0.5)


def test_google_s_client_is_not_called_for_nothing(desk: Desk) -> None:
    desk.put("c/a", x=1)
    client = firestore_as_owner(project=desk.project, host=desk.host)
    calls: SimpleQueue[int] = SimpleQueue()
    watch: Any = client.collection("c").on_snapshot(lambda documents, *_: calls.put(len(documents)))
    assert calls.get(timeout=PATIENCE_S) == 1
    beside = desk.listen()
    beside.query(1)
    beside.hears("ADD 1", "c/a x=1 in [1]", "CURRENT 1", *["snapshot"] * 4)
    desk.put("c/b", x=1)
    assert calls.get(timeout=PATIENCE_S) == 2
    watch.unsubscribe()
    client.close()
