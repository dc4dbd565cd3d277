"""Starting a Firestore without pytest: it answers, or one message says why not; nothing stays behind."""

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
from google.api_core.exceptions import PermissionDenied

from firewarden.errors import EmulatorFailed, EmulatorNotFound, FirewardenError, PortInUse, RulesRejected
from firewarden.testing import (
    EmulatorControl,
    Engine,
    firestore_as,
    firestore_as_guest,
    start_emulator,
    start_firestore,
)
from firewarden.testing.locate import answers
from firewarden.testing.serving import Serving
from firewarden.testing.start import start_serving

pytestmark = pytest.mark.emulator

OPEN_TO_ANA = "match /databases/{d}/documents/{all=**} { allow read, write: if request.auth.uid == 'ana'; }"


@pytest.fixture(params=list(Engine))
def engine(request: pytest.FixtureRequest) -> Engine:
    """Our own server, and Google's emulator where it is installed."""
    if request.param is Engine.OFFICIAL:
        request.getfixturevalue("installed_emulator")
    found: Engine = request.param
    return found


def test_it_answers_inside_the_block_and_is_gone_after_it(engine: Engine, tmp_path: Path) -> None:
    rules = tmp_path / "my.rules"
    rules.write_text("rules_version = '2'; service cloud.firestore { match /a/b { allow read; } }")
    with start_firestore(engine=engine, rules=rules, log=tmp_path / "firestore.log") as running:
        processes = [psutil.Process(running.pid), *psutil.Process(running.pid).children()]
        assert answers(running.host)
        assert len(processes) == (2 if engine is Engine.OFFICIAL else 1)
        assert running.host in running.log_path.read_text()
        with EmulatorControl(running.host) as control:
            assert control.is_ready()

    assert not answers(running.host)
    assert not any(process.is_running() for process in processes)
    assert (tmp_path / "firestore.log").exists()


def test_rules_hold_for_every_project(engine: Engine, tmp_path: Path) -> None:
    rules = tmp_path / "my.rules"
    rules.write_text(f"rules_version = '2'; service cloud.firestore {{ {OPEN_TO_ANA} }}")
    with start_firestore(engine=engine, rules=rules) as running:
        for project in ("demo-a", "demo-b"):
            with firestore_as("ana", project=project, host=running.host) as ana:
                ana.document("a/b").set({"n": 1})
            with firestore_as_guest(project=project, host=running.host) as guest, pytest.raises(PermissionDenied):
                guest.document("a/b").get()


def test_a_taken_port_is_named_at_once(engine: Engine) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(PortInUse, match=f"Port {port} on 127.0.0.1 is not free") as failure:
            start_firestore(engine=engine, port=port).__enter__()
        assert f"lsof -i :{port}" in failure.value.hint


def test_our_own_server_that_cannot_start_shows_its_last_words(tmp_path: Path) -> None:
    broken = tmp_path / "firestore.indexes.json"
    broken.write_text("[")
    with pytest.raises(EmulatorFailed, match="ended with code 2 instead of serving") as failure:
        start_serving(Serving(index_file=broken)).__enter__()
    assert "firestore.indexes.json" in str(failure.value)


def test_our_own_server_that_never_answers_is_given_up_and_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    sleeper = [sys.executable, "-c", "import sys, time; print('thinking', file=sys.stderr, flush=True); time.sleep(60)"]
    monkeypatch.setattr(Serving, "command", lambda _: sleeper)
    with pytest.raises(EmulatorFailed, match=r"did not answer within 3 s"):
        start_firestore(timeout_s=3).__enter__()
    assert not [each for each in psutil.Process().children() if "thinking" in " ".join(each.cmdline())]


def test_an_emulator_that_dies_shows_its_last_words(installed_emulator: object, tmp_path: Path) -> None:
    jar = tmp_path / "broken.jar"
    with zipfile.ZipFile(jar, "w") as archive:
        archive.writestr("nothing", "")
    environ = {**os.environ, "FIRESTORE_EMULATOR_BINARY_PATH": str(jar)}

    with pytest.raises(EmulatorFailed, match="ended with code 1 instead of serving") as failure:
        start_emulator(environ=environ).__enter__()
    assert "Could not find or load main class" in str(failure.value)


def test_an_emulator_that_never_answers_is_given_up_and_ended(installed_emulator: object, tmp_path: Path) -> None:
    java = tmp_path / "bin/java"
    java.parent.mkdir()
    java.write_text('#!/bin/sh\n[ "$1" = -version ] && exit\necho thinking about it\nexec sleep 60\n')
    java.chmod(0o755)
    environ = {**os.environ, "JAVA_HOME": str(tmp_path)}

    with pytest.raises(EmulatorFailed, match=r"did not answer at 127\.0\.0\.1:\d+ within 0\.5 s") as failure:
        start_emulator(environ=environ, timeout_s=0.5).__enter__()
    assert "thinking about it" in str(failure.value)
    assert not [each for each in psutil.Process().children(recursive=True) if each.name() == "sleep"]


def test_rules_that_do_not_compile_stop_the_start(engine: Engine, tmp_path: Path) -> None:
    """The emulator itself would start and then refuse everything."""
    rules = tmp_path / "my.rules"
    rules.write_text("rules_version = '2';\nservice cloud.firestore { match /a/b { allow read: if ; } }")
    with pytest.raises(RulesRejected, match="L2:55 ERROR: Missing conditional expression after 'if'"):
        start_firestore(engine=engine, rules=rules).__enter__()


def test_a_missing_rules_file_is_named(engine: Engine, tmp_path: Path) -> None:
    with pytest.raises(FirewardenError, match=r"no rules file at .*nowhere.rules"):
        start_firestore(engine=engine, rules=tmp_path / "nowhere.rules").__enter__()


def test_no_java_no_start() -> None:
    with pytest.raises(EmulatorNotFound):
        start_emulator(environ={"PATH": "", "HOME": "/nowhere"}).__enter__()


OWNER = """
import sys, time
from firewarden.testing import Engine, start_firestore
with start_firestore(engine=Engine(sys.argv[1])) as running:
    print(running.host, running.pid, flush=True)
    time.sleep(60)
"""


def test_it_does_not_outlive_an_owner_that_is_killed(engine: Engine) -> None:
    with subprocess.Popen([sys.executable, "-c", OWNER, engine], stdout=subprocess.PIPE, text=True) as owner:
        assert owner.stdout is not None
        host, pid = owner.stdout.readline().split()
        processes = [psutil.Process(int(pid)), *psutil.Process(int(pid)).children()]
        assert answers(host)
        owner.send_signal(signal.SIGKILL)

    _, alive = psutil.wait_procs(processes, timeout=15)
    assert not alive
    assert not answers(host)
