"""`firewarden serve` as a whole: what it says, and how it ends."""

import json
import os
import pty
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from toolkit.tests.cli.conftest import COMMAND, Run, Start
from toolkit.tests.cli.served import OPEN, address_of, ended, read


def test_it_says_where_it_listens_and_by_what_it_goes(start: Start, tmp_path: Path) -> None:
    (tmp_path / "firestore.rules").write_text(OPEN)
    (tmp_path / "firestore.indexes.json").write_text('{"indexes": []}')
    firestore = {"rules": "firestore.rules", "indexes": "firestore.indexes.json"}
    (tmp_path / "firebase.json").write_text(json.dumps({"firestore": firestore}))
    process = start("serve", "--port", "0", "--indexes", "enforce", "--data", "kept", "--functions", "127.0.0.1:5001")
    address = address_of(process)
    code, talk = ended(process)
    assert code == 0
    assert talk.splitlines() == [
        f"Firestore  {address}",
        "rules      firestore.rules",
        "indexes    enforce firestore.indexes.json",
        "data       kept",
        "events to  127.0.0.1:5001",
        "Ctrl-C ends it.",
    ]


def test_without_a_project_it_allows_everything_and_keeps_nothing(start: Start) -> None:
    process = start("serve", "--port", "0")
    address = address_of(process)
    assert read(address).status_code == 404
    assert ended(process)[1].splitlines()[1:4] == [
        "rules      none: everything is allowed",
        "indexes    off",
        "data       in memory",
    ]


def test_a_terminal_gets_colours(tmp_path: Path, command_environment: dict[str, str]) -> None:
    ours, terminal = pty.openpty()
    process = subprocess.Popen(  # noqa: S603 - our own command
        [COMMAND, "serve", "--port", "0"],
        cwd=tmp_path,
        env={**command_environment, "TERM": "xterm-256color"},
        stdout=subprocess.PIPE,
        stderr=terminal,
        text=True,
    )
    os.close(terminal)
    try:
        address_of(process)
        shown = os.read(ours, 10_000).decode()
    finally:
        process.terminate()
        process.communicate(timeout=30)
        os.close(ours)
    assert "\x1b[" in shown
    assert re.sub(r"\x1b\[[\d;]*m", "", shown).startswith("Firestore  127.0.0.1:")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_in_order(start: Start, number: signal.Signals) -> None:
    """Also while a client keeps its connection open."""
    process = start("serve", "--port", "0")
    address = address_of(process)
    host, _, port = address.partition(":")
    with socket.create_connection((host, int(port))) as idle:
        idle.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        answer = b""
        while not answer.endswith(b"Ok\n"):
            answer += idle.recv(1_000)
        code, talk = ended(process, number)
        assert (code, "Traceback" in talk) == (0, False)
        assert idle.recv(1_000) == b""
    with pytest.raises(httpx.ConnectError):
        read(address)


def test_shutdown_ends_it(start: Start) -> None:
    process = start("serve", "--port", "0")
    answer = httpx.post(f"http://{address_of(process)}/shutdown", trust_env=False)
    assert (answer.status_code, answer.text) == (200, "Shutting down...\n")
    assert process.wait(timeout=30) == 0


