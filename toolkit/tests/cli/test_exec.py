"""`firewarden exec` as a whole: what the command finds, what becomes of its end, and that nothing is left."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from toolkit.tests.cli.conftest import COMMAND, Run, Start

SAY = "import json, os; print(json.dumps(dict(os.environ)))"
CLIENT = """
import sys
from google.cloud import firestore
note = firestore.Client().document("notes/a")
if sys.argv[1:] == ["write"]:
    note.set({"n": 1})
print(note.get().to_dict(), firestore.Client().project)
"""
RULES = "service cloud.firestore { match /databases/{d}/documents { match /open/{id} { allow read; } } }"


def said(result: subprocess.CompletedProcess[str]) -> dict[str, str]:
    found: dict[str, str] = json.loads(result.stdout)
    return found


def test_the_command_finds_the_firestore_and_the_project(firewarden: Run) -> None:
    environ = said(firewarden("exec", "--", sys.executable, "-c", SAY))
    address = environ["FIRESTORE_EMULATOR_HOST"]
    assert environ["FIREBASE_FIRESTORE_EMULATOR_ADDRESS"] == address
    assert (environ["GCLOUD_PROJECT"], environ["GOOGLE_CLOUD_PROJECT"]) == ("demo-local", "demo-local")
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"http://{address}/", trust_env=False)


def test_the_project_is_the_named_one_else_the_folders(firewarden: Run, tmp_path: Path) -> None:
    (tmp_path / "firebase.json").write_text("{}")
    (tmp_path / ".firebaserc").write_text(json.dumps({"projects": {"default": "demo-shop"}}))
    ask = ("--", sys.executable, "-c", SAY)
    assert said(firewarden("exec", *ask))["GCLOUD_PROJECT"] == "demo-shop"
    assert said(firewarden("exec", *ask, GCLOUD_PROJECT="demo-env"))["GCLOUD_PROJECT"] == "demo-env"
    named = firewarden("exec", "--project", "demo-named", *ask, GCLOUD_PROJECT="demo-env")
    assert said(named)["GOOGLE_CLOUD_PROJECT"] == "demo-named"


def test_a_stock_client_works_and_the_data_is_kept(firewarden: Run) -> None:
    keeping = ("exec", "--data", "kept", "--project", "demo-kept", "--", sys.executable, "-c", CLIENT)
    assert firewarden(*keeping, "write").stdout == "{'n': 1} demo-kept\n"
    assert firewarden(*keeping).stdout == "{'n': 1} demo-kept\n"


def test_rules_and_indexes_of_the_project_hold(firewarden: Run, tmp_path: Path) -> None:
    (tmp_path / "firebase.json").write_text(json.dumps({"firestore": {"rules": "x.rules"}}))
    (tmp_path / "x.rules").write_text(RULES)
    ask = (
        "import os, urllib.request, urllib.error\n"
        "def get(path):\n"
        "    base = f'http://{os.environ[\"FIRESTORE_EMULATOR_HOST\"]}/v1/projects/demo-local/databases/(default)'\n"
        "    try:\n"
        "        urllib.request.urlopen(f'{base}/documents/{path}')\n"
        "    except urllib.error.HTTPError as error:\n"
        "        print(path, error.code)\n"
        "get('open/a')\nget('shut/a')"
    )
    result = firewarden("exec", "--explain", "--", sys.executable, "-c", ask, no_proxy="*")
    assert result.stdout == "open/a 404\nshut/a 403\n"
    assert "DENIED  get shut/a" in result.stderr


@pytest.mark.parametrize(("code", "expected"), [("exit 0", 0), ("exit 7", 7), ("kill -KILL $$", 137)])
def test_the_exit_code_is_the_commands(firewarden: Run, code: str, expected: int) -> None:
    result = firewarden("exec", "--", "sh", "-c", code)
    assert (result.returncode, result.stdout, result.stderr) == (expected, "", "")


def test_arguments_and_streams_are_the_commands(firewarden: Run) -> None:
    """What looks like an option of ours is not, behind the command."""
    code = "import sys; print(sys.argv[1:]); print('talk', file=sys.stderr)"
    for separator in (["--"], []):
        result = firewarden("exec", *separator, sys.executable, "-c", code, "--rules", "--", "a b")
        assert (result.stdout, result.stderr) == ("['--rules', '--', 'a b']\n", "talk\n")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGUSR1])
def test_signals_reach_the_command(start: Start, number: signal.Signals) -> None:
    code = (
        "import signal, sys\n"
        f"signal.signal({int(number)}, lambda *_: sys.exit(9))\n"
        "print('ready', flush=True)\n"
        "signal.pause()"
    )
    with heard(number):
        process = start("exec", "--", sys.executable, "-c", code)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    process.send_signal(number)
    assert process.wait(timeout=30) == 9


@contextmanager
def heard(number: signal.Signals) -> Iterator[None]:
    """What is started inside hears the signal, also where the tests themselves run without a terminal and ignore it."""
    before = signal.getsignal(number)
    if before is signal.SIG_IGN:
        signal.signal(number, signal.SIG_DFL)
    try:
        yield
    finally:
        if before is signal.SIG_IGN:
            signal.signal(number, before)


def test_what_is_ignored_is_ignored_by_the_command(tmp_path: Path, command_environment: dict[str, str]) -> None:
    """As under nohup."""
    code = (
        "import os, signal; os.kill(os.getppid(), signal.SIGHUP); os.kill(os.getpid(), signal.SIGHUP); print('alive')"
    )
    script = f"trap '' HUP; exec '{COMMAND}' exec -- '{sys.executable}' -c \"$0\""
    result = subprocess.run(  # noqa: S603 - our own command
        ["/bin/sh", "-c", script, code],
        cwd=tmp_path,
        env=command_environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (result.returncode, result.stdout) == (0, "alive\n"), result.stderr


def test_a_command_that_a_signal_ends_says_so_as_shells_do(start: Start) -> None:
    process = start(
        "exec", "--", sys.executable, "-c", "import os, time; print(os.getpid(), flush=True); time.sleep(60)"
    )
    assert process.stdout is not None
    child = int(process.stdout.readline())
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=30) == 128 + signal.SIGTERM
    with pytest.raises(ProcessLookupError):
        os.kill(child, 0)


def test_ctrl_c_on_a_terminal_reaches_the_command_once(tmp_path: Path, command_environment: dict[str, str]) -> None:
    """The terminal tells every process in front; a second signal would be one too many for most."""
    code = (
        "import signal, sys, time\n"
        "seen = []\n"
        "signal.signal(signal.SIGINT, lambda *_: seen.append(1))\n"
        "print('ready', flush=True)\n"
        "while not seen: time.sleep(0.01)\n"
        "time.sleep(0.3)\n"
        "print('seen', len(seen), flush=True)"
    )
    (tmp_path / "command.py").write_text(code)
    # A session of its own, with a terminal that it is in front of.
    with_terminal = (
        "import os, pty, sys\n"
        "child, terminal = pty.fork()\n"
        f"if child == 0: os.execv({sys.executable!r}, [{sys.executable!r}, '-m', 'firewarden', 'exec', '--', "
        f"{sys.executable!r}, 'command.py'])\n"
        "text = b''\n"
        "while b'seen' not in text:\n"
        "    text += os.read(terminal, 100)\n"
        "    if text.endswith(b'ready\\r\\n'): os.write(terminal, b'\\x03')\n"
        "while b'\\n' not in text.partition(b'seen')[2]: text += os.read(terminal, 100)\n"
        "print(text.partition(b'seen')[2].decode().strip(), os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))"
    )
    result = subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-c", with_terminal],
        cwd=tmp_path,
        env=command_environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert result.stdout == "1 0\n", result.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "there is no CMD"),
        (("--",), "there is no CMD"),
        (("--", "no-such-command-of-tests"), "There is no command no-such-command-of-tests."),
        (("--", "./data.txt"), "./data.txt is not executable."),
        (("--rules", "none.rules", "--", "true"), "There is no rules file none.rules."),
        (("--indexes", "sometimes", "--", "true"), "invalid choice: 'sometimes'"),
        (("--index-file", "none.json", "--", "true"), "none.json"),
        (("--data", "data.txt", "--", "true"), "data.txt cannot be a folder of data: File exists."),
    ],
)
def test_what_cannot_be_run_is_explained(
    firewarden: Run, tmp_path: Path, arguments: tuple[str, ...], message: str
) -> None:
    (tmp_path / "data.txt").write_text("text")
    result = firewarden("exec", *arguments)
    assert (result.returncode, result.stdout) == (2, "")
    assert message in result.stderr
    assert "Traceback" not in result.stderr


def test_a_program_that_the_system_refuses_is_explained(firewarden: Run, tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    broken.write_bytes(b"\x7fELF and no more")
    broken.chmod(0o755)
    result = firewarden("exec", "--", "./broken")
    assert result.returncode == 2
    assert "./broken cannot be run: Exec format error." in result.stderr


def test_a_client_may_ask_the_server_to_end(firewarden: Run) -> None:
    """It does so with the command, which is not left without a Firestore half-way."""
    code = (
        "import os, urllib.request\n"
        "base = 'http://' + os.environ['FIRESTORE_EMULATOR_HOST']\n"
        "urllib.request.urlopen(urllib.request.Request(base + '/shutdown', method='POST'))\n"
        "print(urllib.request.urlopen(base).read())"
    )
    assert firewarden("exec", "--", sys.executable, "-c", code, no_proxy="*").stdout == "b'Ok\\n'\n"
