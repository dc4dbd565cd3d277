"""A small storm through the whole stack, and what a storm is judged by. `make storm` plays large ones."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from firewarden.firestore.billing.prices import known_prices
from firewarden.firestore.billing.usage import Usage
from firewarden.testing import Engine
from tests.storm import command
from tests.storm.figures import Figures, lines, percentile

GOOD = Figures(
    engine="firewarden",
    rsvps=4,
    events=2,
    clients=2,
    instances=2,
    workers=2,
    written_s=1.0,
    lasted_s=2.0,
    settle_s=(0.1, 0.2, 0.3, 2.0),
    arrived_s=(0.0, 0.1, 0.2, 0.3),
    event_writes=(2, 1),
    busiest_other=("users/organizer/counters/notifications", 3),
    committed=9,
    again=1,
    failed=0,
    markers_left=0,
    unbalanced=(),
    usage=Usage(reads=40, lookups=16, writes=28),
)


@pytest.mark.emulator
@pytest.mark.xdist_group("functions")
def test_a_small_storm_leaves_nobody_behind(
    firestore_engine: Engine, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """Two events, everybody at once; half of them fit."""
    told = tmp_path / "storm.json"
    arguments = [
        "--rsvps=30",
        "--events=2",
        "--clients=30",
        "--instances=1",
        f"--engine={firestore_engine}",
        f"--json={told}",
    ]
    assert command.main(arguments) == command.OK, capsys.readouterr().out
    found = json.loads(told.read_text())
    assert (found["rsvps"], found["markers_left"], found["unbalanced"]) == (30, 0, [])
    assert all(0 < writes < 15 for writes in found["event_writes"]), "not one for each answer"
    said = capsys.readouterr().out
    assert "settled       30 of 30" in said
    assert ("reads" in said) == (firestore_engine is Engine.FIREWARDEN)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda good: replace(good, settle_s=good.settle_s[:-1]),
        lambda good: replace(good, markers_left=1),
        lambda good: replace(good, unbalanced=("event00001",)),
    ],
    ids=["somebody unsettled", "a marker left", "oversold"],
)
def test_a_storm_that_leaves_something_behind_is_not_sound(spoil: Callable[[Figures], Figures]) -> None:
    assert GOOD.is_sound
    assert not spoil(GOOD).is_sound


def test_writing_an_event_for_each_answer_does_not_keep_the_pace() -> None:
    assert GOOD.keeps_pace
    assert not replace(GOOD, event_writes=(2, 100)).keeps_pace


def test_what_is_told() -> None:
    said = "\n".join(lines(GOOD, prices=known_prices()))
    assert "settle time   p50 0.20 s, p99 2.00 s, most 2.00 s" in said
    assert "event writes  2 of the busiest, 1.5 on average" in said
    assert "10.00 reads, 4.00 of them by rules, 7.00 writes, 0.00 deletes for an RSVP" in said


@pytest.mark.parametrize(("share", "value"), [(0.5, 50), (0.99, 99), (1.0, 100)])
def test_a_percentile_is_one_of_the_values(share: float, value: int) -> None:
    assert percentile(range(1, 101), share) == value
    assert percentile([7.0], share) == 7.0
    assert percentile([], share) == 0.0
