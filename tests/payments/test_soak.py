"""Histories of buyers, Stripe's events and crashes: a fixed few of them; `make payments-soak N=10000` plays more."""

from collections.abc import Iterator

import pytest

from firewarden import Firestore
from tests.payments.soak.controls import CONTROLS, broken_by
from tests.payments.soak.play import opened, play

HISTORIES = 8


@pytest.fixture(scope="module")
def database() -> Iterator[Firestore]:
    with opened() as firestore:
        yield firestore


def test_money_tickets_and_seats_agree_whatever_is_told_and_whatever_crashes(database: Firestore) -> None:
    played = [play(database, seed) for seed in range(1, HISTORIES + 1)]
    assert sum(each.captured for each in played) >= HISTORIES / 2, "histories in which nobody pays prove little"
    assert any(each.refunds for each in played)


@pytest.mark.parametrize("control", CONTROLS)
def test_a_control_breaks_a_law(database: Firestore, control: str) -> None:
    """Otherwise the proof above would prove nothing."""
    assert broken_by(database, control) is not None


def test_the_same_seed_is_the_same_history(database: Firestore) -> None:
    assert play(database, 5) == play(database, 5)
