"""Seats under fault plans, a fixed few of them; `make faults N=1000` plays more, as does `--fault-schedules`."""

import pytest

from firewarden.testing import Laboratories, Laboratory, ScheduleFailed, replay
from tests.simulation.command import CONTROLS
from tests.simulation.scenarios import seats_are_settled
from tests.simulation.stage import SEATING

SCHEDULES = 10
CONTROL_SCHEDULES = 25


def test_seats_are_never_oversold_and_everybody_is_answered(laboratory: Laboratories) -> None:
    explored = laboratory.explore(seats_are_settled, SEATING, schedules=SCHEDULES)
    assert explored.faults > explored.schedules, "the plans must do something"


@pytest.mark.parametrize("control", CONTROLS)
def test_a_control_fails(laboratory: Laboratories, control: str) -> None:
    """Otherwise the proof above would prove nothing."""
    scenario, functions = CONTROLS[control]
    with pytest.raises(ScheduleFailed):
        laboratory.explore(scenario, functions, schedules=CONTROL_SCHEDULES, simplify=False)


def test_the_same_seed_is_the_same_schedule(laboratory: Laboratories) -> None:
    def played() -> Laboratory:
        return replay(seats_are_settled, laboratory.firestore, SEATING, seed=3)

    one, other = played(), played()
    assert one.steps == other.steps
    assert one.log == other.log
    assert one.log.faulty
