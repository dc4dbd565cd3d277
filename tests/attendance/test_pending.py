"""Group commit: markers are left while an event is hot, many are settled at once, and none is lost to a crash."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import Any

import pytest
from google.api_core.exceptions import Aborted

from gather.attendance import draining, pending
from gather.attendance.draining import drain, drain_once
from gather.attendance.pace import BURST
from gather.attendance.pending import Rest, settle_next_group, settle_or_mark
from gather.attendance.sweep import sweep
from gather.attendance.triggers import on_rsvp_written
from gather.runtime import Runtime, installed
from gather.transactions import run_transaction
from tests.support.clocks import Clock
from tests.support.deliveries import deliver, image
from tests.support.events import NOW, assert_books_balance, event_document, ledger, rsvp_document
from tests.support.metering import Bill

pytestmark = pytest.mark.emulator
HOT = NOW + BURST


class Crashed(BaseException):
    """The process is gone: nothing after it runs, and nobody handles it."""


@pytest.fixture
def clock() -> Clock:
    return Clock(NOW)


@pytest.fixture
def runtime(gather_runtime: Runtime, clock: Clock) -> Runtime:
    return clock.rules(gather_runtime)


@pytest.fixture
def client(runtime: Runtime) -> Any:
    return runtime.firestore


def given(client: Any, *uids: str, **fields: Any) -> None:
    client.document("events/e").set(event_document(isWaitlistEnabled=True, **fields))
    for uid in uids:
        client.document("events/e/rsvps", uid).set(rsvp_document(uid))


def mark(client: Any, uid: str) -> bool:
    return settle_or_mark(client, "e", uid, now=NOW, cause=f"d-{uid}")


def markers(client: Any) -> list[str]:
    return [found.get("uid") for found in pending.pending_markers(client, "e").stream()]


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


def test_groups_wait_for_the_event_to_rest_and_full_ones_follow_sooner(
    client: Any, runtime: Runtime, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pending, "GROUP_MAX", 3)
    crowd = [f"guest{number}" for number in range(8)]
    given(client, *crowd, busyUntil=HOT)
    for uid in crowd:
        mark(client, uid)
    drain_once(runtime, "e")
    assert len(assert_books_balance(client, "e")) == 8
    # Two full groups at once, as a few writes are; the third has to wait for its turn.
    assert clock.slept == [pytest.approx(1.0)]


def test_a_busy_mark_from_a_clock_that_is_ahead_delays_one_rest(client: Any, runtime: Runtime, clock: Clock) -> None:
    given(client, "ana", busyUntil=NOW + timedelta(days=1))
    assert mark(client, "ana")
    drain_once(runtime, "e")
    assert len(clock.slept) == 1
    assert "ana" in assert_books_balance(client, "e")


def test_resting_reads_one_document(client: Any) -> None:
    given(client, "ana", busyUntil=NOW + timedelta(seconds=8))
    mark(client, "ana")
    bill = Bill()
    assert isinstance(settle_next_group(client, "e", now=NOW, transact=bill.transact), Rest)
    assert bill.total == {"reads": 1}


def test_markers_of_a_deleted_event_go_with_its_ledger(client: Any, runtime: Runtime) -> None:
    given(client, "ana", busyUntil=HOT)
    mark(client, "ana")
    client.document("events/e/seats/ana").set({"seats": 1, "state": "admitted", "since": NOW, "source": "rsvp"})
    client.document("events/e").delete()
    drain_once(runtime, "e")
    assert (markers(client), ledger(client, "e")) == ([], {})


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


# --- Crashes ---------------------------------------------------------------------------------------------------


def crash_before(number: int, transact: Any) -> Callable[..., Any]:
    """A process that dies before its nth transaction commits; 0 is the first."""
    begun: list[int] = []

    def run(client: Any, body: Callable[[Any], Any], *, contend_on: str | None = None) -> Any:
        def dying(transaction: Any) -> Any:
            result = body(transaction)
            begun.append(1)
            if len(begun) == number + 1:
                raise Crashed
            return result

        return transact(client, dying, contend_on=contend_on)

    return run


@pytest.mark.parametrize("commits", range(4))
def test_whichever_commit_a_settler_dies_before_the_sweep_settles_everybody(
    client: Any, runtime: Runtime, clock: Clock, commits: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pending, "GROUP_MAX", 2)
    crowd = ["ana", "ben", "cy", "dan", "eve"]
    given(client, *crowd, maxAttendees=3, busyUntil=HOT)
    for uid in crowd:
        mark(client, uid)
    dying = replace(runtime, transact=crash_before(commits, runtime.transact))
    with suppress(Crashed):
        drain(dying, "e")
    clock.advance(minutes=5)
    sweep(runtime)
    assert markers(client) == []
    states = [seat["state"] for _, seat in sorted(assert_books_balance(client, "e").items())]
    assert states == ["admitted"] * 3 + ["waitlisted"] * 2


def test_a_settler_that_dies_before_it_takes_the_markers_away_has_settled(
    client: Any, runtime: Runtime, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    given(client, "ana", "ben", maxAttendees=1, busyUntil=HOT)
    for uid in ("ana", "ben"):
        mark(client, uid)

    def die() -> Any:
        raise Crashed

    with monkeypatch.context() as patch:
        patch.setattr(client, "batch", die)
        with pytest.raises(Crashed):
            drain(runtime, "e")
    assert len(assert_books_balance(client, "e")) == 2
    assert len(markers(client)) == 2
    before = client.document("events/e").get().update_time
    clock.advance(minutes=5)
    drain(runtime, "e")
    assert client.document("events/e").get().update_time == before, "settled again, and nothing differed"
    assert markers(client) == []


def test_an_answer_marked_while_the_last_look_is_taken_is_not_missed(
    client: Any, runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its delivery finds a thread at work and leaves; that thread has just looked and found nothing."""
    given(client, "ana", busyUntil=HOT)
    looked: list[int] = []

    def slow_look(*args: Any, **options: Any) -> Any:
        result = settle_next_group(*args, **options)
        if result == 0 and not looked:
            looked.append(1)
            mark(client, "ana")
            other = threading.Thread(target=drain, args=(runtime, "e"))
            other.start()
            other.join()
        return result

    monkeypatch.setattr(draining, "settle_next_group", slow_look)
    drain(runtime, "e")
    assert looked
    assert markers(client) == []
    assert "ana" in assert_books_balance(client, "e")
    assert draining._draining == {}


