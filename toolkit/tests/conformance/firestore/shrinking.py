"""Makes a history smaller while it is still answered differently in the same way."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import islice

from google.protobuf.json_format import ParseError

from toolkit.tests.conformance.firestore.differences import Difference
from toolkit.tests.conformance.firestore.universe import Json
from toolkit.tests.conformance.rules.reductions import smaller_json

Find = Callable[[Sequence[Json]], Difference | None]
"""The first difference of a history."""

_STEPS_MAX = 300
_ATTEMPTS_MAX = 400
_NO_HISTORY = (ParseError, KeyError, ValueError, TypeError, IndexError, AttributeError, StopIteration)


def shrunk(find: Find, difference: Difference) -> Difference:
    """The smallest found: no single reduction of it differs in the same way."""
    for _ in range(_STEPS_MAX):
        candidates = islice(_smaller(difference.history), _ATTEMPTS_MAX)
        found = (_asked(find, each) for each in candidates)
        smaller = next((each for each in found if each is not None and each.signature == difference.signature), None)
        if smaller is None:
            break
        difference = smaller
    return difference


def _asked(find: Find, history: Sequence[Json]) -> Difference | None:
    try:
        return find(history)
    except _NO_HISTORY:
        return None


def _smaller(history: Sequence[Json]) -> Iterator[Sequence[Json]]:
    """Without half, a quarter … of the operations before the last, then without parts of what each asks for."""
    *before, last = history
    size = len(before)
    while size:
        for start in range(0, len(before), size):
            yield [*before[:start], *before[start + size :], last]
        size //= 2
    for number, each in enumerate(history):
        for request in smaller_json(each["request"]):
            yield [*history[:number], {**each, "request": request}, *history[number + 1 :]]
