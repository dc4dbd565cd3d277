"""The pytest plugin as a stranger meets it: whole pytest runs in processes of their own."""

# ruff: noqa: S603 - the command lines are written here

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import psutil  # type: ignore[import-untyped]  # publishes no types
import pytest

from firewarden.testing import Engine
from firewarden.testing.locate import answers
from toolkit.tests.testing.pytest_runs import RULES, environment, project, run_pytest
from toolkit.tests.waiting import until

pytestmark = pytest.mark.emulator

TESTS = """
import pytest
from google.api_core.exceptions import PermissionDenied

@pytest.mark.parametrize("n", range(6))
def test_each_test_starts_empty(firestore, n):
    firestore.as_user("ana").document("own/ana").create({"n": n})

def test_fixtures_share_one_database(firestore_as, firestore_as_guest, firestore_as_owner):
    firestore_as("ana", {"role": "member"}).document("own/ana").set({"n": 1})
    assert firestore_as_owner().document("own/ana").get().exists
    with pytest.raises(PermissionDenied):
        firestore_as_guest().document("own/ana").get()

def test_that_fails(firestore):
    firestore.as_guest().document("own/ana").get()
"""


def seen(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(path.read_text()) for path in (folder / "seen").iterdir()]


def servers(host: str) -> list[psutil.Process]:
    """Every process that serves this address, or was told to: Google's emulator has a supervisor."""
    port = host.rpartition(":")[2]
    listening = {each.pid for each in psutil.net_connections("tcp") if each.laddr and str(each.laddr.port) == port}
    return [
        each
        for each in psutil.process_iter(["cmdline"])
        if each.pid in listening - {os.getpid()} or f"--port={port}" in (each.info["cmdline"] or ())
    ]


