"""Announcements: a cancellation or a move reaches everybody who is going, once, wherever it was interrupted."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from gather.events.store import reconcile_event
from gather.notifications import announce as module
from gather.notifications.announce import announce
from gather.runtime import Runtime
from gather.transactions import Contended
from tests.support.events import NOW, event_document, rsvp_document

pytestmark = pytest.mark.emulator


@pytest.fixture
def five_going(client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "TOLD_PAGE", 2)
    client.document("events/e").set(event_document())
    for uid in ("ana", "ben", "cleo", "dan", "eve", "fay"):
        client.document("events/e/rsvps", uid).set(rsvp_document(uid))
    client.document("events/e/rsvps/gus").set(rsvp_document("gus", "maybe"))
    reconcile_event(client, "e", now=NOW)


def told(client: Any) -> list[tuple[str, str]]:
    return sorted((found.get("to"), found.get("type")) for found in client.collection("mail").stream())


def change(client: Any, **fields: Any) -> None:
    client.document("events/e").update(fields)
    reconcile_event(client, "e", now=NOW)


EVERYBODY = ["ana", "ben", "dan", "eve", "fay"]  # who is going, without the creator


@pytest.mark.usefixtures("five_going")
@pytest.mark.parametrize(
    ("fields", "kind"),
    [({"canceled": True}, "event_canceled"), ({"startAt": NOW + timedelta(days=3)}, "event_changed")],
)
def test_everybody_who_is_going_is_told_once(client: Any, fields: dict[str, Any], kind: str) -> None:
    change(client, **fields)
    for _ in range(2):
        announce(client, "e")
        reconcile_event(client, "e", now=NOW)
    assert told(client) == [(uid, kind) for uid in EVERYBODY]
    assert list(client.collection("events/e/announcements").stream()) == []


@pytest.mark.usefixtures("five_going")
def test_once_canceled_changes_are_told_to_nobody_until_it_takes_place_again(client: Any) -> None:
    change(client, canceled=True)
    change(client, startAt=NOW + timedelta(days=3))
    announce(client, "e")
    assert {kind for _, kind in told(client)} == {"event_canceled"}
    change(client, canceled=False)
    announce(client, "e")
    assert [kind for uid, kind in told(client) if uid == "ana"] == ["event_canceled", "event_changed"]


@pytest.mark.usefixtures("five_going")
@pytest.mark.parametrize("pages", range(5))
def test_an_interrupted_announcement_goes_on_where_it_stopped(client: Any, gather_runtime: Runtime, pages: int) -> None:
    change(client, canceled=True)
    left = [None] * pages

    def failing(client: Any, body: Callable[[Any], Any], *, contend_on: Contended = None) -> Any:
        if not left:
            raise ConnectionError("gone")
        left.pop()
        return gather_runtime.transact(client, body, contend_on=contend_on)

    if pages < 4:
        with pytest.raises(ConnectionError):
            announce(client, "e", transact=replace(gather_runtime, transact=failing).transact)
    announce(client, "e")
    assert told(client) == [(uid, "event_canceled") for uid in EVERYBODY]


@pytest.mark.usefixtures("five_going")
def test_what_does_not_move_an_event_is_no_news(client: Any) -> None:
    change(client, title="Feast", description="more")
    change(client, published=False, startAt=NOW + timedelta(days=4))
    announce(client, "e")
    assert told(client) == []


@pytest.mark.usefixtures("five_going")
def test_the_announcement_of_a_deleted_event_is_dropped(client: Any) -> None:
    change(client, canceled=True)
    client.document("events/e").delete()
    announce(client, "e")
    assert told(client) == []
    assert list(client.collection("events/e/announcements").stream()) == []


@pytest.mark.usefixtures("five_going")
def test_an_event_created_again_is_announced_anew(client: Any) -> None:
    """Its changes are counted from the beginning, so its announcements have the names of its predecessor's."""
    for _ in range(2):
        change(client, canceled=True)
        announce(client, "e")
        client.document("events/e").delete()
        client.document("events/e").set(event_document())
        reconcile_event(client, "e", now=NOW)
    assert told(client) == [(uid, "event_canceled") for uid in EVERYBODY for _ in range(2)]
