"""Starts a Firestore for as long as a ``with`` block runs, without pytest: our own server, or Google's emulator."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from firewarden.errors import EmulatorFailed, FirewardenError, Issue, RulesRejected
from firewarden.testing._ports import free_port, require_free
from firewarden.testing.control import EmulatorControl
from firewarden.testing.engine import Engine
from firewarden.testing.locate import Installation, locate_installation
from firewarden.testing.serving import Serving, failed_to_start, start_process
from firewarden.testing.supervise import GRACE_S, command_line

START_TIMEOUT_S = 60.0
_LOOPBACK = "127.0.0.1"
_RULES_PROBE = "demo-firewarden-rules-probe"


@dataclass(frozen=True, slots=True)
class RunningFirestore:
    """A Firestore that answers; `host` is ``127.0.0.1:port``, `pid` the process that keeps it."""

    host: str
    pid: int
    log_path: Path


@contextmanager
def start_firestore(
    *,
    engine: Engine = Engine.FIREWARDEN,
    port: int = 0,
    functions: str | None = None,
    rules: Path | None = None,
    log: Path | None = None,
    timeout_s: float = START_TIMEOUT_S,
) -> Iterator[RunningFirestore]:
    """A Firestore answers inside the block and is gone after it, even when this process is killed.

    Port 0 means any free one. `functions` (``host:port``) receives the events of triggers. `rules` hold for every
    project that is given none of its own; without any, whatever is asked is allowed.

    Raises PortInUse, RulesRejected, EmulatorFailed with the end of the log, or EmulatorNotFound.
    """
    if engine is Engine.OFFICIAL:
        starting = start_emulator(port=port, functions_emulator=functions, rules=rules, log=log, timeout_s=timeout_s)
    else:
        serving = Serving(port=port, rules=rules, functions=functions)
        starting = start_serving(serving, log=log, timeout_s=timeout_s)
    with starting as running:
        yield running


@contextmanager
def start_serving(
    serving: Serving, *, log: Path | None = None, timeout_s: float = START_TIMEOUT_S
) -> Iterator[RunningFirestore]:
    """`start_firestore` for our own server, with all that it can be told."""
    if serving.port:
        require_free(_LOOPBACK, serving.port)
    with _log_in_folder(log) as (folder, log_path):
        try:
            process, host = start_process(
                serving, folder=folder, log_path=log_path, standard_input=subprocess.PIPE, timeout_s=timeout_s
            )
        except EmulatorFailed:
            if serving.rules is not None:
                _require_compiling(serving.rules)
            raise
        with _owned(process):
            yield RunningFirestore(host=host, pid=process.pid, log_path=log_path)


@contextmanager
def start_emulator(
    *,
    port: int = 0,
    functions_emulator: str | None = None,
    rules: Path | None = None,
    log: Path | None = None,
    environ: Mapping[str, str] = os.environ,
    timeout_s: float = START_TIMEOUT_S,
) -> Iterator[RunningFirestore]:
    """`start_firestore` for the emulator that is installed.

    `functions_emulator` (``host:port``) receives the events of triggers; the emulator takes it only at start.
    """
    installation = locate_installation(environ)
    with _log_in_folder(log) as (_, log_path):
        address = f"{_LOOPBACK}:{_checked_port(port)}"
        command = emulator_command(installation, address, functions_emulator=functions_emulator, rules=rules)
        with _supervised(command, log_path) as process:
            _wait_until_ready(process, address, log_path, timeout_s)
            if rules is not None:
                _require_valid(rules, address)
            yield RunningFirestore(host=address, pid=process.pid, log_path=log_path)


def emulator_command(
    installation: Installation,
    address: str,
    *,
    functions_emulator: str | None = None,
    rules: Path | None = None,
) -> list[str]:
    """The supervised command line that serves at `address`."""
    host, _, port = address.rpartition(":")
    if rules is not None and not rules.is_file():
        raise FirewardenError(f"There is no rules file at {rules}.", hint="Name one that exists, or none.")
    return command_line(
        installation.command(host=host, port=int(port), functions_emulator=functions_emulator, rules=rules)
    )


@contextmanager
def _log_in_folder(log: Path | None) -> Iterator[tuple[Path, Path]]:
    """A folder for as long as it is needed, and where to write the log: there unless said otherwise."""
    folder = Path(tempfile.mkdtemp(prefix="firewarden-"))
    try:
        yield folder, folder / "firestore.log" if log is None else log
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _checked_port(port: int) -> int:
    if port == 0:
        return free_port(_LOOPBACK)
    require_free(_LOOPBACK, port)
    return port


@contextmanager
def _supervised(command: list[str], log_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """The process lives in a session of its own: Ctrl-C reaches the owner, which then ends it in order."""
    with log_path.open("wb") as log:
        process = subprocess.Popen(  # noqa: S603 - our own command line
            command, stdin=subprocess.PIPE, stdout=log, stderr=subprocess.STDOUT, start_new_session=True
        )
    with _owned(process):
        yield process


@contextmanager
def _owned(process: subprocess.Popen[bytes]) -> Iterator[None]:
    """It ends when its standard input does."""
    try:
        yield
    finally:
        assert process.stdin is not None  # noqa: S101 - whoever started it asked for a PIPE
        process.stdin.close()
        try:
            process.wait(GRACE_S * 2)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_until_ready(process: subprocess.Popen[bytes], address: str, log_path: Path, timeout_s: float) -> None:
    deadline = time.monotonic() + timeout_s
    with EmulatorControl(address) as control:
        while not control.is_ready():
            if (code := process.poll()) is not None:
                raise failed_to_start(f"ended with code {code} instead of serving {address}", log_path)
            if time.monotonic() > deadline:
                raise failed_to_start(f"did not answer at {address} within {timeout_s:g} s", log_path)
            time.sleep(0.05)


def _require_compiling(rules: Path) -> None:
    from firewarden.rules.issues import issues_of  # noqa: PLC0415 - needed only where a start has failed

    found = [Issue(each.severity, each.description, each.line, each.column) for each in issues_of(rules.read_text())]
    if any(each.severity == "ERROR" for each in found):
        raise RulesRejected(f"The rules in {rules} do not compile:", issues=found) from None


def _require_valid(rules: Path, address: str) -> None:
    """The emulator starts even with rules it cannot compile, and then refuses everything."""
    with EmulatorControl(address) as control:
        control.put_rules(_RULES_PROBE, rules.read_text())
