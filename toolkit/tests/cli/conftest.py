"""The real command, in a process of its own."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

COMMAND = Path(sys.executable).with_name("firewarden")
SAMPLE = Path(__file__).parents[1] / "triggers/sample"

Run = Callable[..., subprocess.CompletedProcess[str]]
Start = Callable[..., subprocess.Popen[str]]


@pytest.fixture(scope="session")
def command_environment() -> dict[str, str]:
    """What a shell has that knows nothing of Firebase."""
    foreign = ("FIRE", "GCLOUD_PROJECT", "GOOGLE_CLOUD_PROJECT", "FUNCTIONS_")
    return {name: value for name, value in os.environ.items() if not name.startswith(foreign)} | {"COLUMNS": "100"}


@pytest.fixture
def firewarden(tmp_path: Path, command_environment: dict[str, str]) -> Run:
    """``firewarden("rules", "build")`` runs in the test's folder; returns what it said and its exit code."""

    def run(*arguments: str, cwd: Path = tmp_path, **environ: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(  # noqa: S603 - our own command
            [COMMAND, *arguments],
            cwd=cwd,
            env=command_environment | environ,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    return run


@pytest.fixture
def start(tmp_path: Path, command_environment: dict[str, str]) -> Iterator[Start]:
    """Like `firewarden`, but returns while the command runs; it has ended after the test."""
    processes: list[subprocess.Popen[str]] = []

    def begin(*arguments: str, **environ: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(  # noqa: S603 - our own command
            [COMMAND, *arguments],
            cwd=tmp_path,
            env=command_environment | environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        processes.append(process)
        return process

    yield begin
    for process in processes:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        process.communicate(timeout=30)


@pytest.fixture
def sample() -> Path:
    """A functions folder with one of every kind."""
    return SAMPLE
