"""`firewarden exec`: a command with a local Firestore of its own, which ends with it."""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from firewarden.cli.firestore_options import add_firestore_options
from firewarden.cli.options import Commands, add_command, needs_extra, port
from firewarden.cli.project import find_project
from firewarden.errors import FirewardenError

_EXAMPLES = """\
  firewarden exec -- pytest -q                             tests with a Firestore, rules and indexes of firebase.json
  firewarden exec --indexes enforce -- npm test            queries need their indexes, as in production
  firewarden exec --data .firestore -- python seed.py      what it writes is there for the next one
  firewarden exec -- sh -c 'curl $FIRESTORE_EMULATOR_HOST' the shell of the command expands the variable"""

_FORWARDED = (signal.SIGHUP, signal.SIGTERM, signal.SIGUSR1, signal.SIGUSR2)
_FROM_TERMINALS = (signal.SIGINT, signal.SIGQUIT)
_KILLED = 128
"""What shells add to the number of the signal that ended a command."""


def add_to(commands: Commands) -> None:
    """Declare the command and its arguments."""
    command = add_command(
        commands,
        "exec",
        summary="run a command with a local Firestore",
        about="Start a Firestore as `firewarden serve` does, run a command that finds it through its environment, and\n"
        "end it when the command has ended. The exit code is the command's.",
        examples=_EXAMPLES,
    )
    command.usage = "firewarden exec [OPTION ...] -- CMD [ARGUMENT ...]"
    add = command.add_argument
    add("--project", metavar="ID", help="project id (default: GCLOUD_PROJECT, .firebaserc, else demo-local)")
    add("--port", type=port, default=0, metavar="N", help="port (default: any free one)")
    add_firestore_options(command)
    add("command", nargs=argparse.REMAINDER, metavar="CMD", help="what to run, and its arguments")
    command.set_defaults(run=run, usage_error=command.error)


def run(args: argparse.Namespace) -> int:
    """The command's exit code; 128 and the signal's number if a signal ended it."""
    command = args.command[1:] if args.command[:1] == ["--"] else args.command
    if not command:
        args.usage_error("there is no CMD")
    _require(command[0])
    with needs_extra("server"):
        from firewarden.cli import firestore_serving  # noqa: PLC0415 - other commands do without protocol buffers
    project = find_project(Path.cwd())
    # A client that asks the process to end gets its way when the command ends.
    with firestore_serving.serving(args, project, host="127.0.0.1", port=args.port, on_shutdown=lambda: None) as server:
        environ = {**os.environ, **environment(server.address, project.id(args.project, os.environ))}
        return _exit_code(_run(command, environ))


def environment(address: str, project: str) -> dict[str, str]:
    """How client libraries and Firebase's tools find a Firestore and a project: as `firebase emulators:exec` tells."""
    return {
        "FIRESTORE_EMULATOR_HOST": address,
        "FIREBASE_FIRESTORE_EMULATOR_ADDRESS": address,
        "GCLOUD_PROJECT": project,
        "GOOGLE_CLOUD_PROJECT": project,
    }


def _require(command: str) -> None:
    """Say what is wrong before anything is started."""
    if shutil.which(command) is None:
        is_file = os.sep in command and Path(command).is_file()
        what = f"{command} is not executable." if is_file else f"There is no command {command}."
        raise FirewardenError(what, hint="Name a program on the PATH, or the path of one.")


def _run(command: Sequence[str], environ: Mapping[str, str]) -> int:
    with _forwarded_signals() as begin:
        try:
            child = subprocess.Popen(command, env=environ)  # noqa: S603 - the command is our caller's
        except OSError as error:
            raise FirewardenError(f"{command[0]} cannot be run: {error.strerror}.") from error
        begin(child)
        return child.wait()


@contextmanager
def _forwarded_signals() -> Iterator[Callable[[subprocess.Popen[bytes]], None]]:
    """Signals to this process are for the command, which decides what becomes of it; also those that come too soon."""
    children: list[subprocess.Popen[bytes]] = []
    early: list[int] = []

    def forward(number: int, _frame: FrameType | None) -> None:
        if not children:
            early.append(number)
        elif number not in _FROM_TERMINALS or not _is_in_foreground():
            children[0].send_signal(number)

    def begin(child: subprocess.Popen[bytes]) -> None:
        children.append(child)
        for number in early:
            child.send_signal(number)

    # What is ignored here is ignored by the command, too: `nohup` works like that.
    heard = [each for each in (*_FORWARDED, *_FROM_TERMINALS) if signal.getsignal(each) is not signal.SIG_IGN]
    before = {number: signal.signal(number, forward) for number in heard}
    try:
        yield begin
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _is_in_foreground() -> bool:
    """Whether the keys of a terminal reach this process; then they have reached the command, too."""
    try:
        terminal = os.open("/dev/tty", os.O_RDONLY | os.O_NOCTTY)
    except OSError:
        return False
    try:
        return os.tcgetpgrp(terminal) == os.getpgrp()
    finally:
        os.close(terminal)


def _exit_code(returned: int) -> int:
    return _KILLED - returned if returned < 0 else returned
