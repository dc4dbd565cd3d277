"""The steps of the Dockerfile without Docker: the wheel is built of what the image gets, installed alone, and serves.

They download what is installed, so they are done by `make test-image` only.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

import pytest

from toolkit.tests.packaging.test_container import DOCKERFILE, TOOLKIT, array

pytestmark = pytest.mark.skipif("FIREWARDEN_IMAGE" not in os.environ, reason="done by `make test-image`")

RULES = "service cloud.firestore { match /databases/{d}/documents { match /notes/{id} { allow read: if id == 'a'; } } }"
PATIENCE_S = 600


def copied(folder: Path) -> Path:
    """What `COPY . .` copies: the files that the ignore file makes exceptions of."""
    folder.mkdir()
    lines = (TOOLKIT / "docker/Dockerfile.dockerignore").read_text().split()
    kept = [line.removeprefix("!") for line in lines if line.startswith("!")]
    dropped = [line.removeprefix("**/") for line in lines if line.startswith("**/")]

    def ignored(_: str, names: list[str]) -> set[str]:
        return {name for name in names if any(fnmatch(name, each) for each in dropped)}

    for name in kept:
        if (TOOLKIT / name).is_dir():
            shutil.copytree(TOOLKIT / name, folder / name, ignore=ignored)
        else:
            shutil.copy(TOOLKIT / name, folder / name)
    return folder


def run_line(start: str) -> str:
    """The command of a RUN instruction, on one line and without its flags."""
    joined = DOCKERFILE.replace("\\\n", " ")
    (found,) = re.findall(rf"^RUN (?:--\S+ +)*({start}.*)$", joined, re.M)
    command: str = found
    return command


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of programs of an environment in which nothing is but what the RUN lines install."""
    folder = tmp_path_factory.mktemp("image")
    source, wheels, environment = copied(folder / "source"), folder / "wheels", folder / "environment"
    subprocess.run([sys.executable, "-m", "venv", environment], check=True, timeout=PATIENCE_S)  # noqa: S603 - Python
    programs = environment / "bin"
    for command in (run_line("pip wheel"), run_line("pip install")):
        subprocess.run(  # noqa: S603 - of our Dockerfile
            ["/bin/sh", "-ec", command.replace("/wheels", str(wheels))],
            cwd=source,
            env={**os.environ, "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}", "PIP_USER": "0"},
            check=True,
            timeout=PATIENCE_S,
        )
    return programs


@pytest.fixture
def address(installed: Path, tmp_path: Path) -> Iterator[str]:
    """Where the entry point serves, in a folder with a project's rules."""
    (tmp_path / "firestore.rules").write_text(RULES)
    (tmp_path / "firebase.json").write_text(json.dumps({"firestore": {"rules": "firestore.rules"}}))
    program, *arguments = array("ENTRYPOINT")
    # Any free port and the loopback only: here is no container around it.
    loopback = ["127.0.0.1" if each == "0.0.0.0" else "0" if each == "8080" else each for each in arguments]  # noqa: S104 - see above
    environ = {"PATH": str(installed), "HOME": str(tmp_path)}
    command = [str(installed / program), *loopback]
    with subprocess.Popen(command, cwd=tmp_path, env=environ, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 - what was installed
        assert process.stdout is not None
        line = process.stdout.readline().strip()
        yield line.partition("=")[2]
        process.terminate()
    assert process.returncode == 0


def test_what_is_installed_serves_with_the_rules_of_the_project(address: str) -> None:
    def status(path: str) -> int:
        url = f"http://{address}/v1/projects/demo-x/databases/(default)/documents/{path}"
        try:
            with urllib.request.urlopen(url, timeout=30) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            return error.code

    assert (status("notes/a"), status("notes/b")) == (404, 403)


def test_the_health_check_finds_it_well(installed: Path, address: str) -> None:
    program, option, code = array("HEALTHCHECK")
    command = [str(installed / program), option, code.replace("127.0.0.1:8080", address)]
    assert subprocess.run(command, env={"no_proxy": "*"}, check=False, timeout=60).returncode == 0  # noqa: S603 - see above
    wrong = [*command[:2], command[2].replace(address, "127.0.0.1:1")]
    assert subprocess.run(wrong, env={"no_proxy": "*"}, check=False, capture_output=True, timeout=60).returncode != 0  # noqa: S603 - as above


def test_nothing_else_is_installed(installed: Path) -> None:
    """The base's three, the server's four, what these need, and pip."""
    command = [str(installed / "pip"), "list", "--format", "json", "--disable-pip-version-check"]
    listed = json.loads(subprocess.run(command, capture_output=True, check=True, timeout=60).stdout)  # noqa: S603 - see above
    ours = {"firewarden", "pyyaml", "google-re2", "rich", "protobuf", "hpack", "h11", "websockets"}
    theirs = {"markdown-it-py", "mdurl", "pygments", "pip", "setuptools"}
    found = {each["name"].lower() for each in listed}
    assert ours <= found <= ours | theirs
