"""Runs that take turns: the same seed is the same schedule, races are found, crashes are real, time jumps."""

import re
import threading
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from google.cloud import firestore

from firewarden import Firestore
from firewarden.errors import NotSettled
from firewarden.testing import Laboratory, ScheduleFailed, explore, replay
from firewarden.testing.laboratory import turns
from firewarden.triggers import FaultPlan, Manifest, Outcome, RetryPolicy
from firewarden.triggers.choices import Choices, parsed
from toolkit.tests.testing.laboratory.conftest import Open
from toolkit.tests.testing.laboratory.likes import GUESTS, everybody_likes, like


def likes_are_counted(lab: Laboratory) -> None:
    everybody_likes(lab)
    found = lab.stored("posts/p")
    assert found is not None
    assert found.get("likes", found.get("added")) == GUESTS


# --- The same again --------------------------------------------------------------------------------------------


def test_the_same_seed_is_the_same_schedule(opened: Open) -> None:
    def played(seed: int) -> tuple[list[str], str, dict[str, Any]]:
        with opened("count_likes", plan=FaultPlan.everything(), seed=seed) as lab:
            everybody_likes(lab)
            return lab.steps, repr(lab.log), lab.stored_in("posts")

    assert [played(seed) for seed in range(5)] == [played(seed) for seed in range(5)]
    assert len({repr(played(seed)) for seed in range(5)}) == 5


def test_what_is_drawn_by_chance_is_the_same_again(opened: Open) -> None:
    def ids() -> list[str]:
        with opened("count_likes", seed=1) as lab:
            lab.start("ana", lambda: [lab.firestore.as_owner().collection("notes").add({}) for _ in range(3)])
            lab.settle()
            return list(lab.stored_in("notes"))

    assert ids() == ids()


def test_without_faults_every_event_is_delivered_once_and_in_order(opened: Open) -> None:
    with opened("add_like", choices=Choices(0, [])) as lab:
        for number in range(3):
            like(lab, f"guest{number}")()
        lab.settle()
        assert [(each.document[-6:], each.copy, each.attempt, each.outcome) for each in lab.log] == [
            (f"guest{number}", 1, 1, Outcome.OK) for number in range(3)
        ]


# --- What is found ---------------------------------------------------------------------------------------------


def test_what_is_right_holds_on_every_schedule(db: Firestore, deployed: Callable[..., Manifest]) -> None:
    explored = explore(likes_are_counted, db, deployed("count_likes"), schedules=25)
    assert explored.schedules == 25
    assert explored.faults > 25


def test_a_race_is_found_without_any_fault_and_made_simple(db: Firestore, deployed: Callable[..., Manifest]) -> None:
    functions = deployed("read_then_write")
    with pytest.raises(ScheduleFailed) as caught:
        explore(likes_are_counted, db, functions, plan=FaultPlan(), schedules=20)
    assert sum(each > 0 for each in parsed(caught.value.choices)) <= 4
    with pytest.raises(AssertionError):
        replay(likes_are_counted, db, functions, plan=FaultPlan(), seed=1, choices=caught.value.choices)


def test_a_duplicate_is_found_and_everything_else_taken_away(db: Firestore, deployed: Callable[..., Manifest]) -> None:
    with pytest.raises(ScheduleFailed, match="duplicate") as caught:
        explore(likes_are_counted, db, deployed("add_like"), plan=FaultPlan(duplicate=0.3, delay=0.3, reorder=0.3))
    assert f"{GUESTS + 1} deliveries, 1 faults" in str(caught.value)
    assert f"seed={caught.value.seed}" in str(caught.value)
    assert "Commit posts/p" in str(caught.value)


def test_a_failed_transaction_leaves_no_trace_of_order(db: Firestore, deployed: Callable[..., Manifest]) -> None:
    """Two transactions that have read the same: both orders of their commits come up."""

    def scenario(lab: Laboratory) -> None:
        def put(name: str) -> None:
            @firestore.transactional
            def body(transaction: Any) -> None:
                note = client.document("notes/n")
                before = (note.get(transaction=transaction).to_dict() or {}).get("by", [])
                transaction.set(note, {"by": [*before, name]})

            client = lab.firestore.as_owner()
            body(client.transaction(max_attempts=20))

        for name in ("ana", "ben"):
            lab.start(name, partial(put, name))
        lab.settle()
        found = lab.stored("notes/n")
        assert found is not None
        seen.add(tuple(found["by"]))

    seen: set[tuple[str, ...]] = set()
    explore(scenario, db, deployed(), schedules=20)
    assert seen == {("ana", "ben"), ("ben", "ana")}


def test_what_must_always_hold_is_looked_at_after_every_commit(opened: Open) -> None:
    seen = []

    def at_most_two() -> None:
        seen.append(len(lab.stored_in("posts/p/likes")))
        assert seen[-1] <= 2, "three are too many"

    with opened("count_likes") as lab:
        lab.always(at_most_two)
        with pytest.raises(AssertionError, match="three are too many"):
            everybody_likes(lab)
    assert sorted(set(seen)) == [1, 2, 3]


