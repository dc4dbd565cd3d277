"""Google's emulator for a command that asks it much: the one that runs, or one that is started for as long."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from firewarden.testing import Running, locate_emulator, start_emulator


@contextmanager
def official_address() -> Iterator[str]:
    """Where it listens; raises EmulatorNotFound where there is none."""
    located = locate_emulator()
    if isinstance(located, Running):
        yield located.address
        return
    # It logs a stack trace for every denial.
    with start_emulator(log=Path(os.devnull)) as running:
        yield running.host
