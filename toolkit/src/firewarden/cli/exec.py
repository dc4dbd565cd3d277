"""`firewarden exec`: a command with a local Firestore of its own, which ends with it."""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

from firewarden.cli.as_java import java_first
from firewarden.cli.beneath_firebase import passed_on, starts_its_own
from firewarden.cli.billing import add_price_options, bill_json, prices_of, print_bill
from firewarden.cli.firestore_options import add_firestore_options, add_hub_option
from firewarden.cli.options import Commands, add_command, needs_extra, port
from firewarden.cli.project import find_project
from firewarden.errors import FirewardenError

if TYPE_CHECKING:
    from firewarden.server.serving import Server

_EXAMPLES = """\
  firewarden exec -- pytest -q                             tests with a Firestore, rules and indexes of firebase.json
  firewarden exec --indexes enforce -- npm test            queries need their indexes, as in production
  firewarden exec --data .firestore -- python seed.py      what it writes is there for the next one
  firewarden exec -- firebase emulators:start              the Firebase CLI starts ours in the place of Google's
  firewarden exec -- sh -c 'curl $FIRESTORE_EMULATOR_HOST' the shell of the command expands the variable"""

_FORWARDED = (signal.SIGHUP, signal.SIGTERM, signal.SIGUSR1, signal.SIGUSR2)
_FROM_TERMINALS = (signal.SIGINT, signal.SIGQUIT)
_HOST = "127.0.0.1"
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
    add_hub_option(command, 0)
    add("--as-java", action="store_true", help="be the java that starts Firestore: so it is for `firebase emulators:…`")
    add("--bill", action="store_true", help="say at the end what its requests would have cost in Cloud Firestore")
    add("--bill-json", type=Path, metavar="FILE", help="write that bill to a file")
    add_price_options(command)
    add("command", nargs=argparse.REMAINDER, metavar="CMD", help="what to run, and its arguments")
    command.set_defaults(run=run, usage_error=command.error, options=command)


def run(args: argparse.Namespace) -> int:
    """The command's exit code; 128 and the signal's number if a signal ended it."""
    command = args.command[1:] if args.command[:1] == ["--"] else args.command
    if not command:
        args.usage_error("there is no CMD")
    _require(command[0])
    if args.bill or args.bill_json is not None:
        prices_of(args)  # says what is wrong with them before anything is started
    with needs_extra("server"):
        # Other commands do without protocol buffers.
        from firewarden.cli import evaluations_serving, firestore_serving, hub_serving  # noqa: PLC0415 - see above
    if args.as_java or starts_its_own(command):
        with java_first(os.environ, passed_on(args)) as environ:
            return _exit_code(_run(command, environ))
    project = find_project(Path.cwd())
    # A client that asks the process to end gets its way when the command ends.
    name = project.id(args.project, os.environ)
    with (
        firestore_serving.serving(args, project, host=_HOST, port=args.port, on_shutdown=lambda: None) as server,
        evaluations_serving.evaluations_beside(args, server, host=_HOST) as evaluations,
        hub_serving.hub_beside(args, name, server, host=_HOST, evaluations=evaluations) as hub,
    ):
        environ = {**os.environ, **environment(server.address, name, hub)}
        code = _exit_code(_run(command, environ))
        if args.bill or args.bill_json is not None:
            _tell_bill(args, server, name)
        return code


def _tell_bill(args: argparse.Namespace, server: Server, project: str) -> None:
    """What the command has asked of its Firestore."""
    from firewarden.server.meter_admin import reading  # noqa: PLC0415 - other commands do without a server

    with server.engine.guard:
        read = reading(server.engine, project)
    prices = prices_of(args)
    if args.bill:
        print_bill(read, prices, sys.stderr)
    if args.bill_json is not None:
        args.bill_json.write_text(bill_json(read, prices), encoding="utf-8")


def environment(address: str, project: str, hub: str | None = None) -> dict[str, str]:
    """How client libraries and Firebase's tools find a Firestore and a project: as `firebase emulators:exec` tells."""
    found = {} if hub is None else {"FIREBASE_EMULATOR_HUB": hub}
    return found | {
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
