"""Histories of buyers, Stripe's events and crashes: a fixed few of them; `make payments-soak N=10000` plays more."""

from collections import Counter
from collections.abc import Iterator

import pytest

from firewarden import Firestore
from tests.payments.soak.controls import CONTROLS, broken_by
from tests.payments.soak.play import database, play

SEEDS = range(105, 113)


@pytest.fixture(scope="module")
def firestore() -> Iterator[Firestore]:
    with database() as firestore:
        yield firestore


def test_money_tickets_and_seats_agree_whatever_is_told_and_whatever_crashes(firestore: Firestore) -> None:
    played = [play(firestore, seed) for seed in SEEDS]
    figures = sum(played, Counter[str]())
    assert figures["captured"] >= len(SEEDS) / 2, "histories in which nobody pays prove little"
    assert figures["refunds"]


@pytest.mark.parametrize("control", CONTROLS)
def test_a_control_breaks_a_law(firestore: Firestore, control: str) -> None:
    """Otherwise the proof above would prove nothing."""
    assert broken_by(firestore, control) is not None


def test_the_same_seed_is_the_same_history(firestore: Firestore) -> None:
    assert play(firestore, 5) == play(firestore, 5)
