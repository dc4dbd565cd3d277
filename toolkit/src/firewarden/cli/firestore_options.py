"""The options of a local Firestore, for every command that starts one."""

from __future__ import annotations

import argparse
from pathlib import Path

from firewarden.cli.options import address, moment, port, seconds

HUB_PORT = 4400  # what the Firebase CLI uses


def add_firestore_options(command: argparse.ArgumentParser) -> None:
    """Declare what `firestore_serving.serving` reads, but for where it listens."""
    add = command.add_argument
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
    add(
        "--clock",
        type=moment,
        metavar="TIME",
        help="let time stand still at TIME, such as 2026-05-01T12:00:00Z, until it is moved (default: the system's)",
    )
    add("--functions", type=address, metavar="HOST:PORT", help="where events of registered triggers are sent")
    add(
        "--events",
        choices=("raw", "base64"),
        default="raw",
        help="form of their data (default: raw, as in production; firebase-tools' functions emulator reads base64)",
    )
    add(
        "--compat",
        choices=("production", "official-1.19.9"),
        default="production",
        help="whose behaviour is followed where production and Google's emulator differ (default: production)",
    )
    add("--explain", action="store_true", help="say on stderr why a request was denied")
    add(
        "--keep-denials",
        action="store_true",
        help="explain the last denials when :denials is asked for (for test runs)",
    )
    add("--coverage", action="store_true", help="count what the expressions of the rules come to, for :ruleCoverage")
    add("--verify-tokens", metavar="PROJECT", help="take only ID tokens that Google signed for this project's users")
    add("--token-certificates", type=Path, metavar="FILE", help="verify with these, not with what Google publishes now")
    add("--admin-token", metavar="TOKEN", help="with --verify-tokens: the bearer token of the administrator")
    add(
        "--websocket-port",
        type=port,
        metavar="N",
        help="tell the requests page of the Emulator UI at this port what rules were asked (0: any free one)",
    )
    add("--import", dest="import_from", type=Path, metavar="DIR", help="begin with the documents of this export")
    add("--export-on-exit", type=Path, metavar="DIR", help="export the project's databases into this folder at the end")


def add_hub_option(command: argparse.ArgumentParser, default: int) -> None:
    """Declare what `hub_serving.hub_beside` reads."""
    shown = "any free one" if default == 0 else str(default)
    command.add_argument(
        "--hub",
        type=port,
        nargs="?",
        const=default,
        metavar="PORT",
        help=f"serve an emulator hub, too: @firebase/rules-unit-testing looks there for a Firestore (PORT: {shown})",
    )
