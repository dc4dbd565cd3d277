"""Python's collector of cycles, held back while a tree grows.

A tree has no cycles, but a long file makes so many nodes that the collector would look through all of them again and
again: a third of the time it takes to read 1,500 lines.
"""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_lock = threading.Lock()
_users = 0
_was_on = False


@contextmanager
def held_back() -> Iterator[None]:
    """Nothing is collected inside; whoever leaves last restores what was found."""
    global _users, _was_on  # noqa: PLW0603 - the collector is one for all threads
    with _lock:
        if _users == 0:
            _was_on = gc.isenabled()
            gc.disable()
        _users += 1
    try:
        yield
    finally:
        with _lock:
            _users -= 1
            if _users == 0 and _was_on:
                gc.enable()
