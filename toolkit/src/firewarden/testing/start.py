"""Starts the installed emulator for as long as a ``with`` block runs, without pytest."""

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

from firewarden.errors import EmulatorFailed, FirewardenError
from firewarden.testing._ports import free_port, require_free
from firewarden.testing.control import EmulatorControl
from firewarden.testing.locate import Installation, locate_installation
from firewarden.testing.supervise import GRACE_S, command_line

START_TIMEOUT_S = 60.0
_LOOPBACK = "127.0.0.1"
_LOG_LINES_SHOWN = 15
_RULES_PROBE = "demo-firewarden-rules-probe"


@dataclass(frozen=True, slots=True)
class RunningEmulator:
    """An emulator of ours that answers; `host` is ``127.0.0.1:port``, `pid` the process that keeps it."""

    host: str
    pid: int
    log_path: Path


@contextmanager
def start_emulator(
    *,
    port: int = 0,
    functions_emulator: str | None = None,
    rules: Path | None = None,
    log: Path | None = None,
    environ: Mapping[str, str] = os.environ,
    timeout_s: float = START_TIMEOUT_S,
) -> Iterator[RunningEmulator]:
    """The emulator answers inside the block and is gone after it, even when this process is killed.

    Port 0 means any free one. `functions_emulator` (``host:port``) receives the triggers; the emulator takes
    it only at start. `rules` hold for every project that is given none of its own.

    Raises EmulatorNotFound, PortInUse, RulesRejected, or EmulatorFailed with the end of the log.
    """
    installation = locate_installation(environ)
    folder = Path(tempfile.mkdtemp(prefix="firewarden-"))
    try:
        log_path = log if log is not None else folder / "emulator.log"
        address = f"{_LOOPBACK}:{_checked_port(port)}"
        command = emulator_command(installation, address, functions_emulator=functions_emulator, rules=rules)
        with _supervised(command, log_path) as process:
            _wait_until_ready(process, address, log_path, timeout_s)
            if rules is not None:
                _require_valid(rules, address)
            yield RunningEmulator(host=address, pid=process.pid, log_path=log_path)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


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


def failed_to_start(what: str, log_path: Path) -> EmulatorFailed:
    """What to raise when a started emulator is of no use: `what` happened, and the end of its log."""
    text = log_path.read_text(errors="replace") if log_path.exists() else ""
    lines = text.splitlines()[-_LOG_LINES_SHOWN:]
    log = "\n".join(["Its last words:", *(f"  {line}" for line in lines)]) if lines else "It said nothing."
    return EmulatorFailed(f"The Firestore emulator {what}.\n{log}", hint=f"Its whole log was {log_path}.")


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
    try:
        yield process
    finally:
        assert process.stdin is not None  # noqa: S101 - PIPE was asked for above
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


def _require_valid(rules: Path, address: str) -> None:
    """The emulator starts even with rules it cannot compile, and then refuses everything."""
    with EmulatorControl(address) as control:
        control.put_rules(_RULES_PROBE, rules.read_text())
