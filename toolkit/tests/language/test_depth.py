"""Work that needs more of Python's stack than usual gets it, and nobody else notices."""

import sys
from collections.abc import Callable

import pytest

from firewarden.language.depth import FRAMES_MAX, with_room


def descend(frames: int) -> int:
    return 0 if frames == 0 else 1 + descend(frames - 1)


def test_deep_work_is_done_and_the_limit_restored() -> None:
    usual = sys.getrecursionlimit()
    assert with_room(lambda: descend(10 * usual)) == 10 * usual
    assert sys.getrecursionlimit() == usual


def test_shallow_work_is_done_once_with_the_usual_limit() -> None:
    limits: list[int] = []
    with_room(lambda: limits.append(sys.getrecursionlimit()))
    assert limits == [sys.getrecursionlimit()]


def test_the_limit_is_restored_after_a_failure() -> None:
    usual = sys.getrecursionlimit()
    with pytest.raises(RecursionError):
        with_room(lambda: descend(2 * FRAMES_MAX))
    assert sys.getrecursionlimit() == usual


def test_the_limit_stays_raised_for_whoever_needs_it_last() -> None:
    """Who is done first, such as another thread, takes nobody's room away."""
    usual = sys.getrecursionlimit()
    limits: list[int] = []

    def work() -> None:
        with_room(too_deep_once(lambda: None))
        limits.append(sys.getrecursionlimit())

    with_room(too_deep_once(work))
    assert limits == [FRAMES_MAX]
    assert sys.getrecursionlimit() == usual


def too_deep_once(work: Callable[[], None]) -> Callable[[], None]:
    """Work that does not get far at its first attempt."""
    attempts: list[None] = []

    def attempt() -> None:
        attempts.append(None)
        if len(attempts) == 1:
            raise RecursionError
        work()

    return attempt