def test_what_a_client_raises_is_raised(opened: Open) -> None:
    with opened() as lab:
        lab.start("ana", lambda: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            lab.settle()


# --- Faults ----------------------------------------------------------------------------------------------------


def test_a_crash_happens_before_or_after_a_write_and_nothing_goes_on(opened: Open) -> None:
    found = set()
    for seed in range(60):
        with opened("copy_in_two_steps", plan=FaultPlan(crash=0.6), seed=seed) as lab:
            like(lab, "ana")()
            lab.settle()
            (delivery,) = lab.log
            assert delivery.outcome is (Outcome.DROPPED if delivery.faults else Outcome.OK), "it is not retried"
            found.add((delivery.faults, len(lab.stored_in("copies"))))
    assert found == {
        ((), 2),
        (("crashed before write 1",), 0),
        (("crashed after write 1",), 1),
        (("crashed before write 2",), 1),
        (("crashed after write 2",), 2),
    }


def test_who_crashes_is_run_again_if_it_is_retried(opened: Open) -> None:
    with opened("count_likes", plan=FaultPlan(crash=0.7), seed=3) as lab:
        everybody_likes(lab)
        assert lab.log.of(outcome=Outcome.RETRY)
        assert lab.stored("posts/p") == {"likes": GUESTS}


def test_an_orphaned_transaction_keeps_its_locks_until_it_expires(opened: Open) -> None:
    with opened("count_likes", plan=FaultPlan(crash=0.5, orphan=0.9), seed=1) as lab:
        for number in range(GUESTS):
            like(lab, f"guest{number}")()
        lab.settle()
        assert any("leaving its locks" in fault for each in lab.log for fault in each.faults)
        assert lab.stored("posts/p") == {"likes": GUESTS}


def test_a_lost_delivery_comes_again_after_the_back_off_even_if_it_is_not_retried(opened: Open) -> None:
    with opened("copy_in_two_steps", plan=FaultPlan(lose=0.8), seed=1) as lab:
        like(lab, "ana")()
        lab.settle()
        *lost, last = lab.log
        assert lost
        assert {each.faults for each in lost} == {("lost",)}
        assert last.outcome is Outcome.OK
        assert lost[0].at + 10 <= last.at
        assert sorted(lab.stored_in("copies")) == ["ana-1", "ana-2"]


def test_events_overtake_each_other(opened: Open) -> None:
    def order(plan: FaultPlan, seed: int) -> list[str]:
        with opened("add_like", plan=plan, seed=seed) as lab:
            for number in range(3):
                like(lab, f"guest{number}")()
            lab.settle()
            return list(dict.fromkeys(re.findall(r"guest\d", "".join(lab.steps))))

    assert len({tuple(order(FaultPlan(reorder=0.9), seed)) for seed in range(15)}) > 3


def test_a_client_may_crash_too(opened: Open) -> None:
    def both(lab: Laboratory) -> None:
        like(lab, "a")()
        like(lab, "b")()

    left = set()
    for seed in range(20):
        with opened(seed=seed) as lab:
            lab.start("ana", partial(both, lab), crash=0.5)
            lab.settle()
            left.add(len(lab.stored_in("posts/p/likes")))
    assert left == {0, 1, 2}


# --- Time, and its end -----------------------------------------------------------------------------------------


def test_who_always_fails_is_tried_for_a_day_as_in_production(opened: Open) -> None:
    with opened("always_fails") as lab:
        lab.firestore.as_owner().document("always/one").set({})
        lab.settle()
        *before, last = lab.log
        assert {each.outcome for each in before} == {Outcome.RETRY}
        assert last.outcome is Outcome.DROPPED
        assert timedelta(hours=23) < timedelta(seconds=last.at) <= timedelta(hours=24)
        assert "RuntimeError: no luck" in repr(lab.log)


def test_what_is_stuck_is_named(opened: Open) -> None:
    with opened("always_fails", retry=RetryPolicy(first_delay_s=60)) as lab:
        lab.firestore.as_owner().document("always/one").set({})
        with pytest.raises(NotSettled, match=r"always_fails <- always/one \(copy 1, attempt 2\) waits until 60.0 s"):
            lab.settle(timeout_s=30)


def test_a_run_without_an_end_is_named(opened: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "STEPS_MAX", 50)
    with opened() as lab:

        def forever() -> None:
            while True:
                lab.firestore.as_owner().document("notes/n").get()

        lab.start("ana", forever)
        with pytest.raises(NotSettled, match="after 50 calls: ana is running"):
            lab.settle()


def test_a_run_that_waits_for_another_by_itself_is_named(opened: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "STALLED_S", 0.2)
    done = threading.Event()
    with opened() as lab:
        lab.start("ana", lambda: done.wait(30))
        with pytest.raises(NotSettled, match=r"(?s)ana has not called Firestore.*done\.wait"):
            lab.settle()
        done.set()


def test_a_pause_is_one_of_the_clock(opened: Open) -> None:
    with opened() as lab:
        began = lab.clock.now()
        lab.start("ana", lambda: lab.sleep(3600))
        lab.start("ben", like(lab, "ben"))
        lab.settle()
        assert lab.clock.now() >= began + timedelta(hours=1)
