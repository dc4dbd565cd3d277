"""Seats and money on simulated schedules, a fixed few of them; `make simulate N=10000` plays more."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from firewarden import Firestore
from firewarden.testing import Laboratory, replay
from firewarden.triggers.choices import Choices, written
from tests.simulation import command, running
from tests.simulation.controls import CONTROLS
from tests.simulation.deeds import (
    ACCOUNTANT,
    ADMIN,
    ARRIVAL,
    BUYER,
    GUEST,
    OPERATOR,
    ORDER,
    ORGANIZER,
    PATIENCE,
    PAYMENT,
    SELLER,
    TILL,
    Deed,
)
from tests.simulation.running import control, play
from tests.simulation.scenarios import seats_are_settled
from tests.simulation.stage import EVERYTHING, gather_firestore
from tests.simulation.world import World

SCHEDULES = range(1, 9)


@pytest.fixture(scope="module")
def database() -> Iterator[Firestore]:
    with gather_firestore() as firestore:
        yield firestore


def test_seats_hold_on_every_schedule(database: Firestore) -> None:
    played = play(database, SCHEDULES)
    assert played.violations == []
    assert played.faults > played.schedules, "the plans must do something"
    assert len(played.done) > len(Deed) / 2, "so must people"


@pytest.mark.parametrize("name", CONTROLS)
def test_a_control_fails_as_it_must(database: Firestore, name: str) -> None:
    """Otherwise the proof above would prove nothing."""
    assert control(database, name).how is not None


def test_a_schedule_is_its_choices(database: Firestore) -> None:
    """The same choices are the same schedule to the last call, also when they are given rather than drawn."""
    drawn = replay(seats_are_settled, database, EVERYTHING, seed=6)
    given = replay(seats_are_settled, database, EVERYTHING, seed=6, choices=written(drawn.choices.made))
    assert given.steps == drawn.steps
    assert given.log == drawn.log
    assert drawn.log.faulty


def test_without_chance_nothing_is_done() -> None:
    world = World.drawn(Choices(1, []))
    plans = [*world.guests.values(), world.organizer, world.admin, world.operator]
    plans += [*world.buyers.values(), world.till, world.accountant]
    assert {deed for plan in plans for deed, _ in plan.deeds} == {Deed.NOTHING}


def test_everything_that_can_be_done_is_somebodys() -> None:
    of_guests = {*ARRIVAL, *GUEST}
    of_money = {*ORDER, *PAYMENT, *BUYER, *TILL, *ACCOUNTANT, *PATIENCE}
    assert of_guests | of_money | {*ORGANIZER, *SELLER, *ADMIN, *OPERATOR} == set(Deed)


def test_who_sells_draws_as_whoever_does_not() -> None:
    """Else whether the event costs something would turn everything that is drawn after it."""
    assert len(SELLER) == len(ORGANIZER)


def test_a_violation_is_made_simpler_told_and_played_again(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    def broken(lab: Laboratory) -> None:
        several, large = lab.choices.pick(100), lab.choices.pick(100)
        lab.choices.pick(100)
        assert several == 0 or large == 0, "not both"

    monkeypatch.setattr(running, "seats_are_settled", broken)
    monkeypatch.setattr(command, "seats_are_settled", broken)
    monkeypatch.setattr(running, "CONTROLS", {})
    monkeypatch.setattr(command, "CONTROLS", {})
    arguments = ["--schedules", "1", "--seed", "7", "--workers", "0", "--into", str(tmp_path)]
    assert command.main(arguments) == 1
    told = capsys.readouterr().out
    assert "VIOLATION AssertionError: not both" in told
    assert told.endswith("1 schedules, 1 violations, controls: 0 of 0 failed as they must\n")
    assert command.main(["--replay", str(tmp_path / "schedule-7.json")]) == 1
    assert "not both" in capsys.readouterr().out
