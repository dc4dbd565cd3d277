"""Makes an input that fails small: ever smaller pieces are left out as long as it fails in the same way."""

from __future__ import annotations

import time
from dataclasses import replace

from toolkit.tests.fuzz.rules.run import Failure, Feed, tried
from toolkit.tests.fuzz.rules.targets import feed

_SECONDS_MAX = 20.0


def shrunk(failure: Failure, target: Feed = feed) -> Failure:
    """The smallest failure of this kind that leaving out pieces comes to within some seconds."""
    deadline = time.monotonic() + _SECONDS_MAX
    best, size = failure, max(1, len(failure.given.text) // 2)
    while size and time.monotonic() < deadline:
        smaller = _without_pieces(best, size, target, deadline)
        if smaller is best or size > 1:
            size //= 2
        best = smaller
    return best


def _without_pieces(failure: Failure, size: int, target: Feed, deadline: float) -> Failure:
    """The failure without each piece of this size that it does not need."""
    best, at = failure, 0
    while at < len(best.given.text) and time.monotonic() < deadline:
        text = best.given.text
        _, found = tried(replace(best.given, text=text[:at] + text[at + size :]), target)
        if found is not None and found.kind == failure.kind:
            best = found
        else:
            at += size
    return best
