"""What stands in for `java` beneath the Firebase CLI: what it understands, and what it passes on."""

from __future__ import annotations

import argparse
import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import httpx
import pytest

from firewarden.cli.as_java import (
    asks_version,
    emulator_arguments,
    java_first,
    main,
    next_java,
    serve_command,
)
from firewarden.cli.beneath_firebase import _OWN, passed_on, starts_its_own
from firewarden.cli.main import parser
from toolkit.tests.cli.conftest import Run

PROBE = ["-Duser.language=en", "-Dfile.encoding=UTF-8", "-version"]
JAR = "/cache/cloud-firestore-emulator-v1.22.0.jar"
# As the Firebase CLI 15.34 starts it.
STARTED = ["-Dgoogle.cloud_firestore.debug_log_level=FINE", "-Duser.language=en", "-jar", JAR]
GIVEN = ["--host", "127.0.0.1", "--port", "8080", "--websocket_port", "9150", "--project_id", "demo-shop"]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (PROBE, True),
        (["--version"], True),
        (["-cp", "x.jar", "-version"], True),
        ([], False),
        (["-jar", "x.jar", "-version"], False),
        (["-cp", "-version", "Main"], False),
        (["Main", "-version"], False),
    ],
)
def test_a_question_for_the_version_is_told_from_others(arguments: list[str], *, expected: bool) -> None:
    assert asks_version(arguments) is expected


def test_the_version_is_one_that_the_firebase_cli_takes(capfd: pytest.CaptureFixture[str]) -> None:
    assert main(PROBE, {}) == 0
    said = capfd.readouterr()
    found = re.search(r'version "([1-9][0-9]*)', said.err)
    assert found is not None
    assert (int(found[1]) >= 21, said.out) == (True, "")


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ([*STARTED, *GIVEN], GIVEN),
        (["-Djava.net.preferIPv4Stack=true", "-jar", "/x/cloud-firestore-emulator.jar"], []),
        (["-cp", "x.jar", "com.google.cloud.datastore.emulator.firestore.CloudFirestore", "start"], ["start"]),
        (["-jar", "/cache/cloud-storage-rules-runtime-v1.1.3.jar", "serve"], None),
        (["-jar", "/cache/firebase-database-emulator-v4.11.2.jar", *GIVEN], None),
        (["-cp", JAR, "Main"], None),
        ([JAR], None),
        (PROBE, None),
    ],
)
def test_the_emulator_is_told_from_other_programs(arguments: list[str], expected: list[str] | None) -> None:
    assert emulator_arguments(arguments) == expected


def test_its_arguments_are_those_of_our_server() -> None:
    more = ["--rules", "x.rules", "--functions_emulator", "127.0.0.1:5001", "--database-edition", "standard"]
    command, said = serve_command([*GIVEN, *more, "--seed_from_export=out/x", "--single_project_mode", "true"])
    assert said == []
    assert command is not None
    args = parser(command).parse_args(command)
    assert (args.host, args.port, args.project) == ("127.0.0.1", 8080, "demo-shop")
    assert args.websocket_port == 9150
    assert (args.rules, args.functions, args.import_from) == (Path("x.rules"), ("127.0.0.1", 5001), Path("out/x"))
    assert args.events == "base64"


def test_what_it_does_not_know_has_no_effect_and_is_named() -> None:
    command, said = serve_command(["start", "--port=1", "--shiny", "yes"])
    assert command == ["serve", "--events", "base64", "--port", "1"]
    assert said == ["Firewarden does not know --shiny: it has no effect."]


def test_another_edition_is_refused(capfd: pytest.CaptureFixture[str]) -> None:
    assert main([*STARTED, "--database-edition", "enterprise"], {}) == 1
    assert "serves the standard edition of Firestore, not enterprise" in capfd.readouterr().err


def fake_java(folder: Path) -> Path:
    java = folder / "java"
    folder.mkdir()
    java.write_text('#!/bin/sh\necho "real java: $@"\nexit 7\n')
    java.chmod(0o755)
    return java


