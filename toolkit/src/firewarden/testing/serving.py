"""Starts `firewarden serve` as a process that ends with whoever holds the other end of its standard input."""

from __future__ import annotations

import os
import selectors
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from firewarden.errors import EmulatorFailed, FirewardenError

_ADDRESS = b"export FIRESTORE_EMULATOR_HOST="
_LOG_LINES_SHOWN = 15


@dataclass(frozen=True, slots=True, kw_only=True)
class Serving:
    """What Firewarden's own server is told when it starts. Without `rules` whatever is asked is allowed."""

    port: int = 0
    rules: Path | None = None
    index_file: Path | None = None
    indexes: str = "off"
    functions: str | None = None
    coverage: bool = False
    explains_late: bool = False
    """Why requests were denied is told when `:denials` is asked for, and not written to the log at once."""

    def command(self) -> list[str]:
        """The command line."""
        explaining = "--keep-denials" if self.explains_late else "--explain"
        command = [sys.executable, "-m", "firewarden", "serve", explaining, "--until-input-ends"]
        command += [f"--port={self.port}", f"--indexes={self.indexes}"]
        # It runs in another folder than its owner.
        files = (("rules", self.rules), ("index-file", self.index_file))
        command += [f"--{name}={file.resolve()}" for name, file in files if file is not None]
        command += ["--coverage"] if self.coverage else []
        return command + ([f"--functions={self.functions}"] if self.functions is not None else [])

    def require_files(self) -> None:
        """Every file that is named has to be there."""
        for what, file in (("rules", self.rules), ("index", self.index_file)):
            if file is not None and not file.is_file():
                raise FirewardenError(f"There is no {what} file at {file}.", hint="Name one that exists, or none.")


def start_process(
    serving: Serving, *, folder: Path, log_path: Path, standard_input: IO[bytes] | int, timeout_s: float
) -> tuple[subprocess.Popen[bytes], str]:
    """The process and the address that it serves, once it answers there.

    It is in a session of its own: Ctrl-C reaches the owner, which then ends it in order. It runs in `folder`, which
    should be nobody's project. Raises EmulatorFailed with the end of the log.
    """
    serving.require_files()
    with log_path.open("wb") as log:
        process = subprocess.Popen(  # noqa: S603 - our own command line
            serving.command(),
            cwd=folder,
            stdin=standard_input,
            stdout=subprocess.PIPE,
            stderr=log,
            start_new_session=True,
        )
    assert process.stdout is not None  # noqa: S101 - PIPE was asked for above
    with process.stdout as said:
        line = _first_line(said, timeout_s)
    if line is not None and line.startswith(_ADDRESS):
        return process, line.removeprefix(_ADDRESS).decode()
    if line is None:
        process.kill()
    code = process.wait()
    if process.stdin is not None:
        process.stdin.close()
    what = f"did not answer within {timeout_s:g} s" if line is None else f"ended with code {code} instead of serving"
    raise failed_to_start(what, log_path)


def failed_to_start(what: str, log_path: Path) -> EmulatorFailed:
    """What to raise when a started Firestore is of no use: `what` happened, and the end of its log."""
    text = log_path.read_text(errors="replace") if log_path.exists() else ""
    lines = text.splitlines()[-_LOG_LINES_SHOWN:]
    log = "\n".join(["Its last words:", *(f"  {line}" for line in lines)]) if lines else "It said nothing."
    return EmulatorFailed(f"The Firestore emulator {what}.\n{log}", hint=f"Its whole log was {log_path}.")


def _first_line(stream: IO[bytes], timeout_s: float) -> bytes | None:
    """Without its end; empty if the stream ended before, None if the time was up."""
    deadline = time.monotonic() + timeout_s
    line = b""
    with selectors.DefaultSelector() as selector:
        selector.register(stream, selectors.EVENT_READ)
        while selector.select(deadline - time.monotonic()):
            chunk = os.read(stream.fileno(), 4096)
            line += chunk
            if not chunk or b"\n" in line:
                return line.partition(b"\n")[0] if chunk else b""
    return None
