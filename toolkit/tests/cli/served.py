"""A Firestore that the command serves: where it listens, what it holds, what it says, and how it ends."""

import signal
import subprocess
from collections.abc import Iterator

import httpx

OPEN = "service cloud.firestore { match /databases/{d}/documents { match /notes/{id} { allow read; } } }"
SHUT = OPEN.replace("allow read", "allow read: if false")


def address_of(process: subprocess.Popen[str]) -> str:
    """Where it listens, which it says when it does."""
    assert process.stdout is not None
    line = process.stdout.readline().rstrip()
    assert line.startswith("export FIRESTORE_EMULATOR_HOST=127.0.0.1:"), process.communicate()[1]
    return line.partition("=")[2]


def read(address: str, path: str = "notes/a", project: str = "demo-x") -> httpx.Response:
    return httpx.get(
        f"http://{address}/v1/projects/{project}/databases/(default)/documents/{path}", trust_env=False, timeout=30
    )


def ended(process: subprocess.Popen[str], number: signal.Signals = signal.SIGTERM) -> tuple[int, str]:
    """The exit code and what it said on stderr."""
    process.send_signal(number)
    _, talk = process.communicate(timeout=30)
    return process.returncode, talk


def lines(process: subprocess.Popen[str]) -> Iterator[str]:
    assert process.stderr is not None
    return iter(process.stderr.readline, "")
