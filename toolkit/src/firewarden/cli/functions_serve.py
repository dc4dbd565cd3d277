"""`firewarden functions serve`: a functions folder on this machine, wired to a local Firestore."""

import argparse
from pathlib import Path

from firewarden.cli.options import Commands, add_command, address, backoff, needs_extra, port, positive, seconds

_EXAMPLES = """\
  firewarden functions serve --engine firewarden    the whole stack: Firestore, rules, functions
  firewarden functions serve --http-root api        /anything reaches the function api, as behind hosting
  firewarden functions serve --retry-backoff 0.2:5  failed events come again in moments, not minutes
  firewarden functions serve --firestore 127.0.0.1:8080 --project demo-shop --log json"""


def add_to(commands: Commands) -> None:
    """Declare the command and its arguments."""
    command = add_command(
        commands,
        "serve",
        summary="serve HTTP functions and deliver Firestore events to the others",
        about="Load main.py as production does, serve every HTTP function at its URL, register every Firestore\n"
        "trigger with a local Firestore and deliver its events. Ctrl-C ends it.",
        examples=_EXAMPLES,
    )
    add = command.add_argument
    add("--source", type=Path, metavar="DIR", help="folder of main.py (default: firebase.json, else functions)")
    add("--project", metavar="ID", help="project id (default: GCLOUD_PROJECT, .firebaserc, else demo-local)")
    add("--host", default="127.0.0.1", metavar="HOST", help="address to listen on (default: 127.0.0.1)")
    add("--port", type=port, metavar="N", help="port (default: firebase.json, else 5001; 0: any free one)")
    add(
        "--firestore",
        type=address,
        metavar="HOST:PORT",
        help="the local Firestore (default: FIRESTORE_EMULATOR_HOST, else port of firebase.json, else 8080)",
    )
    add(
        "--engine",
        choices=("firewarden", "official"),
        help="start a Firestore too, with the rules of firebase.json: our own, or Google's emulator (default: neither)",
    )
    add("--http-root", metavar="NAME", help="HTTP function to serve at / as well")
    add("--workers", type=positive, default=8, metavar="N", help="events handled at once (default: 8)")
    add(
        "--retry-backoff",
        type=backoff,
        default=(10.0, 600.0),
        metavar="FIRST:LONGEST",
        help="seconds before a failed event comes again, doubling (default: 10:600, as production)",
    )
    add(
        "--retry-window",
        type=seconds,
        default=24 * 3600.0,
        metavar="SECONDS",
        help="how long a failed event comes again (default: 86400, as production)",
    )
    add("--log", choices=("text", "json"), default="text", help="form of the lines on stdout (default: text)")
    command.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """0 when it was stopped by a signal."""
    with needs_extra("functions"):
        from firewarden.cli import serving  # noqa: PLC0415 - other commands do without the functions SDK
    serving.serve(args)
    return 0
