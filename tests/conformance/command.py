"""The command: each suite of integration tests on each engine, one after the other, and one table at the end."""

import argparse
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from firewarden.errors import EmulatorNotFound
from firewarden.testing import Engine
from firewarden.testing.engine import is_official_required
from firewarden.testing.locate import locate_installation
from tests.conformance.suites import SUITES, Run, run_suite
from tests.conformance.table import table

OK, FAILED, COULD_NOT_RUN = 0, 1, 2
_EPILOG = """\
examples:
  make conformance
  REQUIRE_OFFICIAL=1 make conformance                                  fails where Google's emulator is not found
  python tests/conformance --engine official --suite gather -- -x -k rsvp"""


def main(arguments: Sequence[str] | None = None) -> int:
    """0 if every test passed on every engine, 1 if one did not, 2 if an engine that is required is not there."""
    args = _parser().parse_args(arguments)
    engines = args.engine or list(Engine)
    missing = _missing(engines)
    if missing:
        _tell(missing)
        if is_official_required():
            return COULD_NOT_RUN
        _tell("not run on it; REQUIRE_OFFICIAL=1 makes this a failure")
    runs = _runs(args, engines, is_missing=bool(missing))
    sys.stdout.writelines(f"{line}\n" for line in table(runs))
    return FAILED if any(run.outcome is not None and not run.outcome.is_good for run in runs) else OK


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="conformance",
        description="Run the integration tests on Firewarden's own server and on Google's emulator.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--engine", type=Engine, choices=list(Engine), action="append", help="only on this one; may be given twice")
    add("--suite", choices=list(SUITES), action="append", help="only this suite; may be given several times")
    add(
        "--workers", type=int, default=os.cpu_count() or 2, metavar="N", help="processes that test (default: one a CPU)"
    )
    add("pytest", nargs="*", metavar="-- ARGUMENT", help="handed to pytest")
    return parser


def _missing(engines: Sequence[Engine]) -> str:
    """Why Google's emulator cannot be had; empty if it can or nobody asks for it."""
    if Engine.OFFICIAL not in engines:
        return ""
    try:
        locate_installation()
    except EmulatorNotFound as error:
        return str(error)
    return ""


def _runs(args: argparse.Namespace, engines: Sequence[Engine], *, is_missing: bool) -> list[Run]:
    runs = []
    with tempfile.TemporaryDirectory(prefix="conformance-") as folder:
        for suite in args.suite or SUITES:
            for engine in engines:
                if engine is Engine.OFFICIAL and is_missing:
                    runs.append(Run(suite, engine, None))
                    continue
                _tell(f"{suite} on {engine}")
                report = Path(folder) / f"{suite}-{engine}.xml"
                runs.append(run_suite(suite, engine, report=report, workers=args.workers, arguments=args.pytest))
    return runs


def _tell(text: str) -> None:
    sys.stderr.write(f"conformance: {text}\n")
    sys.stderr.flush()
