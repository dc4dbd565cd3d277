"""Draining: groups go at the pace that the event can bear, whoever else settles it, and nobody is missed."""

import threading
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from gather.attendance import draining, pending
from gather.attendance.draining import drain, drain_once
from gather.attendance.pace import BURST
from gather.attendance.pending import settle_next_group
from gather.attendance.triggers import on_rsvp_written
from gather.runtime import Runtime, installed
from tests.attendance.marking import HOT, given, mark, markers
from tests.support.clocks import Clock
from tests.support.deliveries import deliver, image
from tests.support.events import NOW, assert_books_balance, ledger
from tests.support.metering import Bill

pytestmark = pytest.mark.emulator


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


def test_markers_of_a_deleted_event_go_with_its_ledger(client: Any, runtime: Runtime) -> None:
    given(client, "ana", busyUntil=HOT)
    mark(client, "ana")
    client.document("events/e/seats/ana").set({"seats": 1, "state": "admitted", "since": NOW, "source": "rsvp"})
    client.document("events/e").delete()
    drain_once(runtime, "e")
    assert (markers(client), ledger(client, "e")) == ([], {})


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
