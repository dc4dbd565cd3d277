"""A supervised command ends with its owner, with its own end, or when told."""

# ruff: noqa: S603 - the command lines are written here

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import psutil  # type: ignore[import-untyped]  # publishes no types
import pytest

from firewarden.testing.supervise import command_line

SLEEPER = [sys.executable, "-c", "print('up', flush=True); import time; time.sleep(60)"]
STUBBORN = [
    sys.executable,
    "-c",
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(60)",
]


@contextmanager
def supervised(command: list[str]) -> Iterator[tuple[subprocess.Popen[bytes], psutil.Process]]:
    """The supervisor and its child, once the child is up."""
    process = subprocess.Popen(command_line(command), stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        assert process.stdout.readline() == b"up\n"
        (child,) = psutil.Process(process.pid).children()
        yield process, child
    finally:
        process.stdin.close()
        process.stdout.close()
        process.wait(30)


def test_it_ends_the_command_when_its_owner_lets_go() -> None:
    with supervised(SLEEPER) as (process, child):
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(10) == 0
        assert not child.is_running()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_the_command_when_told(number: signal.Signals) -> None:
    with supervised(SLEEPER) as (process, child):
        process.send_signal(number)
        assert process.wait(10) == 0
        assert not child.is_running()


def test_a_command_that_ignores_the_request_is_killed() -> None:
    with supervised(STUBBORN) as (process, child):
        process.terminate()
        assert process.wait(15) == 0
        assert not child.is_running()


def test_a_command_that_ends_by_itself_hands_over_its_exit_code() -> None:
    ends = [sys.executable, "-c", "raise SystemExit(7)"]
    with subprocess.Popen(command_line(ends), stdin=subprocess.PIPE) as process:
        assert process.wait(30) == 7
