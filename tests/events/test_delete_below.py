"""Cleaning up below a deleted event: nothing of it stays, and nothing of its successor goes."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, TypeVar

import pytest

from gather.events import store
from gather.events.store import delete_below, reconcile_event
from gather.transactions import Contended, run_transaction
from tests.support.events import NOW, rsvp_document

T = TypeVar("T")

pytestmark = pytest.mark.emulator


def below(client: Any) -> list[str]:
    query = client.collection("events").recursive()
    return sorted(snapshot.reference.path for snapshot in query.stream())


def populate(client: Any) -> None:
    client.document("events/other/rsvps/ana").set(rsvp_document("ana"))
    batch = client.batch()
    for number in range(7):
        batch.set(client.document(f"events/e/rsvps/u{number}"), rsvp_document(f"u{number}"))
        batch.set(client.document(f"events/e/seats/u{number}"), {"seats": 1})
    batch.set(client.document("events/e/audit/a"), {"what": "x"})
    batch.set(client.document("events/e/rsvps/ghost/notes/n/more/m"), {"deep": True})
    batch.commit()


def test_nothing_stays_below_a_deleted_event(client: Any, write: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """In pages smaller than what is there, nested and orphaned documents too, and nothing of its neighbours."""
    monkeypatch.setattr(store, "DELETE_PAGE", 3)
    write()
    populate(client)
    client.document("events/e").delete()
    assert reconcile_event(client, "e", now=NOW) is None
    assert below(client) == ["events/other/rsvps/ana"]
    assert delete_below(client, "e") == 0


def test_an_event_created_again_keeps_what_is_below_it(client: Any, write: Any) -> None:
    write()
    populate(client)
    before = below(client)
    assert delete_below(client, "e") == 0
    assert below(client) == before


@pytest.mark.parametrize("page_number", range(8))
def test_an_event_created_again_between_two_pages_inherits_nothing_and_loses_nothing(
    client: Any, write: Any, monkeypatch: pytest.MonkeyPatch, page_number: int
) -> None:
    """Whenever it comes back: what the dead event left goes on being deleted, what is written since stays."""
    monkeypatch.setattr(store, "DELETE_PAGE", 3)
    populate(client)
    pages: list[int] = []

    def transact(client: Any, body: Callable[[Any], T], *, contend_on: Contended = None) -> T:
        if len(pages) == page_number:
            write()
            client.document("events/e/rsvps/u6").delete()
            client.document("events/e/rsvps/u6").set(rsvp_document("u6"))
            client.document("events/e/rsvps/z").set(rsvp_document("z"))
        pages.append(1)
        return run_transaction(client, body, contend_on=contend_on)

    delete_below(client, "e", transact=transact)
    assert below(client) == ["events/e", "events/e/rsvps/u6", "events/e/rsvps/z", "events/other/rsvps/ana"]
    event = client.document("events/e").get()
    assert (event.get("attendingCount"), event.get("waitlistCount")) == (0, 0)


def test_a_ledger_entry_belongs_to_the_event_it_names(client: Any, write: Any) -> None:
    """Its document may be older than the event and reused, or newer and of a late settlement of the predecessor's."""
    entry = {"seats": 1, "state": "admitted", "since": NOW}
    for uid in ("reused", "unnamed"):
        client.document("events/e/seats", uid).set(entry)
    write(attendingCount=9, waitlistCount=0)
    created = client.document("events/e").get().create_time
    for uid, owner in (("reused", created), ("new", created), ("late", created - timedelta(days=1))):
        client.document("events/e/seats", uid).set(entry | {"eventCreatedAt": owner})
    client.document("events/e/seats/own").set(entry)
    assert delete_below(client, "e") == 2
    assert [path.rpartition("/")[2] for path in below(client) if "/seats/" in path] == ["new", "own", "reused"]
    assert client.document("events/e").get().get("attendingCount") == 3
