"""Firebase's web SDK in Node.js: its browser build over WebChannel, streaming or polling, and its Node build over gRPC.

It is looked for in the folder that FIREWARDEN_NODE names, in the working directory and among npm's global packages.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent
PACKAGES = ("node_modules/@firebase/firestore/package.json", "node_modules/xhr2/package.json")
FLAVOURS = ("webchannel", "polling", "grpc")
TIMEOUT_S = 300

Command = Callable[..., Sequence[str]]


def _folders() -> Iterator[Path]:
    if named := os.environ.get("FIREWARDEN_NODE"):
        yield Path(named)
    yield Path.cwd()
    npm = shutil.which("npm")
    if npm is not None:
        root = subprocess.run([npm, "root", "-g"], capture_output=True, text=True, check=False, timeout=60)  # noqa: S603 - npm itself
        yield Path(root.stdout.strip()).parent


@pytest.fixture(scope="session")
def script() -> Command:
    """`script("scenes.mjs", "grpc", …)` is the command that runs one of our scripts with the web SDK."""
    program = shutil.which("node")
    if program is None:
        pytest.skip("needs Node.js: there is no node on PATH")
    for folder in _folders():
        if all((folder / each).is_file() for each in PACKAGES):
            return lambda name, flavour, *arguments: [program, str(FOLDER / name), str(folder), flavour, *arguments]
    pytest.skip("needs Firebase's web SDK: `npm install firebase xhr2` and FIREWARDEN_NODE=<folder>")
