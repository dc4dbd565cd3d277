"""`python -m demo`: sets up, plays, checks, and stays up until Ctrl-C; with --once it ends when all is checked."""

import argparse
import signal
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import httpx
from google.api_core.exceptions import GoogleAPICallError, RetryError
from rich.console import Console

import functions_path
from calendars.convert import Conversion
from calendars.report import describe, losses
from demo.buying import founds_club
from demo.moving_in import default_calendars, move_in, read_calendars
from demo.narrate import Teller
from demo.stack import Stack, start_stack
from demo.steps import play
from demo.story import story
from demo.world import World
from firewarden.errors import FirewardenError
from firewarden.testing import Engine

OK, NOT_AS_EXPECTED, COULD_NOT_RUN = 0, 1, 2
_SETTLE_S = 300.0
_CHECK_EVERY_S = 2.0
_LOSSES_SHOWN = 5


def main(arguments: Sequence[str] | None = None) -> int:
    """0 when everything came out as told, 1 when something did not, 2 when the stack could not run."""
    args = _parser().parse_args(arguments)
    # A plain `kill` ends it as Ctrl-C does: in order, with nothing left behind.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    # The story keeps the terminal; `start_stack` sends what functions print elsewhere.
    teller = Teller(Console(file=sys.stdout))
    try:
        with tempfile.TemporaryDirectory(prefix="gather-demo-") as folder:
            return _run(args, teller, Path(folder))
    except FirewardenError as error:
        print(f"demo: {error}", file=sys.stderr)
    except (GoogleAPICallError, RetryError, httpx.TransportError) as error:
        print(f"demo: the stack stopped answering: {error}", file=sys.stderr)
    except KeyboardInterrupt:
        print("demo: stopped before the end", file=sys.stderr)
    return COULD_NOT_RUN


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="demo", description=__doc__)
    add = parser.add_argument
    add("--once", action="store_true", help="end when the story is told and checked")
    add(
        "--engine",
        type=Engine,
        choices=list(Engine),
        default=Engine.FIREWARDEN,
        help="the Firestore: firewarden, our own (default), or official, Google's emulator, which needs Java",
    )
    add("--ics", action="append", type=Path, metavar="FILE", help="your calendar instead of the default ones")
    add("--port", type=int, default=0, metavar="N", help="port of the functions and feeds (default: any free one)")
    add("--firestore-port", type=int, default=0, metavar="N", help="port of Firestore (default: any free one)")
    return parser


def _run(args: argparse.Namespace, teller: Teller, log_folder: Path) -> int:
    calendars = read_calendars(args.ics or default_calendars())
    began = time.monotonic()
    teller.say("Starting Firestore, rules and functions ...")
    with start_stack(
        functions_path.ROOT,
        engine=args.engine,
        port=args.port,
        firestore_port=args.firestore_port,
        log_folder=log_folder,
    ) as stack:
        functions = ", ".join(function.name for function in stack.host.manifest.functions)
        teller.say(
            f"Ready in {time.monotonic() - began:.1f} s: Firestore at {stack.firestore}, {functions} at {stack.url}"
        )
        with World(stack.project, stack.firestore, stack.url, datetime.now(UTC), stack.stripe) as world:
            _move_in(world, calendars, stack, teller)
            founds_club(world)
            tally = play(
                story(world.began),
                world,
                rules=stack.rules,
                settle=lambda: stack.settle(_SETTLE_S),
                narrator=teller,
            )
        teller.tally(tally)
        teller.say(f"Pay fay's ticket in a browser, with a test card: {world.orders.get('fay', {}).get('url')}")
        teller.say(f"Subscribe to the feed: {stack.url}/feeds/public.ics")
        if not args.once:
            _stay(stack, teller)
    return OK if not tally.failures else NOT_AS_EXPECTED


def _move_in(world: World, calendars: Conversion, stack: Stack, teller: Teller) -> None:
    began = time.monotonic()
    moved = move_in(world.owner, calendars, console=teller.console)
    written = time.monotonic() - began
    stack.host.settle(_SETTLE_S)
    teller.say(
        f"Moved in: {moved.new} events, {moved.series} of them series, in {written:.1f} s; "
        f"the functions had dealt with all of them after {time.monotonic() - began:.1f} s"
    )
    lost = losses(moved.report.entries)
    for entry in lost[:_LOSSES_SHOWN]:
        teller.say(f"  {describe(entry)}", "yellow")
    if len(lost) > _LOSSES_SHOWN:
        teller.say(f"  and {len(lost) - _LOSSES_SHOWN} more that could not be carried whole", "yellow")


def _stay(stack: Stack, teller: Teller) -> None:
    try:
        teller.say(f"Functions log to {stack.log}. Ctrl-C ends it all.")
        while stack.control.is_ready():
            time.sleep(_CHECK_EVERY_S)
    except KeyboardInterrupt:
        teller.say("Stopped.")
        return
    raise FirewardenError(
        f"The Firestore at {stack.firestore} has stopped answering.",
        hint="Start the demo again; its data was in memory only.",
    )


if __name__ == "__main__":
    sys.exit(main())
