"""`firewarden emulator`: Google's Firestore emulator in the foreground."""

import argparse
import sys
from pathlib import Path

from firewarden.cli.options import Commands, add_command, address, needs_extra, port
from firewarden.cli.project import find_project
from firewarden.cli.stopping import stop_signal, wait_while_answering

_EXAMPLES = """\
  firewarden emulator                                 port and rules from firebase.json, else 8080 and none
  firewarden emulator --port 0 --rules firestore.rules
  firewarden emulator --functions 127.0.0.1:5001      events go to `firewarden functions serve`"""


def add_to(commands: Commands) -> None:
    """Declare the command and its arguments."""
    command = add_command(
        commands,
        "emulator",
        summary="run Google's Firestore emulator in the foreground",
        about="Find Google's Firestore emulator on this machine, start it, and end it on Ctrl-C.",
        examples=_EXAMPLES,
    )
    command.add_argument("--port", type=port, metavar="N", help="port (default: firebase.json, else 8080; 0: any)")
    command.add_argument("--rules", type=Path, metavar="FILE", help="rules in force (default: those of firebase.json)")
    command.add_argument(
        "--functions", type=address, metavar="HOST:PORT", help="where events of registered triggers are sent"
    )
    command.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """0 when it was stopped; an emulator that ends by itself is an error."""
    with needs_extra("testing"):
        # Here, because other commands do without this extra.
        from firewarden.testing import EmulatorControl, start_emulator  # noqa: PLC0415
    project = find_project(Path.cwd())
    functions = None if args.functions is None else "{}:{}".format(*args.functions)
    with (
        stop_signal() as stop,
        start_emulator(
            port=project.firestore_port if args.port is None else args.port,
            rules=args.rules or project.firestore_rules,
            functions_emulator=functions,
        ) as running,
        EmulatorControl(running.host) as control,
    ):
        print(f"Firestore emulator at {running.host} (log: {running.log_path})", file=sys.stderr)
        print(f"export FIRESTORE_EMULATOR_HOST={running.host}", flush=True)
        wait_while_answering(stop, control)
    return 0
