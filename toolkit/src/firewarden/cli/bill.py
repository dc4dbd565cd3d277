"""`firewarden bill`: what the requests to a running server would have cost."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from firewarden.cli.billing import add_price_options, bill_json, prices_of, print_bill
from firewarden.cli.options import Commands, add_command, address
from firewarden.cli.project import find_project
from firewarden.testing.control import EmulatorControl

_EXAMPLES = """\
  firewarden bill                            since the server was started, one line for each kind of request
  firewarden bill --location nam5 --json     at the prices of another location, for programs
  firewarden exec --bill -- pytest -q        a server for one command, and its bill"""


def add_to(commands: Commands) -> None:
    """Declare the command and its arguments."""
    command = add_command(
        commands,
        "bill",
        summary="what requests to a running server would have cost",
        about="Ask the meter of a running `firewarden serve` what the requests of a project would have cost in Cloud\n"
        "Firestore since it was started.",
        examples=_EXAMPLES,
    )
    add = command.add_argument
    add("--firestore", type=address, metavar="HOST:PORT", help="a server (default: FIRESTORE_EMULATOR_HOST, 8080)")
    add("--project", metavar="ID", help="project id (default: GCLOUD_PROJECT, .firebaserc, else demo-local)")
    add_price_options(command)
    add("--json", action="store_true", help="print JSON")
    command.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Print the bill."""
    prices = prices_of(args)
    project = find_project(Path.cwd())
    served = os.environ.get("FIRESTORE_EMULATOR_HOST") or f"127.0.0.1:{project.firestore_port}"
    host = served if args.firestore is None else "{}:{}".format(*args.firestore)
    with EmulatorControl(host) as control:
        reading = control.meter(project.id(args.project, os.environ))
    if args.json:
        print(bill_json(reading, prices), end="")
    else:
        print_bill(reading, prices, sys.stdout)
    return 0
