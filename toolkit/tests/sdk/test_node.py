"""Google's Node.js client through its public operations, on both engines: the answers are the recorded ones.

`node/answers.json` is what `node/operations.mjs` printed of Google's emulator 1.19.9. The client is looked for in the
folder that FIREWARDEN_NODE names, in the working directory and among npm's global packages.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent / "node"
EXPECTED = json.loads((FOLDER / "answers.json").read_text())
PACKAGE = "@google-cloud/firestore"


def _folders() -> Iterator[Path]:
    if named := os.environ.get("FIREWARDEN_NODE"):
        yield Path(named)
    yield Path.cwd()
    npm = shutil.which("npm")
    if npm is not None:
        root = subprocess.run([npm, "root", "-g"], capture_output=True, text=True, check=False, timeout=60)  # noqa: S603 - npm itself
        yield Path(root.stdout.strip()).parent


def node_folder(package: str, install: str) -> tuple[str, Path]:
    """Node.js, and the folder in which it finds a package. Where there is none the test is skipped."""
    program = shutil.which("node")
    if program is None:
        pytest.skip("needs Node.js: there is no node on PATH")
    for folder in _folders():
        if (folder / "node_modules" / package / "package.json").is_file():
            return program, folder
    pytest.skip(f"needs {package}: `{install}` and FIREWARDEN_NODE=<folder>")


@pytest.fixture(scope="module")
def node() -> list[str]:
    """The command, up to the project."""
    program, folder = node_folder(PACKAGE, f"npm install {PACKAGE}")
    return [program, str(FOLDER / "operations.mjs"), str(folder)]


def test_the_node_client_sees_what_it_saw(node: list[str], address: str, project: str) -> None:
    result = subprocess.run(  # noqa: S603 - our own script
        [*node, project],
        # Nobody is to be asked whether this machine is one of Google's.
        env=os.environ | {"FIRESTORE_EMULATOR_HOST": address, "METADATA_SERVER_DETECTION": "none"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    answers = json.loads(result.stdout)
    assert answers.keys() == EXPECTED.keys()
    assert {name: each for name, each in answers.items() if each != EXPECTED[name]} == {}
