"""Fault plans: what they do to copies, and which are none."""

from collections.abc import Callable
from random import Random

import pytest

from firewarden.triggers import FaultPlan, FirestoreEvent
from firewarden.triggers.choices import Choices
from firewarden.triggers.faults import Copy, copies

MakeEvent = Callable[..., FirestoreEvent]


def test_without_faults_an_event_comes_once_and_at_once() -> None:
    assert copies(FaultPlan(), Choices(1)) == [Copy()]


def test_every_fault_happens_about_as_often_as_it_should() -> None:
    plan, choices = FaultPlan(duplicate=0.25, delay=0.5, reorder=0.75, delay_s_max=60), Choices(1)
    drawn = [copies(plan, choices) for _ in range(1000)]
    every = [each for one in drawn for each in one]
    assert 200 < sum(len(one) == 2 for one in drawn) < 300
    assert 550 < sum(each.delay_s > 0 for each in every) < 700
    assert 850 < sum(each.is_held for each in every) < 1000
    assert max(each.delay_s for each in every) <= 60


def test_a_host_over_http_takes_it_for_a_plan(make_event: MakeEvent) -> None:
    plan, event = FaultPlan(duplicate=0.5, delay=0.5), make_event("created", "users/ana", after={})
    rng = Random(1)
    delays = [plan(event, rng) for _ in range(100)]
    assert {len(each) for each in delays} == {1, 2}
    assert delays == [plan(event, again) for again in [Random(1)] for _ in range(100)]


@pytest.mark.parametrize("value", [-0.1, 1.0, 2])
def test_what_is_certain_is_no_fault(value: float) -> None:
    """A delivery that is always lost would never arrive."""
    with pytest.raises(ValueError, match="lose"):
        FaultPlan(lose=value)
