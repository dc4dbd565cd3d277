"""Room for rules that are nested as deeply as the language allows.

Within one condition 100 levels are allowed, and functions may call each other 20 deep: several times what Python's
own limit of 1,000 frames takes. Only who meets that limit gets more, for as long as it is needed.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from typing import Final, TypeVar

T = TypeVar("T")
FRAMES_MAX: Final = 40_000
"""20 calls of 100 levels, each a dozen frames at most; Python calls of Python code take no space on C's stack."""

_lock = threading.Lock()
_users = 0
_usual = 0


def with_room(work: Callable[[], T]) -> T:
    """Do the work; if it needs more frames than Python grants, do it again with enough of them."""
    try:
        return work()
    except RecursionError:
        _enter()
        try:
            return work()
        finally:
            _leave()


def _enter() -> None:
    global _users, _usual  # noqa: PLW0603 - the limit is one for all threads
    with _lock:
        if _users == 0:
            _usual = sys.getrecursionlimit()
            sys.setrecursionlimit(max(_usual, FRAMES_MAX))
        _users += 1


def _leave() -> None:
    global _users  # noqa: PLW0603 - as above
    with _lock:
        _users -= 1
        if _users == 0:
            sys.setrecursionlimit(_usual)
