"""Waiting for what another thread or process does: until it holds, and never for ever."""

from __future__ import annotations

import time
from collections.abc import Callable

PATIENCE_S = 30.0


def until(holds: Callable[[], object], *, patience_s: float = PATIENCE_S) -> None:
    """Return when it holds; fail where it does not come to hold."""
    end = time.monotonic() + patience_s
    while not holds():
        assert time.monotonic() < end, "it did not come to pass"
        time.sleep(0.005)
