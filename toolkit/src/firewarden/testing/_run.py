"""A test run's folder and lease. Standard library only: every run under pytest-xdist makes one, used or not.

The process that owns the run holds the writing end of a FIFO in the folder. Each server of the run has the
reading end as its standard input, so it ends when the owner does, whichever worker started it and however the
owner ended.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

from firewarden.errors import FirewardenError


class OwnedRun:
    """A run while its owner lives; `folder` is all that its workers have to be told."""

    def __init__(self) -> None:
        if not hasattr(os, "mkfifo"):
            raise FirewardenError(
                "The Firestore fixtures need FIFOs, which this system does not have.",
                hint="Run the tests on Linux or macOS; on Windows inside WSL.",
            )
        self.folder = Path(tempfile.mkdtemp(prefix="firewarden-run-"))
        os.mkfifo(lease(self.folder))
        # A FIFO opens for writing only while somebody reads; the reader is of no use afterwards.
        reader = os.open(lease(self.folder), os.O_RDONLY | os.O_NONBLOCK)
        self._writer = os.open(lease(self.folder), os.O_WRONLY)
        os.close(reader)

    def close(self) -> None:
        """Gives the lease back: servers that still run end now."""
        os.close(self._writer)
        shutil.rmtree(self.folder, ignore_errors=True)


def lease(folder: Path) -> Path:
    """The FIFO of a run's folder."""
    return folder / "lease"
