"""Crashes between marking and settling: whatever dies wherever, everybody is settled in the end."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from random import Random
from typing import Any

import pytest

from gather.attendance import draining, pending
from gather.attendance.draining import drain
from gather.attendance.sweep import sweep
from gather.attendance.triggers import on_rsvp_written
from gather.runtime import Runtime, installed
from gather.transactions import Contended
from tests.attendance.marking import HOT, Crashed, crash_before, given, mark, markers
from tests.support.clocks import Clock
from tests.support.deliveries import deliver
from tests.support.events import NOW, assert_books_balance

pytestmark = pytest.mark.emulator


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

    def shaky(client: Any, body: Callable[[Any], Any], *, contend_on: Contended = None) -> Any:
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
