"""The servers of one pytest run: started once through pytest-xprocess, shared by all its workers."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from types import SimpleNamespace

import py  # type: ignore[import-untyped]  # the path type that pytest-xprocess works with
from filelock import FileLock
from xprocess import ProcessStarter, XProcess

from firewarden.testing._ports import free_port
from firewarden.testing._run import lease
from firewarden.testing.control import EmulatorControl
from firewarden.testing.locate import Installation, Running, locate_emulator, locate_installation
from firewarden.testing.start import START_TIMEOUT_S, emulator_command, failed_to_start

_LOOPBACK = "127.0.0.1"
# Keeps the process handles of what this process started: a server outlives the call that started it.
_started: list[XProcess] = []


@dataclass(frozen=True, slots=True)
class Server:
    """A Firestore server of this run; `log_path` is None where somebody else keeps it."""

    host: str
    log_path: str | None = None
    functions_address: str | None = None


def shared_server(folder: Path, environ: Mapping[str, str] = os.environ) -> Server:
    """The one server of the run: FIRESTORE_EMULATOR_HOST's, or one started by whoever asks first."""
    known = folder / "shared.json"
    with FileLock(folder / "shared.lock"):
        if known.exists():
            return Server(**json.loads(known.read_text()))
        located = locate_emulator(environ)
        server = Server(located.address) if isinstance(located, Running) else _start(folder, "shared", located)
        known.write_text(json.dumps(asdict(server)))
        return server


def functions_server(folder: Path, worker: str, environ: Mapping[str, str] = os.environ) -> Server:
    """A server of this worker's own that delivers triggers to an address free at this moment.

    Always one of our own: an emulator can be told where its triggers go only when it is started.
    """
    address = f"{_LOOPBACK}:{free_port()}"
    return _start(folder, f"functions-{worker}", locate_installation(environ), functions_address=address)


def end_servers(folder: Path) -> None:
    """Ends every server of the run; only the owner calls this, at its end."""
    for pid_file in folder.glob("*/xprocess.PID"):
        _processes(folder).getinfo(pid_file.parent.name).terminate()
    for resources in [each for processes in _started for each in processes.resources]:
        resources.release()
        resources.popen.wait()
    _started.clear()


def leave_servers() -> None:
    """Lets go of what this worker started: a worker ends before the servers, which are the owner's to end."""
    for resources in [each for processes in _started for each in processes.resources]:
        # subprocess warns of a process whose result nobody has asked for; here nobody ever will.
        resources.popen.returncode = 0
    _started.clear()


def _start(folder: Path, name: str, installation: Installation, *, functions_address: str | None = None) -> Server:
    address = f"{_LOOPBACK}:{free_port()}"
    command = emulator_command(installation, address, functions_emulator=functions_address)
    log_path = folder / name / "xprocess.log"
    with EmulatorControl(address) as control, lease(folder).open("rb") as standard_input:
        processes = _processes(folder)
        _started.append(processes)
        try:
            processes.ensure(name, _starter(command, control, standard_input.fileno(), log_path))
        except TimeoutError as error:
            raise failed_to_start(f"did not answer within {START_TIMEOUT_S:g} s", log_path) from error
    return Server(host=address, log_path=str(log_path), functions_address=functions_address)


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
