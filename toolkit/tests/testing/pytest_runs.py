"""Whole pytest runs of a stranger's project, in processes of their own."""

# ruff: noqa: S603 - the command lines are written here

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

RULES = """rules_version = '2';
service cloud.firestore { match /databases/{d}/documents {
  match /own/{uid} { allow read, write: if request.auth.uid == uid; }
} }"""
REMEMBER = """
import json, os, pathlib, pytest
@pytest.fixture(autouse=True)
def remember(firestore_server, firestore_project):
    folder = pathlib.Path("seen")
    folder.mkdir(exist_ok=True)
    seen = {"host": firestore_server.host, "project": firestore_project, "pid": os.getpid()}
    (folder / firestore_project).write_text(json.dumps(seen))
"""


def project(folder: Path, **files: str) -> Path:
    """A stranger's project: firebase.json names the rules, and every warning is an error."""
    (folder / "firebase.json").write_text(json.dumps({"firestore": {"rules": "firestore.rules"}}))
    (folder / "firestore.rules").write_text(RULES)
    (folder / "pytest.ini").write_text("[pytest]\nfilterwarnings = error\n")
    (folder / "conftest.py").write_text(REMEMBER)
    for name, text in files.items():
        (folder / f"{name}.py").write_text(text)
    return folder


def environment(**changes: str) -> dict[str, str]:
    """What this process has, without what pytest and an outer run put there."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "FIRESTORE", "COV"))}
    return {**kept, **changes}


def run_pytest(
    folder: Path, *arguments: str, environ: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    # Runs that share a folder for temporary files remove each other's old ones, and one of them warns.
    temporary = folder / ".temporary"
    temporary.mkdir(exist_ok=True)
    env = (environ or environment()) | {"PYTEST_DEBUG_TEMPROOT": str(temporary)}
    command = [sys.executable, "-m", "pytest", "-q", *arguments]
    return subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, timeout=240, check=False)