def test_a_process_whose_settler_failed_can_settle_again(client: Any, runtime: Runtime) -> None:
    given(client, "ana", busyUntil=HOT)
    mark(client, "ana")
    with pytest.raises(Crashed):
        drain(replace(runtime, transact=crash_before(0, runtime.transact)), "e")
    drain(runtime, "e")
    assert markers(client) == []


@pytest.mark.parametrize("seed", range(3))
def test_deliveries_that_fail_anywhere_and_come_again_leave_nobody_behind(
    client: Any, runtime: Runtime, seed: int
) -> None:
    """A crowd at once, strict line, every fifth transaction fails before or after it has committed; no sweep."""
    crowd = [f"guest{number:02}" for number in range(40)]
    given(client, *crowd, maxAttendees=25)
    rng = Random(seed)

    def shaky(client: Any, body: Callable[[Any], Any], *, contend_on: str | None = None) -> Any:
        fate = rng.random()
        if fate < 0.1:
            raise ConnectionError("before")
        result = runtime.transact(client, body, contend_on=contend_on)
        if fate > 0.9:
            raise ConnectionError("after")
        return result

    def delivered(uid: str) -> None:
        snapshot = client.document("events/e/rsvps", uid).get()
        while True:
            with suppress(ConnectionError):
                deliver(on_rsvp_written, None, snapshot, id=f"d-{uid}", eventId="e", uid=uid)
                return

    with installed(replace(runtime, transact=shaky)), ThreadPoolExecutor(8) as pool:
        list(pool.map(delivered, crowd))
    assert markers(client) == []
    seats = assert_books_balance(client, "e")
    assert set(seats) == set(crowd)
    assert sum(seat["state"] == "admitted" for seat in seats.values()) == 25


