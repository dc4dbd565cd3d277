"""Group commit: markers are left while an event is hot, and many are settled in one write of the event."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from google.api_core.exceptions import Aborted

from gather.attendance.draining import drain_once
from gather.attendance.pending import Rest, settle_next_group, settle_or_mark
from gather.runtime import Runtime
from gather.transactions import Contended, run_transaction
from tests.attendance.marking import HOT, given, mark, markers
from tests.support.events import NOW, assert_books_balance, ledger
from tests.support.metering import Bill

pytestmark = pytest.mark.emulator


def test_a_calm_event_is_settled_at_once(client: Any) -> None:
    given(client, "ana", maxAttendees=1)
    assert not mark(client, "ana")
    assert markers(client) == []
    assert assert_books_balance(client, "e")["ana"]["state"] == "admitted"


def test_a_hot_event_is_not_written_and_a_marker_is_left(client: Any) -> None:
    given(client, "ana", maxAttendees=1, busyUntil=HOT)
    before = client.document("events/e").get().update_time
    assert mark(client, "ana")
    assert mark(client, "ana"), "a delivery that comes again leaves the same marker"
    assert client.document("events/e").get().update_time == before
    assert markers(client) == ["ana"]
    assert ledger(client, "e") == {}


def test_what_does_not_change_the_counts_needs_no_group(client: Any) -> None:
    given(client, "ana", maxAttendees=1)
    client.document("events/e").update({"isWaitlistEnabled": False, "busyUntil": HOT, "attendingCount": 1})
    assert not mark(client, "ana")
    assert client.document("events/e/rsvps/ana").get().get("seatState") == "declined"


def test_a_group_is_one_write_of_the_event_and_serves_in_the_order_of_the_answers(
    client: Any, runtime: Runtime
) -> None:
    crowd = ["zoe", "ana", "mia", "ben"]
    given(client, *crowd, maxAttendees=2, busyUntil=HOT)
    for uid in reversed(crowd):
        mark(client, uid)
    bill = Bill()
    drain_once(replace(runtime, transact=bill.transact), "e")
    assert bill.writes_of["events/e"] == 1
    assert {uid: seat["state"] for uid, seat in assert_books_balance(client, "e").items()} == {
        "zoe": "admitted",
        "ana": "admitted",
        "mia": "waitlisted",
        "ben": "waitlisted",
    }
    assert markers(client) == []


def test_the_cost_of_a_group(client: Any, runtime: Runtime) -> None:
    """Read: the event twice, and RSVP and ledger entry of each. Written: these, and the event once."""
    crowd = [f"guest{number}" for number in range(10)]
    given(client, *crowd, busyUntil=HOT)
    marking, settling = Bill(), Bill()
    for uid in crowd:
        settle_or_mark(client, "e", uid, now=NOW, transact=marking.transact)
    assert marking.total == {"reads": 30, "writes": 10}
    assert settle_next_group(client, "e", now=NOW, transact=settling.transact) == 10
    assert settling.total == {"reads": 22, "writes": 21}


def test_resting_reads_one_document(client: Any) -> None:
    given(client, "ana", busyUntil=NOW + timedelta(seconds=8))
    mark(client, "ana")
    bill = Bill()
    assert isinstance(settle_next_group(client, "e", now=NOW, transact=bill.transact), Rest)
    assert bill.total == {"reads": 1}


def test_one_who_left_while_marked_frees_the_seat(client: Any, runtime: Runtime) -> None:
    given(client, "ana", "ben", maxAttendees=1)
    mark(client, "ana")
    client.document("events/e").update({"busyUntil": HOT})
    mark(client, "ben")
    client.document("events/e/rsvps/ana").delete()
    mark(client, "ana")
    drain_once(runtime, "e")
    assert {uid: seat["state"] for uid, seat in assert_books_balance(client, "e").items()} == {"ben": "admitted"}


def test_a_broken_history_is_repaired_when_the_marker_is_left(client: Any, runtime: Runtime) -> None:
    """The delivery that knows what was lost does not come again."""
    given(client, "ana", busyUntil=HOT)
    before = client.document("events/e/rsvps/ana").get()
    before.reference.update({"statusHistory": []})
    assert settle_or_mark(client, "e", "ana", now=NOW, before=before, cause="d")
    repaired = before.reference.get().get("statusHistory")
    assert [entry["changedBy"] for entry in repaired] == ["ana", "system"]
    drain_once(runtime, "e")
    assert before.reference.get().get("statusHistory") == repaired
    assert len(list(client.collection("events/e/audit").stream())) == 1


def test_who_was_aborted_leaves_a_marker_however_calm_the_event_is(client: Any) -> None:
    """Two processes that settle one by one what both have read would wait for each other again and again."""
    given(client, "ana")

    def aborted_once(client: Any, body: Callable[[Any], Any], *, contend_on: Contended = None) -> Any:
        tries = iter([Aborted("somebody else was first")])  # type: ignore[no-untyped-call]  # publishes no types

        def tried(transaction: Any) -> Any:
            result = body(transaction)
            for failure in tries:
                raise failure
            return result

        return run_transaction(client, tried, contend_on=contend_on)

    assert settle_or_mark(client, "e", "ana", now=NOW, cause="d-ana", transact=aborted_once)
    assert markers(client) == ["ana"]
    assert client.document("events/e").get().get("attendingCount") == 0
    assert settle_next_group(client, "e", now=NOW) == 1
    assert_books_balance(client, "e")


def test_two_processes_that_drain_one_event_write_it_no_more_than_one(client: Any, runtime: Runtime) -> None:
    """Whoever comes second sees that the event has just been written, and rests."""
    given(client, "ana", "ben", busyUntil=HOT)
    mark(client, "ana")
    assert settle_next_group(client, "e", now=NOW) == 1
    mark(client, "ben")
    assert isinstance(settle_next_group(client, "e", now=NOW), Rest)
