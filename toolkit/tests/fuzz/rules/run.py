"""Feeds one input after the other, watches the clock, and makes what fails small."""

from __future__ import annotations

import signal
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from random import Random
from types import FrameType

from toolkit.tests.fuzz.rules.inputs import Input, made
from toolkit.tests.fuzz.rules.targets import feed

SECONDS_MAX = 2.0
"""No input may take longer."""
_SHRINK_SECONDS = 20.0


class TooSlow(Exception):  # noqa: N818 - says what it is
    """An input that is not done in time."""


@dataclass(frozen=True, slots=True)
class Failure:
    """An input, and how it failed; `kind` stays the same while it is made smaller."""

    given: Input
    kind: str
    trace: str


@dataclass(slots=True)
class Tally:
    """What became of the inputs so far."""

    outcomes: Counter[str] = field(default_factory=Counter)
    failures: list[Failure] = field(default_factory=list)
    slowest: float = 0.0
    slowest_input: Input | None = None

    def add(self, other: Tally) -> None:
        """Take in what another process has found."""
        self.outcomes += other.outcomes
        self.failures += other.failures
        if other.slowest > self.slowest:
            self.slowest, self.slowest_input = other.slowest, other.slowest_input


def batch(seed: int, number: int, size: int) -> Tally:
    """The inputs of one batch; the same for the same seed and number, on whatever machine."""
    random = Random(f"{seed}/{number}")
    tally = Tally()
    for _ in range(size):
        given = made(random)
        start = time.perf_counter()
        outcome, failure = _tried(given)
        seconds = time.perf_counter() - start
        tally.outcomes[f"{given.what} of {given.way}: {outcome}"] += 1
        if failure is not None:
            tally.failures.append(failure)
        if seconds > tally.slowest:
            tally.slowest, tally.slowest_input = seconds, given
    return tally


def fails(given: Input) -> Failure | None:
    """How an input fails, if it does."""
    return _tried(given)[1]


def _tried(given: Input) -> tuple[str, Failure | None]:
    try:
        with _alarm(SECONDS_MAX):
            return feed(given), None
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt | SystemExit):
            raise
        where = traceback.extract_tb(error.__traceback__)[-1]
        kind = "too slow" if isinstance(error, TooSlow) else f"{type(error).__name__} at {where.name}"
        return "FAILED", Failure(given, kind, "".join(traceback.format_exception(error, limit=-6)))


@contextmanager
def _alarm(seconds: float) -> Iterator[None]:
    def ring(_: int, __: FrameType | None) -> None:
        raise TooSlow

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def shrunk(failure: Failure, *, is_same: Callable[[Failure | None], bool] | None = None) -> Failure:
    """A small input that fails in the same way: ever smaller pieces are left out as long as it does."""
    same = is_same or (lambda other: other is not None and other.kind == failure.kind)
    deadline = time.monotonic() + _SHRINK_SECONDS
    text = failure.given.text
    size = max(1, len(text) // 2)
    best = failure
    while size and time.monotonic() < deadline:
        at, was = 0, text
        while at < len(text) and time.monotonic() < deadline:
            candidate = text[:at] + text[at + size :]
            found = fails(replace(failure.given, text=candidate))
            if same(found) and found is not None:
                text, best = candidate, found
            else:
                at += size
        if text == was or size > 1:
            size = size // 2
    return best