def test_the_delivery_after_a_failed_settler_goes_on_with_what_it_left(client: Any, runtime: Runtime) -> None:
    """The event has cooled by then and the delivery leaves no marker of its own."""
    given(client, "ana", "ben", busyUntil=HOT)
    mark(client, "ana")
    transacts = iter([crash_before(0, runtime.transact)])

    def transact(*given: Any, **options: Any) -> Any:
        return next(transacts, runtime.transact)(*given, **options)

    process = replace(runtime, transact=transact)
    with pytest.raises(Crashed):
        drain(process, "e")
    client.document("events/e").update({"busyUntil": NOW})
    ben = client.document("events/e/rsvps/ben").get()
    with installed(process):
        deliver(on_rsvp_written, None, ben, eventId="e", uid="ben")
    assert markers(client) == []
    assert set(assert_books_balance(client, "e")) == {"ana", "ben"}
    assert not draining.has_left_markers(process, "e")


def test_a_group_goes_after_some_rests_however_busy_others_keep_the_event(
    client: Any, runtime: Runtime, clock: Clock
) -> None:
    """Answers over HTTP do not ask whether the event is hot."""
    given(client, "ana", busyUntil=HOT)
    mark(client, "ana")

    def sleep(seconds: float) -> None:
        clock.sleep(seconds)
        client.document("events/e").update({"busyUntil": clock.time + timedelta(seconds=8)})

    sleep(0)
    drain_once(replace(runtime, sleep=sleep), "e")
    assert len(clock.slept) == 1 + draining.RESTS_MAX
    assert "ana" in assert_books_balance(client, "e")


def test_who_was_aborted_leaves_a_marker_however_calm_the_event_is(client: Any) -> None:
    """Two processes that settle one by one what both have read would wait for each other again and again."""
    given(client, "ana")

    def aborted_once(client: Any, body: Callable[[Any], Any], *, contend_on: str | None = None) -> Any:
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


def test_who_is_always_late_rests_as_long_as_others_settle(client: Any, runtime: Runtime, clock: Clock) -> None:
    """Another process settles a group during each rest, and new markers come: the pace is kept by all together."""
    rounds = draining.RESTS_MAX + 3
    crowd = [f"guest{number}" for number in range(rounds + 1)]
    given(client, *crowd, busyUntil=HOT + BURST)
    bill, coming = Bill(), iter(crowd)
    mark(client, next(coming))

    def sleep(seconds: float) -> None:
        clock.sleep(seconds)
        if len(clock.slept) <= rounds:
            assert settle_next_group(client, "e", now=clock.time, may_rest=False) == 1
            client.document("events/e").update({"busyUntil": clock.time + 2 * BURST})
            mark(client, next(coming))

    drain_once(replace(runtime, sleep=sleep, transact=bill.transact), "e")
    assert len(clock.slept) > rounds, "it has not gone before the others"
    assert bill.writes_of["events/e"] == 1, "only for the last marker, which nobody else has settled"
    assert markers(client) == []


def test_the_trigger_marks_and_settles_in_one_delivery(client: Any, runtime: Runtime) -> None:
    given(client, "ana", busyUntil=HOT)
    after = client.document("events/e/rsvps/ana").get()
    with installed(runtime):
        deliver(on_rsvp_written, None, image(after.to_dict(), create_time=after.create_time), eventId="e", uid="ana")
    assert assert_books_balance(client, "e")["ana"]["state"] == "admitted"
    assert markers(client) == []


def test_two_processes_that_drain_one_event_write_it_no_more_than_one(client: Any, runtime: Runtime) -> None:
    """Whoever comes second sees that the event has just been written, and rests."""
    given(client, "ana", "ben", busyUntil=HOT)
    mark(client, "ana")
    assert settle_next_group(client, "e", now=NOW) == 1
    mark(client, "ben")
    assert isinstance(settle_next_group(client, "e", now=NOW), Rest)
