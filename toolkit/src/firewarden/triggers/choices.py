"""The decisions that make one schedule of many: drawn from a seed, or given again.

Every decision is a number from 0 to what is possible, and 0 is always what happens without chance: whoever runs goes
on, nothing is lost. So a schedule is a row of numbers, and with fewer of them above 0 it is a simpler schedule, which
is what shrinking looks for.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import groupby
from random import Random

_ZEROS = re.compile(r"0\*(\d+)")


class Choices:
    """Decisions one after the other; `made` are those so far.

    With `given`, these are made again, and 0 when there are no more; what is not possible is taken modulo what is.
    """

    def __init__(self, seed: int, given: Sequence[int] | None = None) -> None:
        self.seed = seed
        self.made: list[int] = []
        self._given = given
        self._random = Random(seed)  # noqa: S311 - schedules, not secrets

    def pick(self, count: int) -> int:
        """One of `count`, all of them equally likely."""
        if count < 2:
            return 0
        if self._given is None:
            return self._note(int(self._random.random() * count))
        return self._note(self._next() % count)

    def happens(self, probability: float) -> bool:
        """Whether something happens that need not."""
        return self.weighted((probability,)) == 1

    def weighted(self, probabilities: Sequence[float]) -> int:
        """0 for nothing, else the number of what happens, from 1."""
        if self._given is not None:
            return self._note(self._next() % (len(probabilities) + 1) if any(probabilities) else 0)
        drawn = self._random.random()
        for number, probability in enumerate(probabilities, start=1):
            if drawn < probability:
                return self._note(number)
            drawn -= probability
        return self._note(0)

    def fraction(self) -> float:
        """How much of something: a number from 0 to 1, in hundredths."""
        return self.pick(101) / 100

    @property
    def text(self) -> str:
        """The decisions so far, written so that `parsed` reads them; what ends in zeros needs none of these."""
        return written(self.made)

    def _next(self) -> int:
        given = self._given or ()
        position = len(self.made)
        return given[position] if position < len(given) else 0

    def _note(self, value: int) -> int:
        self.made.append(value)
        return value


def written(choices: Sequence[int]) -> str:
    """Decisions as one short text: `0*12 3 1`."""
    end = len(choices)
    while end and choices[end - 1] == 0:
        end -= 1
    parts: list[str] = []
    for value, group in groupby(choices[:end]):
        length = sum(1 for _ in group)
        parts += [f"0*{length}"] if value == 0 and length > 1 else [str(value)] * length
    return " ".join(parts)


def parsed(text: str) -> list[int]:
    """The decisions that `written` wrote down. Raises ValueError for other text."""
    choices: list[int] = []
    for part in text.split():
        zeros = _ZEROS.fullmatch(part)
        if zeros is not None:
            choices += [0] * int(zeros[1])
        elif part.isdecimal():
            choices.append(int(part))
        else:
            raise ValueError(f"{part!r} is no decision of a schedule")
    return choices
