"""Functions that run by the clock, and what a clock that is moved makes happen."""

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from firewarden import Firestore
from firewarden.testing import Laboratory, VirtualClock
from firewarden.triggers import FaultPlan, Manifest, Outcome, RetryPolicy
from toolkit.tests.testing.laboratory.conftest import Open


def test_a_scheduled_function_runs_when_it_is_due(opened: Open) -> None:
    """The clock starts at nine."""
    with opened("sweep") as lab:
        lab.clock.advance(minutes=9)
        assert lab.stored_in("sweeps") == {}
        lab.clock.advance(minutes=1)
        assert list(lab.stored_in("sweeps")) == ["09:10"]
        lab.clock.advance(minutes=25)
        assert list(lab.stored_in("sweeps")) == ["09:10", "09:20", "09:30"]
        assert lab.stored("sweeps/09:10") == {"job": "firebase-schedule-sweep-us-central1"}


def test_each_time_is_seen_at_its_own_moment(opened: Open) -> None:
    seen = []
    with opened("sweep") as lab:
        lab.always(lambda: seen.append(lab.clock.now().strftime("%H:%M")))
        lab.clock.advance(minutes=30)
    assert seen == ["09:10", "09:20", "09:30"]


def test_a_function_runs_by_the_clocks_of_its_zone(opened: Open) -> None:
    with opened("daily") as lab:
        lab.clock.advance(days=2)
        assert list(lab.stored_in("days")) == ["01-06 09:00", "01-07 09:00"]


def test_a_failed_run_is_in_the_log_and_does_not_come_again(opened: Open) -> None:
    with opened("daily") as lab:
        lab.firestore.as_owner().document("orders/fail").set({})
        lab.clock.advance(days=1)
        (run,) = lab.log
        assert run.outcome is Outcome.DROPPED
        assert "the day was short" in str(run.error)


def test_a_function_can_be_run_at_any_time_beside_others(opened: Open) -> None:
    with opened("sweep") as lab:
        lab.run("sweep")
        lab.settle()
        assert list(lab.stored_in("sweeps")) == ["09:00"]


def test_a_retry_comes_when_the_clock_is_moved_that_far(opened: Open) -> None:
    with opened("always_fails", retry=RetryPolicy()) as lab:
        lab.firestore.as_owner().document("always/one").set({})
        for seconds, attempts in ((0, 1), (9, 1), (1.1, 2), (19, 2), (2, 3)):
            lab.clock.advance(seconds=seconds)
            assert len(lab.log) == attempts


def test_a_delayed_copy_comes_when_the_clock_is_moved_that_far(opened: Open) -> None:
    with opened("add_like", plan=FaultPlan(delay=0.99, delay_s_max=100), seed=2) as lab:
        lab.firestore.as_owner().document("posts/p/likes/ana").set({})
        lab.clock.advance(seconds=0)
        assert lab.stored("posts/p") is None
        lab.clock.advance(seconds=100)
        assert lab.stored("posts/p") == {"added": 1}
        assert "late" in lab.log[0].faults[-1]


def test_what_expires_starts_triggers(deployed: Callable[..., Manifest], tmp_path: Path) -> None:
    override = {"collectionGroup": "holds", "fieldPath": "expiresAt", "ttl": True, "indexes": []}
    file = tmp_path / "firestore.indexes.json"
    file.write_text(json.dumps({"fieldOverrides": [override]}))
    functions = deployed("hold_ended")
    with Firestore(indexes=file, clock=VirtualClock()) as db, Laboratory(db, functions) as lab:
        db.as_owner().document("holds/h1").set({"expiresAt": lab.clock.now() + timedelta(minutes=5)})
        lab.clock.advance(minutes=4)
        assert lab.stored("ended/h1") is None
        lab.clock.advance(minutes=2)
        assert lab.stored("ended/h1") is not None


def test_turns_need_a_clock_that_stands_still() -> None:
    with Firestore() as db, pytest.raises(ValueError, match="VirtualClock"):
        Laboratory(db, ())
