"""Google's emulators of one pytest run, started through pytest-xprocess."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace

import py  # type: ignore[import-untyped]  # the path type that pytest-xprocess works with
from xprocess import ProcessStarter, XProcess

from firewarden.testing._ports import free_port
from firewarden.testing._run import lease
from firewarden.testing.control import EmulatorControl
from firewarden.testing.locate import locate_installation
from firewarden.testing.serving import failed_to_start
from firewarden.testing.start import START_TIMEOUT_S, emulator_command

_LOOPBACK = "127.0.0.1"
# Keeps the process handles of what this process started: a server outlives the call that started it.
_started: list[XProcess] = []


def start(folder: Path, name: str, environ: Mapping[str, str], *, functions: str | None) -> tuple[str, Path]:
    """The address that the emulator installed here serves now, and its log; raises EmulatorNotFound."""
    address = f"{_LOOPBACK}:{free_port()}"
    command = emulator_command(locate_installation(environ), address, functions_emulator=functions)
    log_path = folder / name / "xprocess.log"
    with EmulatorControl(address) as control, lease(folder).open("rb") as standard_input:
        processes = _processes(folder)
        _started.append(processes)
        try:
            processes.ensure(name, _starter(command, control, standard_input.fileno(), log_path))
        except TimeoutError as error:
            raise failed_to_start(f"did not answer within {START_TIMEOUT_S:g} s", log_path) from error
    return address, log_path


def end_emulators(folder: Path) -> None:
    """Ends every emulator of the run."""
    for pid_file in folder.glob("*/xprocess.PID"):
        _processes(folder).getinfo(pid_file.parent.name).terminate()
    for resources in [each for processes in _started for each in processes.resources]:
        resources.release()
        resources.popen.wait()
    _started.clear()


def leave_emulators() -> None:
    """Lets go of what this worker started."""
    for resources in [each for processes in _started for each in processes.resources]:
        # subprocess warns of a process whose result nobody has asked for; here nobody ever will.
        resources.popen.returncode = 0
    _started.clear()


def _processes(folder: Path) -> XProcess:
    # Not the `xprocess` fixture: its folder is shared by all runs in this place, and its log section
    # appears only in the worker that started the process.
    return XProcess(SimpleNamespace(), py.path.local(str(folder)))  # noqa: PTH124 - its own type


def _starter(command: list[str], control: EmulatorControl, standard_input: int, log_path: Path) -> type[ProcessStarter]:
    class Starter(ProcessStarter):  # type: ignore[misc]  # pytest-xprocess publishes no types
        args = command
        timeout = START_TIMEOUT_S
        popen_kwargs = {"stdin": standard_input}  # noqa: RUF012 - the name and kind that pytest-xprocess reads

        def startup_check(self) -> bool:
            if control.is_ready():
                return True
            if not self.process.getinfo(self.control_dir.basename).isrunning():
                raise failed_to_start("ended instead of serving", log_path)
            return False

    return Starter
