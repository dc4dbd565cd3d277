"""Node.js and the packages that it runs: looked for where FIREWARDEN_NODE says, here, and among npm's global ones."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

SCRIPTS = Path(__file__).parent / "node"


def node_folder(*packages: str, install: str) -> tuple[str, Path]:
    """Node.js, and the folder in which it finds all of the packages. Where there is none the test is skipped."""
    program = shutil.which("node")
    if program is None:
        pytest.skip("needs Node.js: there is no node on PATH")
    for folder in _folders():
        if all((folder / "node_modules" / each / "package.json").is_file() for each in packages):
            return program, folder
    pytest.skip(f"needs {' and '.join(packages)}: `{install}` and FIREWARDEN_NODE=<folder>")


def _folders() -> Iterator[Path]:
    if named := os.environ.get("FIREWARDEN_NODE"):
        yield Path(named)
    yield Path.cwd()
    npm = shutil.which("npm")
    if npm is not None:
        root = subprocess.run([npm, "root", "-g"], capture_output=True, text=True, check=False, timeout=60)  # noqa: S603 - npm itself
        yield Path(root.stdout.strip()).parent