def test_it_ends_with_its_input(start: Start, tmp_path: Path, command_environment: dict[str, str]) -> None:
    process = subprocess.Popen(  # noqa: S603 - our own command
        [COMMAND, "serve", "--port", "0", "--until-input-ends"],
        cwd=tmp_path,
        env=command_environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert read(address_of(process)).status_code == 404
    finally:
        process.communicate(timeout=30)  # closes the input
    assert process.returncode == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--rules", "none.rules"), "There is no rules file none.rules."),
        (("--rules", "broken.rules"), "broken.rules:1:"),
        (("--index-file", "none.json"), "none.json"),
        (("--index-file", "broken.rules"), "broken.rules"),
        (("--data", "broken.rules"), "broken.rules cannot be a folder of data: File exists."),
        (("--data", "broken.rules/below"), "broken.rules/below cannot be a folder of data: Not a directory."),
        (("--host", "192.0.2.1"), "192.0.2.1:0: "),
        (("--host", "no such host"), "no such host:0: "),
        (("--port", "70000"), "'70000' is not a port"),
        (("--functions", "5001"), "'5001' is not HOST:PORT"),
        (("--lock-wait", "-1"), "'-1' is not a number of seconds"),
        (("--clock", "2026-05-01T12:00:00"), "'2026-05-01T12:00:00' is not a time with a timezone"),
        (("--clock", "noon"), "'noon' is not a time with a timezone"),
        (("--indexes", "sometimes"), "invalid choice: 'sometimes'"),
    ],
)
def test_what_cannot_be_served_is_explained(
    firewarden: Run, tmp_path: Path, arguments: tuple[str, ...], message: str
) -> None:
    (tmp_path / "broken.rules").write_text("service cloud.firestore {")
    result = firewarden("serve", *(() if "--port" in arguments else ("--port", "0")), *arguments)
    assert (result.returncode, result.stdout) == (2, "")
    assert message in result.stderr
    assert "Traceback" not in result.stderr


def test_time_stands_still_where_it_is_told_to(start: Start) -> None:
    process = start("serve", "--port", "0", "--clock", "2026-05-01T14:00:00+02:00")
    address = address_of(process)
    asked = httpx.patch(
        f"http://{address}/v1/projects/demo-x/databases/(default)/documents/notes/a",
        json={},
        headers={"authorization": "Bearer owner"},
        trust_env=False,
    )
    assert asked.json()["updateTime"] == "2026-05-01T12:00:00Z"
    moved = httpx.post(f"http://{address}/emulator/v1/clock:advance", json={"seconds": 60}, trust_env=False)
    assert moved.json()["time"] == "2026-05-01T12:01:00.000000Z"
    assert ended(process)[0] == 0


def test_a_broken_firebase_json_is_named(firewarden: Run, tmp_path: Path) -> None:
    (tmp_path / "firebase.json").write_text("{")
    result = firewarden("serve", "--port", "0")
    assert result.returncode == 2
    assert "firebase.json cannot be read" in result.stderr


def test_a_port_in_use_is_explained(firewarden: Run) -> None:
    """In the words that the Firebase CLI looks for."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = firewarden("serve", "--port", str(port))
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr == (
        f"firewarden: 127.0.0.1:{port}: address already in use\n"
        "Stop the process that listens there, or choose another port.\n"
    )


def test_the_port_is_free_at_once_for_the_next(start: Start) -> None:
    """Connections that the first one had do not keep it."""
    first = start("serve", "--port", "0")
    address = address_of(first)
    host, _, port = address.partition(":")
    connection = socket.create_connection((host, int(port)))
    connection.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    assert connection.recv(1_000).startswith(b"HTTP/1.1 200")
    assert ended(first)[0] == 0
    second = start("serve", "--port", port)
    assert address_of(second) == address
    connection.close()


def test_a_second_signal_ends_it_at_once(start: Start) -> None:
    """While it waits for a request that does not come to an end."""
    process = start("serve", "--port", "0")
    host, _, port = address_of(process).partition(":")
    with socket.create_connection((host, int(port))) as slow:
        slow.sendall(b"POST /v1/projects/p/databases/d/documents:commit HTTP/1.1\r\nContent-Length: 100\r\n\r\n{")
        process.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + 30
        while process.poll() is None and time.monotonic() < deadline:
            process.send_signal(signal.SIGTERM)
            time.sleep(0.05)
    assert process.wait(timeout=30) == -signal.SIGTERM


def test_python_dash_m_is_the_command(tmp_path: Path, command_environment: dict[str, str]) -> None:
    result = subprocess.run(
        [sys.executable, "-m", "firewarden", "serve", "--help"],
        cwd=tmp_path,
        env=command_environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "firewarden serve --data .firestore" in result.stdout
