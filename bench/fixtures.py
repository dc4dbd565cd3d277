"""What the fixture `firestore` adds to a test: 200 tests with an emptied database each, on both engines.

Every suite is a pytest run of its own with one process. Of each test the whole protocol is timed (set-up, call,
tear-down); the first one, which starts the server, is told apart. The overhead is the difference to the same test
without the fixture: to one that does nothing, and to one whose client stays open for the whole run.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import mean, quantiles
from tempfile import TemporaryDirectory

from firewarden.errors import EmulatorNotFound
from firewarden.testing import Engine, locate_emulator

_LIMIT_MS = 5.0
"""What the fixture may add to a test."""
_RULES = """rules_version = '2';
service cloud.firestore { match /databases/{d}/documents {
  match /notes/{n} { allow read, write: if request.auth != null; }
} }"""
_CONFTEST = """
import json, pathlib, pytest, time
times = []

@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item):
    begun, worked = time.perf_counter(), time.process_time()
    result = yield
    times.append([(time.perf_counter() - begun) * 1e3, (time.process_time() - worked) * 1e3])
    return result

def pytest_sessionfinish():
    pathlib.Path("times.json").write_text(json.dumps(times))

@pytest.fixture(scope="session")
def open_client(firestore_server, firestore_project):
    from firewarden.testing import firestore_as
    with firestore_as("ana", project=firestore_project, host=firestore_server.host) as client:
        yield client
"""
_WORK = """
    note = client.document("notes/n")
    note.set({"n": n})
    assert note.get().to_dict() == {"n": n}
"""
_TEST = "import pytest\n@pytest.mark.parametrize('n', range(%d))\ndef test_it(%s):%s\n"
_SUITES = {
    "nothing": ("n", "\n    pass"),
    "fixture": ("n, firestore", "\n    pass"),
    "open client": ("n, open_client", "\n    client = open_client" + _WORK),
    "fixture and client": ("n, firestore", "\n    client = firestore.as_user('ana')" + _WORK),
}
_DIFFERENCES = {"fixture": "nothing", "fixture and client": "open client"}


@dataclass(frozen=True, slots=True)
class Suite:
    """Milliseconds per test of one run, without the first; `cpu` are those of the process that runs the tests."""

    name: str
    first: float
    mean: float
    p95: float
    cpu: float


def main() -> int:
    """Measures, prints, and fails where our own engine takes longer than it may."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tests", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=3, help="runs of each suite, of which the best counts")
    parser.add_argument("--json", type=Path, metavar="FILE")
    args = parser.parse_args()
    results = {engine.value: measured(engine, args.tests, args.rounds) for engine in found_engines()}
    for engine, suites in results.items():
        lines = [f"{engine}, ms per test of {args.tests}:"]
        lines += [
            f"  {each.name:<20} {each.mean:7.2f}  CPU {each.cpu:7.2f}  p95 {each.p95:7.2f}  first {each.first:9.1f}"
            for each in suites.values()
        ]
        lines += [
            f"  overhead of {name}: {overhead(suites, name, without):.2f}, CPU "
            f"{suites[name].cpu - suites[without].cpu:.2f}"
            for name, without in _DIFFERENCES.items()
        ]
        sys.stdout.write("\n".join(lines) + "\n")
    if args.json is not None:
        content = {engine: {name: asdict(each) for name, each in suites.items()} for engine, suites in results.items()}
        args.json.write_text(json.dumps(content, indent=2) + "\n")
    own = results[Engine.FIREWARDEN.value]
    return int(max(overhead(own, name, without) for name, without in _DIFFERENCES.items()) > _LIMIT_MS)


def overhead(suites: dict[str, Suite], name: str, without: str) -> float:
    """What one suite's tests take longer than another's."""
    return suites[name].mean - suites[without].mean


def found_engines() -> list[Engine]:
    """Ours, and Google's where it is installed."""
    try:
        locate_emulator()
    except EmulatorNotFound as error:
        sys.stderr.write(f"without Google's emulator: {error.message.splitlines()[0]}\n")
        return [Engine.FIREWARDEN]
    return [Engine.FIREWARDEN, Engine.OFFICIAL]


def measured(engine: Engine, tests: int, rounds: int) -> dict[str, Suite]:
    """The best round of every suite; rounds alternate, so that a slow moment does not hit one suite only."""
    found: dict[str, Suite] = {}
    for _ in range(rounds):
        for name, (arguments, body) in _SUITES.items():
            suite = ran(engine, name, _TEST % (tests, arguments, body))
            if name not in found or suite.mean < found[name].mean:
                found[name] = suite
    return found


def ran(engine: Engine, name: str, text: str) -> Suite:
    """One pytest run in a folder of its own."""
    with TemporaryDirectory() as made:
        folder = Path(made)
        (folder / "firebase.json").write_text(json.dumps({"firestore": {"rules": "firestore.rules"}}))
        (folder / "firestore.rules").write_text(_RULES)
        (folder / "pytest.ini").write_text("[pytest]\n")
        (folder / "conftest.py").write_text(_CONFTEST)
        (folder / "test_it.py").write_text(text)
        environ = {key: value for key, value in os.environ.items() if not key.startswith(("PYTEST", "FIRESTORE"))}
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--firestore-engine={engine}"]
        result = subprocess.run(  # noqa: S603 - our own command line
            command, cwd=folder, env=environ, capture_output=True, text=True, check=False
        )
        if result.returncode:
            raise SystemExit(result.stdout + result.stderr)
        (first, _), *others = json.loads((folder / "times.json").read_text())
    took = [each for each, _ in others]
    return Suite(name, first, mean(took), quantiles(took, n=20)[-1], mean(cpu for _, cpu in others))


if __name__ == "__main__":
    raise SystemExit(main())
