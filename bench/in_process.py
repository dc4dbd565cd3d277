"""How soon a Firestore is ready in a fresh Python process: the engine alone, with Google's client, and as a server.

    python bench/in_process.py [--json FILE] [--rounds N]

Each round starts a new interpreter for each row, one after the other, and what it prints is counted from its first
line on; the interpreter's own start is not. The median and the fastest are told, and the processor's time: on a busy
machine that is the steadier figure. Import of google-cloud-firestore is the client's, and told apart.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import time
import urllib.request
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

_CLOCKS = "import time; wall, cpu = time.perf_counter(), time.process_time()\n"
_TOLD = "print((time.perf_counter() - wall) * 1e3, (time.process_time() - cpu) * 1e3)\n"
_OPENED = "import firewarden\nfirestore = firewarden.Firestore()\n"
# What a client sends for `document("notes/a").create({"n": 1})` and then `.get()`, to the engine itself.
_FIRST_CALLS = """
from firewarden.firestore.wire import protos
name = "projects/demo-local/databases/(default)"
written = protos.CommitRequest(database=name)
write = written.writes.add()
write.update.name = f"{name}/documents/notes/a"
write.update.fields["n"].integer_value = 1
asked = protos.GetDocumentRequest(name=write.update.name)
for method, request in (("Commit", written), ("GetDocument", asked)):
    call = firestore._engines.call(
        f"/google.firestore.v1.Firestore/{method}", request.SerializeToString(), [("authorization", "Bearer owner")]
    )
    call.made(None)
"""
_RULES = """
block = "match /databases/{d}/documents { match /notes/{id} { allow get: if request.auth != null; } }"
firestore.put_rules("service cloud.firestore { " + block + " }")
"""
_CLIENT = """
document = firestore.as_owner().document("notes/a")
document.create({"n": 1})
document.get()
"""
PROGRAMS = {
    "engine: Firestore()": _CLOCKS + _OPENED + _TOLD,
    "engine: and a first commit and get": _CLOCKS + _OPENED + _FIRST_CALLS + _TOLD,
    "engine: Firestore() with rules": _CLOCKS + _OPENED + _RULES + _TOLD,
    "google-cloud-firestore: its own import": _CLOCKS + "import google.cloud.firestore\n" + _TOLD,
    "both: Firestore(), a client, its first create and get": _CLOCKS + _OPENED + _CLIENT + _TOLD,
}


@dataclass(frozen=True, slots=True)
class Measured:
    """Milliseconds; of a server's process the time of its processor is not known."""

    name: str
    median: float
    fastest: float
    cpu_median: float | None = None


def main() -> int:
    """Measure, print, and write JSON if asked to."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every figure to this file too")
    parser.add_argument("--rounds", type=int, default=10, metavar="N", help="how often each is started (default: 10)")
    args = parser.parse_args()
    measured = [_in_process(name, args.rounds) for name in PROGRAMS]
    measured += _served(args.rounds)
    table = Table("ready in ms", "median", "fastest", "CPU", title=f"Python {platform.python_version()}")
    for each in measured:
        cpu = "" if each.cpu_median is None else f"{each.cpu_median:.0f}"
        table.add_row(each.name, f"{each.median:.0f}", f"{each.fastest:.0f}", cpu)
    Console().print(table)
    if args.json is not None:
        args.json.write_text(json.dumps([asdict(each) for each in measured], indent=2), encoding="utf-8")
    return 0


def _in_process(name: str, rounds: int) -> Measured:
    walls, cpus = [], []
    for _ in range(rounds):
        said = subprocess.run(  # noqa: S603 - our own command line
            [sys.executable, "-c", PROGRAMS[name]], check=True, capture_output=True, text=True
        ).stdout.split()
        walls.append(float(said[-2]))
        cpus.append(float(said[-1]))
    return Measured(name, statistics.median(walls), min(walls), statistics.median(cpus))


def _served(rounds: int) -> list[Measured]:
    """From the start of the process, interpreter included, to its address, and to its first answer."""
    addresses, answers = [], []
    for _ in range(rounds):
        start = time.perf_counter()
        command = [sys.executable, "-m", "firewarden", "serve", "--port", "0", "--until-input-ends"]
        with subprocess.Popen(  # noqa: S603 - our own command line
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=os.sep
        ) as server:
            assert server.stdout is not None  # noqa: S101 - asked for above
            address = server.stdout.readline().decode().strip().rpartition("=")[2]
            addresses.append((time.perf_counter() - start) * 1e3)
            documents = f"http://{address}/v1/projects/demo-local/databases/(default)/documents"
            with urllib.request.urlopen(f"{documents}/notes?pageSize=1", timeout=30) as answer:  # noqa: S310 - our own
                answer.read()
            answers.append((time.perf_counter() - start) * 1e3)
            server.terminate()
    names = ("`firewarden serve`: its address", "`firewarden serve`: and a first answer")
    return [
        Measured(name, statistics.median(each), min(each))
        for name, each in zip(names, (addresses, answers), strict=True)
    ]


if __name__ == "__main__":
    sys.exit(main())
