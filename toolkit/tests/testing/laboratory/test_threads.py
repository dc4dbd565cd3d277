"""The same plan with real threads: nothing is the same twice, and everything still arrives."""

from collections.abc import Iterator

import pytest

from firewarden import Firestore
from firewarden.errors import NotSettled
from firewarden.testing import Laboratory
from firewarden.triggers import FaultPlan, Manifest, Outcome, RetryPolicy
from toolkit.tests.testing.laboratory.conftest import Open
from toolkit.tests.testing.laboratory.likes import GUESTS, everybody_likes, like

SOON = RetryPolicy(first_delay_s=0.01, max_delay_s=0.05)


@pytest.fixture
def real() -> Iterator[Firestore]:
    """A database by the system's clock."""
    with Firestore(project="demo-threads") as firestore:
        yield firestore


def test_faults_happen_and_what_is_right_is_right_in_the_end(real: Firestore, deployed: object) -> None:
    plan = FaultPlan(duplicate=0.4, delay=0.3, reorder=0.5, lose=0.3, crash=0.3, delay_s_max=0.05)
    functions: Manifest = deployed("count_likes")  # type: ignore[operator]
    with Laboratory(real, functions, plan=plan, retry=SOON, threads=4, seed=1) as lab:
        everybody_likes(lab)
        lab.settle(30)
        assert lab.stored("posts/p") == {"likes": GUESTS}
        assert lab.log.faulty
        assert {each.function for each in lab.log} == {"count_likes"}


def test_retries_jump_with_a_virtual_clock(opened: Open) -> None:
    with opened("count_likes", plan=FaultPlan(lose=0.6), threads=3) as lab:
        everybody_likes(lab)
        assert lab.log.of(outcome=Outcome.RETRY)
        assert lab.stored("posts/p") == {"likes": GUESTS}
        assert lab.clock.monotonic() >= 10


def test_what_a_client_raises_is_raised(opened: Open) -> None:
    with opened(threads=2) as lab:
        lab.start("ana", lambda: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            lab.settle()


def test_what_must_always_hold_is_looked_at(opened: Open) -> None:
    def nobody_likes() -> None:
        assert not lab.stored_in("posts/p/likes"), "somebody does"

    with opened("count_likes", threads=2) as lab:
        lab.always(nobody_likes)
        lab.start("ana", like(lab, "ana"))
        with pytest.raises(AssertionError, match="somebody does"):
            lab.settle()


def test_what_is_stuck_is_named(real: Firestore, deployed: object) -> None:
    functions: Manifest = deployed("always_fails")  # type: ignore[operator]
    with Laboratory(real, functions, retry=RetryPolicy(), threads=1) as lab:
        real.as_owner().document("always/one").set({})
        with pytest.raises(NotSettled, match="always_fails <- always/one"):
            lab.settle(0.3)
