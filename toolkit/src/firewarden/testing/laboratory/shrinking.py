"""Making a failing schedule simpler: choices set back to 0, many at once where that still fails."""

from __future__ import annotations

from collections.abc import Callable, Sequence

Try = Callable[[Sequence[int]], Sequence[int] | None]
"""Plays choices; returns those that were made if it still fails, else None."""


def shrunk(choices: Sequence[int], still_fails: Try, *, tries_max: int) -> Sequence[int]:
    """The choices with as many zeros as were found; the last that failed."""
    best = list(choices)
    tries = 0
    size = max(1, _meant(best))
    while size >= 1 and tries < tries_max:
        start, is_better = 0, False
        while start < _meant(best) and tries < tries_max:
            candidate = _without(best, start, size)
            tries += 1
            made = still_fails(candidate)
            if made is not None and _meant(made) < _meant(best):
                best, is_better = list(made), True
            else:
                start += size
        if not is_better or size > 1:
            if size == 1:
                break
            size //= 2
    return best


def _meant(choices: Sequence[int]) -> int:
    """How many choices are not what happens without chance."""
    return sum(each != 0 for each in choices)


def _without(choices: Sequence[int], start: int, size: int) -> list[int]:
    """The same with `size` of those that are meant set to 0, from the one with the number `start`."""
    left = list(choices)
    meant = [index for index, each in enumerate(choices) if each]
    for index in meant[start : start + size]:
        left[index] = 0
    return left
