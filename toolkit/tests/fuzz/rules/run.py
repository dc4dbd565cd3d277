"""Feeds one input after the other and watches the clock."""

from __future__ import annotations

import signal
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from random import Random
from types import FrameType

from toolkit.tests.fuzz.rules.inputs import Input, made
from toolkit.tests.fuzz.rules.targets import feed

SECONDS_MAX = 10.0
"""No input may take longer, counted as the processor's time: other programs do not make an input slow."""

Feed = Callable[[Input], str]


class TooSlow(BaseException):
    """An input that is not done in time; nothing may catch it by catching every `Exception`."""


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
        start = time.process_time()
        outcome, failure = tried(given)
        seconds = time.process_time() - start
        tally.outcomes[f"{given.what} of {given.way}: {outcome}"] += 1
        if failure is not None:
            tally.failures.append(failure)
        if seconds > tally.slowest:
            tally.slowest, tally.slowest_input = seconds, given
    return tally


def tried(given: Input, target: Feed = feed) -> tuple[str, Failure | None]:
    """What became of an input, and how it failed, if it did."""
    try:
        with _alarm(SECONDS_MAX):
            return target(given), None
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # noqa: BLE001 - whatever it is, it should not have come out
        where = traceback.extract_tb(error.__traceback__)[-1]
        kind = "too slow" if isinstance(error, TooSlow) else f"{type(error).__name__} at {where.name}"
        return "FAILED", Failure(given, kind, "".join(traceback.format_exception(error, limit=-6)))


@contextmanager
def _alarm(seconds: float) -> Iterator[None]:
    def ring(_: int, __: FrameType | None) -> None:
        raise TooSlow

    before = signal.signal(signal.SIGPROF, ring)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
