"""Telling in Firestore: once per cause, not across a block, with a counter that is exact under any order."""

from collections.abc import Iterator
from typing import Any

import pytest

from gather.attendance.store import settle_rsvp
from gather.attendance.triggers import on_rsvp_written
from gather.notifications.causes import Cause, Kind
from gather.notifications.store import UNREAD_MAX, recount_unread, tell
from gather.notifications.triggers import on_notification_written
from gather.runtime import Runtime, installed
from tests.support.deliveries import deliver, image
from tests.support.events import NOW, event_document, rsvp_document

pytestmark = pytest.mark.emulator


@pytest.fixture
def client(gather_runtime: Runtime) -> Iterator[Any]:
    with installed(gather_runtime):
        yield gather_runtime.firestore


def told(client: Any, uid: str) -> list[tuple[str, str]]:
    found = client.collection("users", uid, "notifications").stream()
    return sorted((each.get("type"), each.get("actor")) for each in found)


def mail(client: Any) -> list[tuple[str, str, str]]:
    return sorted((each.get("to"), each.get("type"), each.get("state")) for each in client.collection("mail").stream())


def going(uid: str = "ana") -> Cause:
    return Cause(kind=Kind.GOING, event_id="e", actor=uid, key="1", recipient=None)


def test_a_cause_is_told_once_with_its_mail(client: Any) -> None:
    client.document("events/e").set(event_document())
    assert tell(client, [going()]) == 1
    (notification,) = client.collection("users/cleo/notifications").stream()
    notification.reference.update({"readAt": NOW})
    assert tell(client, [going()]) == 0
    assert notification.reference.get().get("readAt") == NOW, "what was read stays read"
    assert told(client, "cleo") == [("rsvp_going", "ana")]
    assert mail(client) == [("cleo", "rsvp_going", "pending")]


def test_a_mail_that_was_sent_and_removed_is_not_sent_again(client: Any) -> None:
    client.document("events/e").set(event_document())
    tell(client, [going()])
    for each in client.collection("mail").stream():
        each.reference.delete()
    assert tell(client, [going()]) == 0
    assert mail(client) == []


@pytest.mark.parametrize("path", ["users/cleo/blocks/ana", "users/ana/blocks/cleo"])
def test_nothing_passes_between_people_one_of_whom_has_blocked_the_other(client: Any, path: str) -> None:
    client.document("events/e").set(event_document())
    client.document(path).set({"createdAt": NOW})
    assert tell(client, [going()]) == 0
    assert told(client, "cleo") == []


@pytest.mark.parametrize("created_by", [None, 7, "a/b", "", "ana"])
def test_without_somebody_else_to_tell_nobody_is_told(client: Any, created_by: Any) -> None:
    client.document("events/e").set(event_document(createdBy=created_by))
    assert tell(client, [going()]) == 0
    client.document("events/e").delete()
    assert tell(client, [going()]) == 0
    assert mail(client) == []


def test_a_seat_is_told_by_the_change_that_shows_it_however_often_that_comes(client: Any) -> None:
    """ben leaves: ana is promoted, and the creator learns that she is going."""
    client.document("events/e").set(event_document(maxAttendees=1, isWaitlistEnabled=True))
    for uid in ("ben", "ana"):
        client.document("events/e/rsvps", uid).set(rsvp_document(uid))
        settle_rsvp(client, "e", uid, now=NOW)
    before = client.document("events/e/rsvps/ana").get()
    client.document("events/e/rsvps/ben").delete()
    deliver(on_rsvp_written, image(rsvp_document("ben")), None, eventId="e", uid="ben")
    after = client.document("events/e/rsvps/ana").get()
    for _ in range(3):
        deliver(on_rsvp_written, before, after, eventId="e", uid="ana")
    assert told(client, "ana") == [("seat_promoted", "system")]
    assert told(client, "cleo") == [("rsvp_going", "ana")]
    assert len(mail(client)) == 2


def test_a_delivery_that_failed_before_it_told_tells_when_it_comes_again(
    client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.document("events/e").set(event_document())
    images = (image(rsvp_document("ana")), image(rsvp_document("ana", seatState="admitted")))
    with monkeypatch.context() as patch:
        patch.setattr(client, "batch", None)
        with pytest.raises(TypeError):
            deliver(on_rsvp_written, *images, eventId="e", uid="ana")
    assert told(client, "cleo") == []
    deliver(on_rsvp_written, *images, eventId="e", uid="ana")
    assert told(client, "cleo") == [("rsvp_going", "ana")]


# --- The unread counter ----------------------------------------------------------------------------------------


def unread(client: Any) -> Any:
    return (client.document("users/cleo/counters/notifications").get().to_dict() or {}).get("unread")


def test_the_counter_is_what_is_unread_in_any_order_of_deliveries(client: Any) -> None:
    client.document("events/e").set(event_document())
    tell(client, [going(uid) for uid in ("ana", "ben", "cy")])
    first, *_ = client.collection("users/cleo/notifications").stream()
    first.reference.update({"readAt": NOW})
    read = first.reference.get()
    for before, after in [(first, read), (None, first), (first, read), (None, first)]:
        deliver(on_notification_written, before, after, uid="cleo", notificationId=first.id)
        assert unread(client) == 2


def test_the_counter_ends_at_so_many_or_more(client: Any) -> None:
    for page in range(2):
        batch = client.batch()
        for number in range(UNREAD_MAX // 2 + 1):
            batch.set(client.document(f"users/cleo/notifications/n{page}-{number}"), {"readAt": None})
        batch.commit()
        assert recount_unread(client, "cleo") == min(UNREAD_MAX, (page + 1) * (UNREAD_MAX // 2 + 1))
    assert unread(client) == UNREAD_MAX


def test_what_does_not_change_what_is_unread_reads_nothing(client: Any) -> None:
    images = (image({"readAt": None}), image({"readAt": None, "seen": True}))
    with installed(None):  # type: ignore[arg-type]  # nothing may ask for it
        deliver(on_notification_written, *images, uid="cleo", notificationId="n")


def test_an_unchanged_counter_is_not_written(client: Any) -> None:
    assert recount_unread(client, "cleo") == 0
    before = client.document("users/cleo/counters/notifications").get().update_time
    assert recount_unread(client, "cleo") == 0
    assert client.document("users/cleo/counters/notifications").get().update_time == before
