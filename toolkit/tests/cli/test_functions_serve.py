"""`firewarden functions serve` as a whole: what it serves, what it says, how it ends."""

import json
import signal
import socket
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest

from firewarden.testing import Engine, firestore_as_owner, start_firestore
from firewarden.triggers import listen
from toolkit.tests.cli.conftest import Run, Start
from toolkit.tests.waiting import until

NOBODY = "127.0.0.1:9"  # the discard port: nothing answers there


def ready(process: subprocess.Popen[str]) -> dict[str, Any]:
    """Return the first line, which says that everything is wired."""
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line, process.communicate()[1]
    announced: dict[str, Any] = json.loads(line)
    assert announced["kind"] == "ready"
    return announced


def lines_until(process: subprocess.Popen[str], kind: str, outcome: str) -> list[dict[str, Any]]:
    assert process.stdout is not None
    lines = []
    for line in process.stdout:
        lines.append(json.loads(line))
        if (lines[-1]["kind"], lines[-1]["outcome"]) == (kind, outcome):
            return lines
    raise AssertionError(f"ended before {kind} {outcome}: {lines}")


@pytest.fixture
def folder(tmp_path: Path) -> Callable[[str], Path]:
    """Writes a functions folder with the given main.py."""

    def write(source: str) -> Path:
        functions = tmp_path / "functions"
        functions.mkdir()
        (functions / "main.py").write_text(source)
        return functions

    return write


HELLO = "from firebase_functions import https_fn\n\n@https_fn.on_request()\ndef hello(request):\n    return 'hello'\n"


@pytest.mark.emulator
def test_one_command_gives_the_whole_stack(start: Start, sample: Path, firestore_engine: Engine) -> None:
    process = start(
        *("functions", "serve", "--source", str(sample), "--project", "demo-cli", "--log", "json", "--port", "0"),
        *("--engine", firestore_engine, "--firestore", "127.0.0.1:0"),
        *("--retry-backoff", "0.05:1", "--http-root", "hello"),
    )
    announced = ready(process)
    assert httpx.get(f"http://{announced['address']}/x?token=secret", trust_env=False).json()["path"] == "/x"
    db = firestore_as_owner(project="demo-cli", host=announced["firestore"])
    db.document("flaky/a").set({"failures": 1})
    lines = lines_until(process, "event", "ok")
    db.close()
    assert [(line["function"], line["outcome"]) for line in lines] == [
        ("hello", "200"),
        ("flaky", "retry"),
        ("flaky", "ok"),
    ]
    assert "secret" not in json.dumps(lines)
    process.send_signal(signal.SIGTERM)
    _, talk = process.communicate(timeout=30)
    assert process.returncode == 0
    assert "firestore  flaky                    created flaky/{id}  (retried)" in talk
    assert "not served stored                   google.cloud.storage.object.v1.finalized" in talk
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"http://{announced['firestore']}/", trust_env=False)


@pytest.fixture
def doomed(firestore_engine: Engine) -> Iterator[tuple[str, str, ExitStack]]:
    """A Firestore that the test ends: its address, where it sends events, and what to close."""
    with listen("127.0.0.1", 0) as reserved:
        functions = "{}:{}".format(*reserved.getsockname())
    with ExitStack() as stack:
        running = stack.enter_context(start_firestore(engine=firestore_engine, functions=functions))
        yield running.host, functions, stack


@pytest.mark.emulator
def test_an_emulator_that_dies_ends_the_host_with_a_message(
    start: Start, sample: Path, doomed: tuple[str, str, ExitStack]
) -> None:
    firestore, functions, stack = doomed
    process = start(
        *("functions", "serve", "--source", str(sample), "--log", "json"),
        *("--firestore", firestore, "--port", functions.rpartition(":")[2]),
    )
    ready(process)
    stack.close()
    _, talk = process.communicate(timeout=30)
    assert process.returncode == 2
    assert f"firewarden: The Firestore emulator at {firestore} has stopped answering." in talk
    assert "Traceback" not in talk


def test_functions_without_triggers_need_no_firestore(start: Start, folder: Callable[[str], Path]) -> None:
    folder(HELLO)
    process = start("functions", "serve", "--port", "0", "--firestore", NOBODY, "--log", "json")
    announced = ready(process)
    assert announced["project"] == "demo-local"
    url = f"http://{announced['address']}/demo-local/us-central1/hello"
    assert httpx.get(url, trust_env=False).text == "hello"
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=30)
    assert process.returncode == 0


def test_stopping_lets_a_running_request_finish(start: Start, folder: Callable[[str], Path], tmp_path: Path) -> None:
    """What runs when the signal comes is waited for, and answered."""
    folder(
        "import pathlib, time\n"
        "from firebase_functions import scheduler_fn\n\n"
        "@scheduler_fn.on_schedule(schedule='every day 03:00')\n"
        "def slow(event):\n"
        f"    pathlib.Path({str(tmp_path / 'begun')!r}).touch()\n"
        "    time.sleep(0.5)\n"
        f"    pathlib.Path({str(tmp_path / 'done')!r}).touch()\n"
    )
    process = start("functions", "serve", "--port", "0", "--firestore", NOBODY, "--log", "json")
    address = ready(process)["address"]
    with socket.create_connection(address.split(":")) as connection:
        connection.sendall(b"POST /__/run/slow HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n")
        until((tmp_path / "begun").exists)
        process.send_signal(signal.SIGTERM)
        assert connection.recv(100).startswith(b"HTTP/1.1 200")
    assert (tmp_path / "done").exists()


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (None, "There is no main.py in"),
        ("import not_there_of_test", "ModuleNotFoundError: No module named 'not_there_of_test'"),
        ("raise ValueError('settings missing: PUBLIC_URL')", "ValueError: settings missing: PUBLIC_URL"),
        ("raise SystemExit('set PUBLIC_URL')", "ended the process while it was loaded: set PUBLIC_URL"),
    ],
)
def test_functions_that_cannot_be_loaded_are_explained(
    firewarden: Run, folder: Callable[[str], Path], source: str | None, message: str
) -> None:
    if source is not None:
        folder(source)
    result = firewarden("functions", "serve", "--port", "0")
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr.startswith("firewarden: ")
    assert message in result.stderr
    assert result.stderr.count("\n") < 6


def test_a_taken_port_is_explained(firewarden: Run, folder: Callable[[str], Path]) -> None:
    folder(HELLO)
    with listen("127.0.0.1", 0) as taken:
        port = str(taken.getsockname()[1])
        result = firewarden("functions", "serve", "--port", port)
    assert result.returncode == 2
    assert f"firewarden: Port {port} on 127.0.0.1 is in use" in result.stderr


def test_a_firestore_that_is_not_there_is_explained(firewarden: Run, sample: Path) -> None:
    result = firewarden("functions", "serve", "--source", str(sample), "--port", "0", FIRESTORE_EMULATOR_HOST=NOBODY)
    assert result.returncode == 2
    assert f"firewarden: No Firestore answers at {NOBODY}" in result.stderr
    assert "Add --engine firewarden to start one here" in result.stderr


def test_a_root_that_is_no_http_function_is_explained(firewarden: Run, folder: Callable[[str], Path]) -> None:
    folder(HELLO)
    result = firewarden("functions", "serve", "--port", "0", "--http-root", "api")
    assert result.returncode == 2
    assert "'api' cannot be mounted at /" in result.stderr
    assert "HTTP functions there: hello." in result.stderr
