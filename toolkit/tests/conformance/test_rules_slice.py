"""A fixed slice of the generated decisions, held against the running emulator at every run of the tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from firewarden.testing.session import Server
from toolkit.tests.conformance.rules.campaign import Result, batch
from toolkit.tests.conformance.rules.official import Official

SEED = 2026
BATCHES = 10

pytestmark = pytest.mark.emulator


@pytest.fixture
def official(official_firestore_server: Server, firestore_project: str) -> Iterator[Official]:
    """A project of this worker's own, so that rules put elsewhere do not matter."""
    with Official(official_firestore_server.host, f"{firestore_project}-conformance") as official:
        yield official


def test_both_engines_decide_alike(official: Official) -> None:
    """Outcome, message and value of generated programs, requests and queries; every difference is explained."""
    total = Result()
    for number in range(BATCHES):
        total.add(batch(official, seed=SEED, number=number))
    assert total.unexplained == []
    assert total.counts["decisions"] > BATCHES * 40
    assert total.counts["allow"] > 20
    assert total.counts["deny"] > 100
    assert total.counts["programs: value"] > total.counts["programs: error"]
