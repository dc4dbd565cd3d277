"""A test run's folder and lease. Standard library only: every run under pytest-xdist makes one, used or not.

The process that owns the run holds the writing end of a FIFO in the folder. Each server of the run has the
reading end as its standard input, so it ends when the owner does, whichever worker started it and however the
owner ended.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from firewarden.errors import FirewardenError

if TYPE_CHECKING:
    import pytest

_runs: dict[int, OwnedRun] = {}
"""By the identity of their configurations: a test of a plugin may have a run within a run."""


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


def own_folder(config: pytest.Config) -> Path:
    """The folder of a run that this process owns; made when it is first asked for."""
    if id(config) not in _runs:
        _runs[id(config)] = OwnedRun()
    return _runs[id(config)].folder


def folder_of(config: pytest.Config) -> Path:
    """The run's folder: this process's own, or what a worker was told."""
    named = getattr(config, "workerinput", {}).get("firewarden_run")
    return Path(named) if named is not None else own_folder(config)


def worker_of(config: pytest.Config) -> str:
    """The name of a worker; ``main`` where there are none."""
    workerinput = getattr(config, "workerinput", None)
    return workerinput["workerid"] if workerinput is not None else "main"


def leave(config: pytest.Config) -> None:
    """End the servers of a run that this process owns; let go of those of another's."""
    owned = _runs.pop(id(config), None)
    session = sys.modules.get("firewarden.testing.session")
    if owned is None:
        if session is not None:
            session.leave_servers()
        return
    if any(owned.folder.glob("*/*.PID")):
        from firewarden.testing.session import end_servers  # noqa: PLC0415 - most runs start no server

        end_servers(owned.folder)
    owned.close()
