"""Google's emulators of one pytest run, started through pytest-xprocess in a process of its own.

pytest-xprocess forks with code to run in between, and gRPC, which a process of tests has long been using, handles
such a fork by starting its threads again in the child: there they die of the files that are closed, and the child
with them, or wait for ever. So this process only asks a fresh interpreter (`_starting`), which has no such threads.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from firewarden.errors import EmulatorFailed
from firewarden.testing import _starting
from firewarden.testing._ports import free_port
from firewarden.testing._run import lease
from firewarden.testing.locate import locate_installation
from firewarden.testing.serving import failed_to_start
from firewarden.testing.start import START_TIMEOUT_S, emulator_command

_LOOPBACK = "127.0.0.1"
_SPARE_S = 30.0
"""What the fresh interpreter may need beyond the emulator's own time."""


def start(folder: Path, name: str, environ: Mapping[str, str], *, functions: str | None) -> tuple[str, Path]:
    """The address that the emulator installed here serves now, and its log.

    Raises EmulatorNotFound, or EmulatorFailed with the end of the log.
    """
    address = f"{_LOOPBACK}:{free_port()}"
    command = emulator_command(locate_installation(environ), address, functions_emulator=functions)
    log_path = folder / name / "xprocess.log"
    asked = _starting.Asked(folder=str(folder), name=name, address=address, command=command, timeout_s=START_TIMEOUT_S)
    with lease(folder).open("rb") as standard_input:
        try:
            answered = subprocess.run(  # noqa: S603 - our own command line
                [sys.executable, "-m", _starting.__name__, asked.as_json()],
                stdin=standard_input,
                capture_output=True,
                text=True,
                timeout=START_TIMEOUT_S + _SPARE_S,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise failed_to_start(f"did not answer within {START_TIMEOUT_S:g} s", log_path) from error
    if answered.returncode == _starting.LATE:
        raise failed_to_start(f"did not answer within {START_TIMEOUT_S:g} s", log_path)
    if answered.returncode == _starting.ENDED:
        raise failed_to_start("ended instead of serving", log_path)
    if answered.returncode:
        raise EmulatorFailed(f"The Firestore emulator could not be started:\n{answered.stderr.rstrip()}")
    return address, log_path


def end_emulators(folder: Path) -> None:
    """Ends every emulator of the run."""
    for pid_file in folder.glob("*/xprocess.PID"):
        _starting.processes(folder).getinfo(pid_file.parent.name).terminate()
