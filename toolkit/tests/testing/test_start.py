"""Starting an emulator without pytest: it answers, or one message says why not; nothing stays behind."""

# ruff: noqa: S603 - the command lines are written here

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import zipfile
from pathlib import Path

import psutil  # type: ignore[import-untyped]  # publishes no types
import pytest

from firewarden.errors import EmulatorFailed, EmulatorNotFound, FirewardenError, PortInUse, RulesRejected
from firewarden.testing import EmulatorControl, start_emulator
from firewarden.testing.locate import answers

pytestmark = pytest.mark.emulator


def test_it_answers_inside_the_block_and_is_gone_after_it(tmp_path: Path) -> None:
    rules = tmp_path / "my.rules"
    rules.write_text("rules_version = '2'; service cloud.firestore { match /a/b { allow read; } }")
    with start_emulator(rules=rules, log=tmp_path / "emulator.log") as emulator:
        processes = [psutil.Process(emulator.pid), *psutil.Process(emulator.pid).children()]
        assert answers(emulator.host)
        assert len(processes) == 2
        assert emulator.host in emulator.log_path.read_text()
        with EmulatorControl(emulator.host) as control:
            assert control.is_ready()

    assert not answers(emulator.host)
    assert not any(process.is_running() for process in processes)
    assert (tmp_path / "emulator.log").exists()


def test_a_taken_port_is_named_at_once() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(PortInUse, match=f"Port {port} on 127.0.0.1 is not free") as failure:
            start_emulator(port=port).__enter__()
        assert f"lsof -i :{port}" in failure.value.hint


def test_an_emulator_that_dies_shows_its_last_words(tmp_path: Path) -> None:
    jar = tmp_path / "broken.jar"
    with zipfile.ZipFile(jar, "w") as archive:
        archive.writestr("nothing", "")
    environ = {**os.environ, "FIRESTORE_EMULATOR_BINARY_PATH": str(jar)}

    with pytest.raises(EmulatorFailed, match="ended with code 1 instead of serving") as failure:
        start_emulator(environ=environ).__enter__()
    assert "Could not find or load main class" in str(failure.value)


def test_an_emulator_that_never_answers_is_given_up_and_ended(tmp_path: Path) -> None:
    java = tmp_path / "bin/java"
    java.parent.mkdir()
    java.write_text('#!/bin/sh\n[ "$1" = -version ] && exit\necho thinking about it\nexec sleep 60\n')
    java.chmod(0o755)
    environ = {**os.environ, "JAVA_HOME": str(tmp_path)}

    with pytest.raises(EmulatorFailed, match=r"did not answer at 127\.0\.0\.1:\d+ within 0\.5 s") as failure:
        start_emulator(environ=environ, timeout_s=0.5).__enter__()
    assert "thinking about it" in str(failure.value)
    assert not [each for each in psutil.Process().children(recursive=True) if each.name() == "sleep"]


def test_rules_that_do_not_compile_stop_the_start(tmp_path: Path) -> None:
    """The emulator itself would start and then refuse everything."""
    rules = tmp_path / "my.rules"
    rules.write_text("rules_version = '2';\nservice cloud.firestore { match /a/b { allow read: if ; } }")
    with pytest.raises(RulesRejected, match="L2:55 ERROR: Missing conditional expression after 'if'"):
        start_emulator(rules=rules).__enter__()


def test_a_missing_rules_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(FirewardenError, match=r"no rules file at .*nowhere.rules"):
        start_emulator(rules=tmp_path / "nowhere.rules").__enter__()


def test_no_java_no_start() -> None:
    with pytest.raises(EmulatorNotFound):
        start_emulator(environ={"PATH": "", "HOME": "/nowhere"}).__enter__()


OWNER = """
import time
from firewarden.testing import start_emulator
with start_emulator() as emulator:
    print(emulator.host, emulator.pid, flush=True)
    time.sleep(60)
"""


def test_it_does_not_outlive_an_owner_that_is_killed() -> None:
    with subprocess.Popen([sys.executable, "-c", OWNER], stdout=subprocess.PIPE, text=True) as owner:
        assert owner.stdout is not None
        host, pid = owner.stdout.readline().split()
        processes = [psutil.Process(int(pid)), *psutil.Process(int(pid)).children()]
        assert answers(host)
        owner.send_signal(signal.SIGKILL)

    gone, alive = psutil.wait_procs(processes, timeout=15)
    assert not alive
    assert len(gone) == 2
    assert not answers(host)
