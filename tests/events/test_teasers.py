"""The sweep of teasers: time makes them stale, and what is missing is added, at a bounded price."""

from datetime import timedelta
from typing import Any

import pytest

from gather.events import teasers
from gather.events.triggers import sweep_teasers
from gather.runtime import Runtime, installed
from tests.support.clocks import Clock
from tests.support.events import NOW, event_document

pytestmark = pytest.mark.emulator


@pytest.fixture
def sweep(gather_runtime: Runtime) -> Any:
    def run(**later: float) -> list[str]:
        clock = Clock(NOW + timedelta(**later))
        with installed(clock.rules(gather_runtime)):
            sweep_teasers.__wrapped__(None)  # type: ignore[attr-defined]  # functools.wraps sets it
        return sorted(teaser.id for teaser in gather_runtime.firestore.collection("event_teasers").stream())

    return run


def test_teasers_come_and_go_with_time(client: Any, sweep: Any) -> None:
    client.document("events/soon").set(event_document())
    client.document("events/later").set(event_document(startAt=NOW + timedelta(days=9)))
    client.document("events/private").set(event_document(visibility="private"))
    client.document("events/draft").set(event_document(published=False))
    client.document("event_teasers/gone").set({"title": "Gone", "startAt": NOW - timedelta(days=1)})
    assert sweep() == ["later", "soon"]
    assert sweep(days=2) == ["later"]
    assert sweep(days=20) == []


def test_events_are_looked_at_in_turn(client: Any, sweep: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(teasers, "UPCOMING_PAGE", 2)
    for number in range(5):
        client.document(f"events/e{number}").set(event_document(startAt=NOW + timedelta(days=1 + number)))
    assert [len(sweep()) for _ in range(4)] == [2, 4, 5, 5]
    client.document("event_teasers/e0").delete()
    assert len([sweep() for _ in range(3)][-1]) == 5, "after the last comes the first"
