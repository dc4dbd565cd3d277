"""`firewarden serve`: a local Firestore in the foreground."""

from __future__ import annotations

import argparse
import sys
import threading
from pathlib import Path

from firewarden.cli.options import Commands, add_command, address, needs_extra, port, seconds
from firewarden.cli.project import find_project
from firewarden.cli.stopping import stop_signal

_EXAMPLES = """\
  firewarden serve                                     port, rules and indexes from firebase.json, else 8080 and none
  firewarden serve --port 0 --rules firestore.rules    any free port
  firewarden serve --data .firestore --indexes enforce keeps its data; queries need their indexes, as in production
  firewarden serve --functions 127.0.0.1:5001          events go to `firewarden functions serve`"""


def add_to(commands: Commands) -> None:
    """Declare the command and its arguments."""
    command = add_command(
        commands,
        "serve",
        summary="run a local Firestore in the foreground",
        about="A Firestore for tests and development, without Java: gRPC and REST on one port, rules enforced.\n"
        "Rules are read again when their file changes. Ctrl-C ends it.",
        examples=_EXAMPLES,
    )
    add = command.add_argument
    add("--host", default="127.0.0.1", metavar="HOST", help="address to listen on (default: 127.0.0.1)")
    add("--port", type=port, metavar="N", help="port (default: firebase.json, else 8080; 0: any free one)")
    add("--rules", type=Path, metavar="FILE", help="rules in force (default: those of firebase.json)")
    add("--data", type=Path, metavar="DIR", help="keep documents in this folder (default: in memory only)")
    add(
        "--indexes",
        choices=("enforce", "warn", "off"),
        default="off",
        help="what happens to a query whose index is not defined (default: off: it runs)",
    )
    add("--index-file", type=Path, metavar="FILE", help="defined indexes (default: those of firebase.json)")
    add(
        "--concurrency",
        choices=("pessimistic", "optimistic"),
        default="pessimistic",
        help="how transactions are kept apart (default: pessimistic)",
    )
    add("--lock-wait", type=seconds, default=2.0, metavar="S", help="how long a write waits for a lock (default: 2)")
    add("--functions", type=address, metavar="HOST:PORT", help="where events of registered triggers are sent")
    add(
        "--compat",
        choices=("production", "official-1.19.9"),
        default="production",
        help="whose behaviour is followed where production and Google's emulator differ (default: production)",
    )
    add("--explain", action="store_true", help="say on stderr why a request was denied")
    command.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """0 when it was stopped."""
    with needs_extra("server"):
        from firewarden.cli import firestore_serving  # noqa: PLC0415 - other commands do without protocol buffers
    project = find_project(Path.cwd())
    ended = threading.Event()
    with stop_signal() as stop, firestore_serving.serving(args, project, on_shutdown=ended.set) as server:
        print(f"Firestore at {server.address}. Ctrl-C ends it.", file=sys.stderr)
        print(f"export FIRESTORE_EMULATOR_HOST={server.address}", flush=True)
        while not stop.wait(0.2) and not ended.is_set():
            pass
    return 0
