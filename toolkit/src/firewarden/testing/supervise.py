"""Runs one command and ends it when its owner is gone, however the owner ended.

``python -m firewarden.testing.supervise COMMAND...``: the owner holds the other end of this process's
standard input. The system closes it when the owner ends, by `kill -9` as well, and then the command is ended.
"""

from __future__ import annotations

import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence

GRACE_S = 5.0


def main(command: Sequence[str]) -> int:
    """The command's exit code if it ended by itself, 0 if it was ended."""
    # A SimpleQueue may be filled from a signal handler; an Event may not.
    reasons: queue.SimpleQueue[str] = queue.SimpleQueue()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: reasons.put("told to stop"))
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL)  # noqa: S603 - the command is our caller's
    _report_when(child.wait, "it ended by itself", reasons)
    _report_when(_standard_input_ends, "its owner is gone", reasons)
    reasons.get()
    ended_by_itself = child.poll()
    _end(child)
    return 0 if ended_by_itself is None else ended_by_itself


def command_line(command: Sequence[str]) -> list[str]:
    """How to start `command` under supervision with the Python that runs now."""
    return [sys.executable, "-m", "firewarden.testing.supervise", *command]


def _report_when(returns: Callable[[], object], reason: str, reasons: queue.SimpleQueue[str]) -> None:
    def wait() -> None:
        returns()
        reasons.put(reason)

    threading.Thread(target=wait, daemon=True).start()


def _standard_input_ends() -> None:
    # Not sys.stdin: a thread that waits in it when the interpreter ends is a fatal error.
    while os.read(0, 4096):
        pass


def _end(child: subprocess.Popen[bytes]) -> None:
    child.terminate()
    try:
        child.wait(GRACE_S)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
