"""Starts Google's emulator through pytest-xprocess, waits until it answers, and leaves it running.

Run as a module by `_emulators`, which says why; it is told what to start as JSON, and answers by its exit code. The
emulator inherits its standard input, the lease of the run, and so ends with the run.
"""

from __future__ import annotations

import json
import os
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from types import SimpleNamespace

import py  # type: ignore[import-untyped]  # the path type that pytest-xprocess works with
from xprocess import ProcessStarter, XProcess

from firewarden.testing.control import EmulatorControl

ENDED = 3
LATE = 4
"""Exit codes: it ended instead of serving; it did not answer in time."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What to start: `command` serves at `address` (``host:port``) and keeps its log in `folder`/`name`."""

    folder: str
    name: str
    address: str
    command: list[str]
    timeout_s: float

    def as_json(self) -> str:
        """As `main` reads it."""
        return json.dumps(asdict(self))


def processes(folder: Path) -> XProcess:
    """What pytest-xprocess keeps in a run's folder."""
    # Not the `xprocess` fixture: its folder is shared by all runs in this place, and its log section
    # appears only in the worker that started the process.
    return XProcess(SimpleNamespace(), py.path.local(str(folder)))  # noqa: PTH124 - its own type


def main(asked: Asked) -> int:
    """The exit code."""
    with EmulatorControl(asked.address) as control:
        try:
            processes(Path(asked.folder)).ensure(asked.name, _starter(asked, control))
        except TimeoutError:
            return LATE
        except _Ended:
            return ENDED
    return 0


class _Ended(Exception):  # noqa: N818 - what happened, not an error of ours
    """The emulator has ended."""


def _starter(asked: Asked, control: EmulatorControl) -> type[ProcessStarter]:
    class Starter(ProcessStarter):  # type: ignore[misc]  # pytest-xprocess publishes no types
        args = asked.command
        timeout = asked.timeout_s
        popen_kwargs = {"stdin": sys.stdin.fileno()}  # noqa: RUF012 - the name and kind that pytest-xprocess reads

        def startup_check(self) -> bool:
            if control.is_ready():
                return True
            if not self.process.getinfo(self.control_dir.basename).isrunning():
                raise _Ended
            return False

    return Starter


if __name__ == "__main__":
    # At once: the emulator goes on, and nothing here is to wait for it or to say that it does not.
    os._exit(main(Asked(**json.loads(sys.argv[1]))))
