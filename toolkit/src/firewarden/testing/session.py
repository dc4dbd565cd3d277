"""The servers of one pytest run: started once, shared by all its workers, ended with it.

A run on our own server never imports what only Google's emulator needs (`_emulators`).
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from filelock import FileLock

from firewarden.testing._ports import free_port
from firewarden.testing._run import lease
from firewarden.testing.engine import Engine
from firewarden.testing.serving import Serving, start_process

START_TIMEOUT_S = 60.0
_LOOPBACK = "127.0.0.1"
_GRACE_S = 10.0
_PID_FILE = "server.PID"
# What this process started: a server outlives the call that started it.
_started: list[subprocess.Popen[bytes]] = []


@dataclass(frozen=True, slots=True)
class Server:
    """A Firestore server of this run; `log_path` is None where somebody else keeps it."""

    host: str
    log_path: str | None = None
    functions_address: str | None = None


def shared_server(folder: Path, engine: Engine, serving: Serving, environ: Mapping[str, str] = os.environ) -> Server:
    """The one server of the run: FIRESTORE_EMULATOR_HOST's, or one started by whoever asks first."""
    with FileLock(folder / "shared.lock"):
        if environ.get("FIRESTORE_EMULATOR_HOST"):
            from firewarden.testing.locate import locate_running  # noqa: PLC0415 - see above

            return Server(locate_running(environ).address)
        return _known_or_started(folder, "shared", engine, serving, environ)


def official_server(folder: Path, environ: Mapping[str, str] = os.environ) -> Server:
    """Google's emulator as it is installed, started once for the run; raises EmulatorNotFound."""
    with FileLock(folder / "official.lock"):
        return _known_or_started(folder, "official", Engine.OFFICIAL, Serving(), environ)


def functions_server(
    folder: Path, worker: str, engine: Engine, serving: Serving, environ: Mapping[str, str] = os.environ
) -> Server:
    """A server of this worker's own that delivers triggers to an address free at this moment.

    Always one of our own: Google's emulator can be told where its triggers go only when it is started.
    """
    functions = f"{_LOOPBACK}:{free_port()}"
    return _started_server(folder, f"functions-{worker}", engine, serving, environ, functions=functions)


def end_servers(folder: Path) -> None:
    """Ends every server of the run; only the owner calls this, at its end."""
    servers = [int(file.read_text()) for file in folder.glob(f"*/{_PID_FILE}")]
    for pid in servers:
        _send(pid, signal.SIGTERM)
    deadline = time.monotonic() + _GRACE_S
    while (alive := [pid for pid in servers if _is_alive(pid)]) and time.monotonic() < deadline:
        time.sleep(0.01)
    for pid in alive:
        _send(pid, signal.SIGKILL)
    for child in _started:
        child.wait()
    _started.clear()
    if any(folder.glob("*/xprocess.PID")):
        from firewarden.testing import _emulators  # noqa: PLC0415 - see above

        _emulators.end_emulators(folder)


def leave_servers() -> None:
    """Lets go of what this worker started: a worker ends before the servers, which are the owner's to end."""
    for child in _started:
        # subprocess warns of a process whose result nobody has asked for; here nobody ever will.
        child.returncode = 0
    _started.clear()


def _known_or_started(folder: Path, name: str, engine: Engine, serving: Serving, environ: Mapping[str, str]) -> Server:
    known = folder / f"{name}.json"
    if known.exists():
        return Server(**json.loads(known.read_text()))
    server = _started_server(folder, name, engine, serving, environ)
    known.write_text(json.dumps(asdict(server)))
    return server


def _started_server(
    folder: Path,
    name: str,
    engine: Engine,
    serving: Serving,
    environ: Mapping[str, str],
    *,
    functions: str | None = None,
) -> Server:
    if engine is Engine.OFFICIAL:
        from firewarden.testing import _emulators  # noqa: PLC0415 - see above

        host, log_path = _emulators.start(folder, name, environ, functions=functions)
    else:
        host, log_path = _start(folder, name, replace(serving, functions=functions))
    return Server(host=host, log_path=str(log_path), functions_address=functions)


def _start(folder: Path, name: str, serving: Serving) -> tuple[str, Path]:
    own = folder / name
    own.mkdir()
    log_path = own / "server.log"
    with lease(folder).open("rb") as standard_input:
        process, host = start_process(
            serving, folder=own, log_path=log_path, standard_input=standard_input, timeout_s=START_TIMEOUT_S
        )
    _started.append(process)
    (own / _PID_FILE).write_text(str(process.pid))
    return host, log_path


def _is_alive(pid: int) -> bool:
    for child in _started:
        child.poll()  # one that has ended stays until it was asked for
    return _send(pid, 0)


def _send(pid: int, number: int) -> bool:
    """Whether there was somebody to send it to."""
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return False
    return True