def call(environ: dict[str, str], arguments: Sequence[str]) -> subprocess.CompletedProcess[str]:
    """`java`, as whoever has this environment finds it."""
    return subprocess.run(  # noqa: S603 - the java under test
        ["/usr/bin/env", "java", *arguments],
        env=environ,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_other_calls_go_to_the_java_behind(tmp_path: Path, command_environment: dict[str, str]) -> None:
    java = fake_java(tmp_path / "bin")
    path = f"{java.parent}{os.pathsep}{command_environment['PATH']}"
    with java_first(command_environment | {"PATH": path}, []) as environ:
        assert next_java(environ) == str(java)
        passed = call(environ, ["-jar", "other.jar", "a b"])
        assert (passed.returncode, passed.stdout) == (7, "real java: -jar other.jar a b\n")
        answered = call(environ, PROBE)
        assert (answered.returncode, answered.stdout) == (0, "")
        jar = Path(environ["FIRESTORE_EMULATOR_BINARY_PATH"])
        assert emulator_arguments(["-jar", str(jar)]) == []
        assert jar.is_file()
    assert not jar.exists()


def test_without_a_java_behind_that_is_said(capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["-jar", "other.jar"], {"PATH": "/nowhere"}) == 1
    said = capfd.readouterr().err
    assert "There is no Java on the PATH, and this is not the Firestore emulator: java -jar other.jar" in said


def started(environ: dict[str, str], port: int, *more: str) -> subprocess.Popen[str]:
    arguments = ["--host", "127.0.0.1", "--port", str(port), "--project_id", "demo-shop", *more]
    return subprocess.Popen(  # noqa: S603 - the java under test
        ["/usr/bin/env", "java", *STARTED, *arguments],
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_the_emulator_is_our_server(tmp_path: Path, command_environment: dict[str, str]) -> None:
    """With the options of `exec`; Ctrl-C ends it, as the Firebase CLI does, and that is no failure."""
    with java_first(command_environment, ["--data", str(tmp_path / "data")]) as environ:
        server = started(environ, 0)
        assert server.stdout is not None
        address = server.stdout.readline().strip().partition("=")[2]
        assert httpx.get(f"http://{address}/", trust_env=False, timeout=60).text == "Ok\n"
        server.send_signal(signal.SIGINT)
        _, said = server.communicate(timeout=60)
        assert server.returncode in (0, 130)
        assert (tmp_path / "data").is_dir()
        assert "Traceback" not in said


def test_a_port_in_use_is_told_in_the_words_that_are_looked_for(command_environment: dict[str, str]) -> None:
    with socket.socket() as taken, java_first(command_environment, []) as environ:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        server = started(environ, taken.getsockname()[1])
        _, said = server.communicate(timeout=60)
        assert server.returncode == 1
        assert "address already in use" in said


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        (["firebase", "emulators:start", "--only", "firestore"], True),
        (["/usr/bin/firebase", "--project", "x", "emulators:exec", "npm test"], True),
        (["npx", "--yes", "firebase-tools@15", "emulators:start"], True),
        (["node", "node_modules/firebase-tools/lib/bin/firebase.js", "emulators:start"], True),
        (["firebase", "deploy"], False),
        (["firebase", "emulators:export", "x"], False),
        (["npm", "run", "emulators:start"], False),
        (["pytest", "-k", "firebase"], False),
    ],
)
def test_commands_that_start_a_firestore_themselves_are_known(command: list[str], *, expected: bool) -> None:
    assert starts_its_own(command) is expected


def test_options_are_passed_on_as_they_were_given(capfd: pytest.CaptureFixture[str]) -> None:
    line = ["exec", "--indexes", "enforce", "--lock-wait", "0.5", "--explain", "--as-java", "--port", "1"]
    line += ["--data", "kept", "--functions", "127.0.0.1:5001", "--websocket-port", "2", "--hub", "--"]
    line += ["firebase", "emulators:start"]
    found = passed_on(parser(line).parse_args(line))
    kept = ["--data", str(Path("kept").absolute()), "--indexes", "enforce", "--lock-wait", "0.5"]
    assert found == [*kept, "--functions", "127.0.0.1:5001", "--explain"]
    why = "has no effect: the command starts the Firestore, by way of java"
    assert capfd.readouterr().err == f"--port {why}\n--websocket-port {why}\n--hub {why}\n"


def test_every_option_that_is_passed_on_is_one_of_serve() -> None:
    def options(command: str) -> dict[str, str]:
        return {each.option_strings[0]: each.dest for each in subparser(command)._actions if each.option_strings}

    served = options("serve")
    assert {option for option, dest in options("exec").items() if dest not in _OWN} - served.keys() == set()


def subparser(command: str) -> argparse.ArgumentParser:
    (commands,) = (each for each in parser([command])._actions if isinstance(each, argparse._SubParsersAction))
    found: argparse.ArgumentParser = commands.choices[command]
    return found


# What the Firebase CLI does, as a program: asks for the version, then starts the emulator by its jar.
FIREBASE = f"""#!{sys.executable}
import json, os, subprocess, sys
probe = subprocess.run(["java", "-version"], capture_output=True, text=True)
server = subprocess.Popen(
    ["java", "-jar", os.environ["FIRESTORE_EMULATOR_BINARY_PATH"], "--host", "127.0.0.1", "--port", "0"],
    stdout=subprocess.PIPE, text=True,
)
line = server.stdout.readline()
server.send_signal(2)
code = server.wait()
print(json.dumps([sys.argv[1:], probe.stderr, line, code, os.environ.get("FIRESTORE_EMULATOR_HOST")]))
sys.exit(3)
"""


def test_exec_puts_it_before_the_firebase_cli_only(firewarden: Run, tmp_path: Path) -> None:
    firebase = tmp_path / "firebase"
    firebase.write_text(FIREBASE)
    firebase.chmod(0o755)
    result = firewarden("exec", "--", "./firebase", "emulators:start", "--only", "firestore")
    assert result.returncode == 3, result.stderr
    arguments, version, line, code, host = json.loads(result.stdout)
    assert arguments == ["emulators:start", "--only", "firestore"]
    assert 'version "21' in version
    assert line.startswith("export FIRESTORE_EMULATOR_HOST=127.0.0.1:")
    assert (code in (0, 130), host) == (True, None)

    shown = firewarden("exec", "--", "sh", "-c", 'echo "$FIREWARDEN_JAVA_FOLDER $FIRESTORE_EMULATOR_HOST"')
    assert shown.stdout.startswith(" 127.0.0.1:")
    shown = firewarden("exec", "--as-java", "--", "sh", "-c", "command -v java; echo $FIRESTORE_EMULATOR_HOST")
    assert re.fullmatch(r"\S*firewarden-java-\S*/java\n\n", shown.stdout)
