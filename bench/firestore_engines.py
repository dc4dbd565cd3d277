"""The servers that are compared, each in a process of its own: started, timed, weighed, ended."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil  # type: ignore[import-untyped]  # publishes no types
from firestore_operations import DOCUMENTS
from firestore_wire import Connection, Refused, Request
from google.cloud.firestore_v1 import types

from firewarden.errors import EmulatorNotFound
from firewarden.testing import Installation, locate_emulator

OURS, OFFICIAL, PEER = "firewarden", "official", "npm"
_START_S = 60.0
_LOOK_EVERY_S = 0.002
_END_S = 10.0
_PEER = "@firestore-emulator/server"
_PEER_MOST = 1_000
"""It takes some milliseconds for each document, the more the more there are."""
_PEER_SCRIPT = f"new (require('{_PEER}').FirestoreServer)().start(Number(process.argv[1]))"


@dataclass(frozen=True, slots=True)
class Engine:
    """How a server is started; PORT stands for the port. It is not given collections of more than `most` documents."""

    name: str
    command: Sequence[str]
    folder: Path | None = None
    most: int | None = None

    @contextmanager
    def started(self) -> Iterator[Running]:
        """The server, as soon as it answers; it is gone afterwards."""
        port = _free_port()
        command = [each.replace("PORT", str(port)) for each in self.command]
        environment = _environment()
        begun = time.perf_counter()
        process = subprocess.Popen(  # noqa: S603 - our own command line
            command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=self.folder, env=environment
        )
        try:
            host = f"127.0.0.1:{port}"
            _await_answer(host, process, begun + _START_S)
            yield Running(self.name, host, psutil.Process(process.pid), time.perf_counter() - begun)
        finally:
            process.terminate()
            try:
                process.wait(_END_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


@dataclass(frozen=True, slots=True)
class Running:
    """A server that answers; `start` is the time from its command to its first answer, in seconds."""

    name: str
    host: str
    process: psutil.Process
    start: float

    def cpu(self) -> float:
        """Seconds of all its threads so far, its own and the system's."""
        times = self.process.cpu_times()
        return float(times.user + times.system)

    def memory(self) -> float:
        """Resident MiB."""
        return float(self.process.memory_info().rss) / 2**20


def engines(npm: Path | None) -> tuple[list[Engine], list[str]]:
    """Those that are there, ours first, and what is to be said of those that are not."""
    ours = Path(sys.executable).with_name("firewarden")
    found = [Engine(OURS, [str(ours), "serve", "--port", "PORT"], Path("/"))]
    notes = []
    installation = _official()
    if installation is None:
        notes.append("No official emulator was found: install one to compare, see toolkit/docs/testing.md.")
    else:
        command = [each.replace("--port=0", "--port=PORT") for each in installation.command(port=0)]
        found.append(Engine(OFFICIAL, command))
    node = shutil.which("node")
    if npm is not None and node is not None and (npm / "node_modules" / _PEER).is_dir():
        found.append(Engine(PEER, [node, "-e", _PEER_SCRIPT, "PORT"], npm, most=_PEER_MOST))
    else:
        notes.append(f"{_PEER} was not measured: `npm install --prefix FOLDER {_PEER}`, and pass --npm FOLDER.")
    return found, notes


def _official() -> Installation | None:
    try:
        found = locate_emulator(_environment())
    except EmulatorNotFound:
        return None
    return found if isinstance(found, Installation) else None


def _environment() -> dict[str, str]:
    """As it is for users: modules are compiled once, and nothing names another server."""
    without = ("PYTHONDONTWRITEBYTECODE", "FIRESTORE_EMULATOR_HOST")
    return {name: value for name, value in os.environ.items() if name not in without}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _await_answer(host: str, process: subprocess.Popen[bytes], deadline: float) -> None:
    """Ask for a document again and again until there is an answer."""
    message = types.BatchGetDocumentsRequest.pb()(
        database=DOCUMENTS.removesuffix("/documents"), documents=[f"{DOCUMENTS}/nothing/here"]
    ).SerializeToString()
    while time.perf_counter() < deadline:
        if process.poll() is not None:
            raise SystemExit(f"{process.args!r} ended with code {process.returncode} instead of serving")
        try:
            connection = Connection(host)
        except OSError:
            time.sleep(_LOOK_EVERY_S)
            continue
        try:
            if connection.ask(Request("BatchGetDocuments", message)):
                return
        except (OSError, Refused):
            time.sleep(_LOOK_EVERY_S)
        finally:
            connection.close()
    raise SystemExit(f"{process.args!r} did not answer within {_START_S:.0f} s")