@pytest.fixture(autouse=True)
def same_engine(firestore_engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """The runs inside are on the engine of this one."""
    monkeypatch.setenv("FIREWARDEN_ENGINE", firestore_engine)


def test_workers_share_one_server_and_nothing_is_left(tmp_path: Path) -> None:
    result = run_pytest(project(tmp_path, test_it=TESTS), "-n", "2")

    assert "1 failed, 7 passed" in result.stdout, result.stdout + result.stderr
    workers = seen(tmp_path)
    (host,) = {worker["host"] for worker in workers}
    assert len({worker["project"] for worker in workers}) == 2
    assert all(worker["project"].startswith("demo-test-workers-share") for worker in workers)
    assert not answers(host)
    assert servers(host) == []

    section = result.stdout.partition("Firestore denials")[2] or result.stdout.partition("Firestore log")[2]
    assert "Null value error." in section
    assert "\tat com.google" not in section
    for said_at_start in ("Dev App Server is now running", "Ctrl-C ends it"):
        assert said_at_start not in section, "the log of earlier tests is not this test's"


def test_a_single_process_does_it_too(tmp_path: Path) -> None:
    """Without the cache plugin, too, which has nothing to do with it."""
    folder = project(tmp_path, test_it=TESTS)
    result = run_pytest(folder, "-p", "no:xdist", "-p", "no:cacheprovider", "-k", "not fails")

    assert "7 passed" in result.stdout, result.stdout + result.stderr
    (worker,) = seen(tmp_path)
    assert servers(worker["host"]) == []


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_the_server_ends_however_pytest_is_ended(how: signal.Signals, tmp_path: Path) -> None:
    waits = "import time\ndef test_it(firestore):\n    open('up', 'w').close()\n    time.sleep(120)\n"
    folder = project(tmp_path, test_it=waits)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:xdist"]
    with subprocess.Popen(command, cwd=folder, env=environment(), stdout=subprocess.DEVNULL) as process:
        until((folder / "up").exists, patience_s=90)
        (worker,) = seen(folder)
        running = servers(worker["host"])
        assert running
        process.send_signal(how)

    _, alive = psutil.wait_procs(running, timeout=15)
    assert alive == []


def test_nothing_is_left_of_a_parallel_run_after_ctrl_c(tmp_path: Path) -> None:
    """Workers, the server and who looks after it: all are told at once, as a terminal does, and none outlives the run.

    The test that runs is a short one: xdist gives its workers ten seconds before it kills them.
    """
    waits = "import time\ndef test_it(firestore):\n    open('up', 'w').close()\n    time.sleep(4)\n"
    folder = project(tmp_path, test_it=waits, test_other=waits)
    command = [sys.executable, "-m", "pytest", "-q", "-n", "2"]
    with subprocess.Popen(
        command, cwd=folder, env=environment(), stdout=subprocess.DEVNULL, start_new_session=True
    ) as process:
        until((folder / "up").exists, patience_s=90)
        started = psutil.Process(process.pid).children(recursive=True)
        started += [each for worker in seen(folder) for each in servers(worker["host"])]
        assert len(set(started)) >= 3, "two workers and a server"
        os.killpg(process.pid, signal.SIGINT)

    _, alive = psutil.wait_procs(set(started), timeout=30)
    assert alive == []


NO_JAVA = {"PATH": "", "JAVA_HOME": "", "CLOUDSDK_ROOT_DIR": "", "FIREWARDEN_ENGINE": "firewarden"}
MARKED = """
import pytest

@pytest.mark.official_firestore(reason="has listeners")
def test_it(firestore):
    firestore.as_user("ana").document("own/ana").create({"n": 1})
"""


def test_our_own_server_needs_no_java(tmp_path: Path) -> None:
    folder = project(tmp_path, test_it=TESTS, test_marked=MARKED)
    result = run_pytest(folder, "-k", "not fails", "-rs", environ=environment(**NO_JAVA, HOME=str(tmp_path)))

    assert "7 passed, 1 skipped" in result.stdout, result.stdout + result.stderr
    assert "needs Google's emulator: " in result.stdout


def test_where_the_official_emulator_is_required_it_is_an_error_that_there_is_none(tmp_path: Path) -> None:
    environ = environment(**NO_JAVA, HOME=str(tmp_path), REQUIRE_OFFICIAL="1")
    result = run_pytest(project(tmp_path, test_marked=MARKED), environ=environ)

    assert "1 error" in result.stdout
    assert "EmulatorNotFound" in result.stdout


def test_a_marked_test_runs_on_the_official_emulator(tmp_path: Path, official_firestore_server: Any) -> None:
    """Beside the run's own server, which other tests use."""
    both = (
        MARKED
        + """
def test_two_servers(firestore_server, official_firestore_server):
    assert firestore_server.host != official_firestore_server.host

@pytest.mark.official_firestore(reason="has listeners")
def test_where(firestore, official_firestore_server):
    assert firestore.host == official_firestore_server.host
"""
    )
    environ = environment(FIREWARDEN_ENGINE="firewarden")
    result = run_pytest(project(tmp_path, test_marked=both), environ=environ)
    assert "3 passed" in result.stdout, result.stdout + result.stderr
    (worker,) = seen(tmp_path)
    assert servers(worker["host"]) == []


def test_an_engine_that_is_none_is_named(tmp_path: Path) -> None:
    result = run_pytest(project(tmp_path, test_it=TESTS), "-k", "share", "--firestore-engine", "rust")
    assert "--firestore-engine is 'rust', which is no engine." in result.stdout
    assert "Write firewarden or official." in result.stdout


COMPOSITE = """
import pytest
from google.api_core.exceptions import FailedPrecondition
from google.cloud.firestore import FieldFilter

def run(firestore, *fields):
    query = firestore.as_owner().collection("notes")
    for field in fields:
        query = query.order_by(field)
    return query.get()

def test_a_defined_one(firestore):
    assert run(firestore, "open", "at") == []

def test_another(firestore):
    assert run(firestore, "at", "open") == []
"""


@pytest.mark.parametrize(("ini", "outcome"), [("", "1 failed, 1 passed"), ("firewarden_indexes = off\n", "2 passed")])
def test_queries_need_the_projects_indexes(ini: str, outcome: str, tmp_path: Path) -> None:
    """As in production, which Google's emulator is not."""
    folder = project(tmp_path, test_it=COMPOSITE)
    named = {"rules": "firestore.rules", "indexes": "firestore.indexes.json"}
    (folder / "firebase.json").write_text(json.dumps({"firestore": named}))
    fields = [{"fieldPath": field, "order": "ASCENDING"} for field in ("open", "at")]
    index = {"collectionGroup": "notes", "queryScope": "COLLECTION", "fields": fields}
    (folder / "firestore.indexes.json").write_text(json.dumps({"indexes": [index]}))
    with (folder / "pytest.ini").open("a") as options:
        options.write(ini)
    result = run_pytest(folder, environ=environment(FIREWARDEN_ENGINE="firewarden"))

    assert outcome in result.stdout, result.stdout + result.stderr
    assert ('{"fieldPath": "at", "order": "ASCENDING"}, {"fieldPath": "open"' in result.stdout) == (not ini)


def test_without_an_emulator_the_error_says_what_to_do(tmp_path: Path) -> None:
    environ = environment(PATH="", JAVA_HOME="", HOME=str(tmp_path), FIRESTORE_EMULATOR_HOST="127.0.0.1:1")
    result = run_pytest(project(tmp_path, test_it=TESTS), "-k", "shares or share", environ=environ)

    assert "1 error" in result.stdout
    assert "FIRESTORE_EMULATOR_HOST names 127.0.0.1:1, but no Firestore emulator answers there." in result.stdout
    assert "unset it to have a server started" in result.stdout


def test_broken_rules_are_an_error_with_their_place(tmp_path: Path, firestore_server: Any) -> None:
    folder = project(tmp_path, test_it=TESTS)
    (folder / "firestore.rules").write_text(RULES.replace("== uid", "=="))
    result = run_pytest(folder, "-k", "share", environ=environment(FIRESTORE_EMULATOR_HOST=firestore_server.host))

    assert "RulesRejected" in result.stdout
    assert "L3:" in result.stdout


@pytest.mark.parametrize("named", ["nowhere.rules", "firestore.rules"])
def test_the_ini_option_names_the_rules(named: str, tmp_path: Path, firestore_server: Any) -> None:
    folder = project(tmp_path, test_it=TESTS)
    (folder / "firebase.json").unlink()
    (folder / "pytest.ini").write_text(f"[pytest]\nfirewarden_rules = {named}\nfirewarden_project = stranger\n")
    result = run_pytest(folder, "-k", "share", environ=environment(FIRESTORE_EMULATOR_HOST=firestore_server.host))

    if named == "nowhere.rules":
        assert f"There is no rules file at {folder / named}." in result.stdout
    else:
        assert "1 passed" in result.stdout, result.stdout
        assert seen(folder)[0]["project"].startswith("demo-stranger-")


def test_loading_the_plugin_imports_no_library() -> None:
    """Whoever does not use the fixtures pays nothing, and coverage sees the library's import."""
    code = "import sys, firewarden_pytest; print(sorted({'firewarden', 'grpc', 'httpx'} & sys.modules.keys()))"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert result.stdout.strip() == "[]"
