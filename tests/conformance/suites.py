"""The suites of integration tests, and one run of one of them on one engine, by a pytest of its own."""

import os
import subprocess
import sys
import time
import xml.etree.ElementTree as ET
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from firewarden.testing import Engine

ROOT = Path(__file__).parents[2]
SUITES: Mapping[str, Sequence[str]] = MappingProxyType(
    {
        "gather": ("tests",),
        "toolkit": ("toolkit/tests/testing",),
    }
)
"""By name: where its tests are. Those marked `emulator` talk to a Firestore, and only they are run."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of the tests of a run; `code` is pytest's exit code."""

    passed: int
    failed: int
    skipped: int
    seconds: float
    code: int

    @property
    def is_good(self) -> bool:
        """Every test passed or was skipped, and there were some."""
        return self.code == 0 and self.passed > 0


@dataclass(frozen=True, slots=True)
class Run:
    """A suite on an engine; without an outcome it was not run."""

    suite: str
    engine: Engine
    outcome: Outcome | None


def run_suite(suite: str, engine: Engine, *, report: Path, workers: int, arguments: Sequence[str]) -> Run:
    """Run it. pytest says on stdout what it always says."""
    command = [sys.executable, "-m", "pytest", "-q", *SUITES[suite], "-m", "emulator", f"--firestore-engine={engine}"]
    command += ["-n", str(workers), "--dist", "loadgroup", f"--junitxml={report}", *arguments]
    # A server that somebody keeps would go before the engine.
    environ = {name: value for name, value in os.environ.items() if name != "FIRESTORE_EMULATOR_HOST"}
    began = time.monotonic()
    code = subprocess.run(command, cwd=ROOT, env=environ, check=False).returncode  # noqa: S603 - our own tests
    return Run(suite, engine, outcome(report, seconds=time.monotonic() - began, code=code))


def outcome(report: Path, *, seconds: float, code: int) -> Outcome:
    """What a JUnit report says; a run that left none has failed."""
    if not report.is_file():
        return Outcome(0, 0, 0, seconds, code or 1)
    (suite,) = ET.parse(report).getroot().iter("testsuite")  # noqa: S314 - our own pytest wrote it
    tests, failures, errors, skipped = (int(suite.get(name, 0)) for name in ("tests", "failures", "errors", "skipped"))
    failed = failures + errors
    return Outcome(tests - failed - skipped, failed, skipped, seconds, code)
