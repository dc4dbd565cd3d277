"""`firewarden serve`: a local Firestore in the foreground."""

from __future__ import annotations

import argparse
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

from firewarden.cli.announcing import announce
from firewarden.cli.firestore_options import HUB_PORT, add_firestore_options, add_hub_option
from firewarden.cli.options import Commands, add_command, needs_extra, port
from firewarden.cli.project import find_project
from firewarden.cli.stopping import stop_signal

_EXAMPLES = """\
  firewarden serve                                     port, rules and indexes from firebase.json, else 8080 and none
  firewarden serve --port 0 --rules firestore.rules    any free port
  firewarden serve --data .firestore --indexes enforce keeps its data; queries need their indexes, as in production
  firewarden serve --functions 127.0.0.1:5001          events go to `firewarden functions serve`"""

_GRACE_S = 8.0
_CHUNK = 4096


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
    add("--project", metavar="ID", help="project id (default: GCLOUD_PROJECT, .firebaserc, else demo-local)")
    add("--port", type=port, metavar="N", help="port (default: firebase.json, else 8080; 0: any free one)")
    add_firestore_options(command)
    add_hub_option(command, HUB_PORT)
    add(
        "--until-input-ends", action="store_true", help="end when standard input does: with whoever holds its other end"
    )
    command.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """0 when it was stopped."""
    with needs_extra("server"):
        # Other commands do without protocol buffers.
        from firewarden.cli import evaluations_serving, firestore_serving, hub_serving  # noqa: PLC0415 - see above
    project = find_project(Path.cwd())
    chosen = project.firestore_port if args.port is None else args.port
    with (
        stop_signal() as stop,
        firestore_serving.serving(args, project, host=args.host, port=chosen, on_shutdown=stop.set) as server,
        evaluations_serving.evaluations_beside(args, server, host=args.host) as evaluations,
        hub_serving.hub_beside(
            args, project.id(args.project, os.environ), server, host=args.host, evaluations=evaluations
        ) as hub,
    ):
        if args.until_input_ends:
            threading.Thread(target=_follow_input, args=(stop.set,), name="firewarden-input", daemon=True).start()
        facts = [("Firestore", server.address), *firestore_serving.described(args, project)]
        facts += [] if evaluations is None else [("requests", evaluations.url)]
        announce(facts if hub is None else [*facts, ("hub", hub)], "Ctrl-C ends it.")
        print(f"export FIRESTORE_EMULATOR_HOST={server.address}", flush=True)
        if hub is not None:
            print(f"export FIREBASE_EMULATOR_HUB={hub}", flush=True)
        stop.wait()
    return 0


def _follow_input(end: Callable[[], None]) -> None:
    """The system ends the input when its other end is gone, by `kill -9` as well."""
    # Not sys.stdin: a thread that waits in it when the interpreter ends is a fatal error.
    while os.read(0, _CHUNK):
        pass
    end()
    time.sleep(_GRACE_S)
    os._exit(1)  # nobody is left who could end what hangs
