"""The quick start, followed as a stranger does: in an empty folder, with what the page says and nothing else."""

# ruff: noqa: S603 - the command lines are written here

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

PAGE = (Path(__file__).parents[2] / "docs/quickstart.md").read_text(encoding="utf-8")
Run = Callable[..., subprocess.CompletedProcess[str]]


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Runs a command of the installed environment in the stranger's folder."""
    (tmp_path / "firestore.rules").write_text(blocks("rules")[0])
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "COV", "FIRE"))}

    def run(*command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command, cwd=tmp_path, env=environ, capture_output=True, text=True, timeout=60, check=False
        )

    return run


def test_the_first_test_fails_as_it_is_shown(tmp_path: Path, run: Run) -> None:
    (tmp_path / "test_rules.py").write_text(blocks("python")[0])
    result = run(sys.executable, "-m", "pytest", "-q")
    assert blocks("text")[0] in result.stdout
    assert result.returncode == 1


def test_the_corrected_tests_pass(tmp_path: Path, run: Run) -> None:
    (tmp_path / "test_rules.py").write_text(blocks("python")[1])
    result = run(sys.executable, "-W", "error", "-m", "pytest", "-q")
    assert "2 passed" in result.stdout, result.stdout


@pytest.mark.parametrize("block", [each for each in blocks("console") if each.startswith("$ ")])
def test_a_command_prints_what_is_shown(block: str, run: Run) -> None:
    command, _, shown = block.removeprefix("$ ").partition("\n")
    name, *arguments = shlex.split(command)
    result = run(str(Path(sys.executable).with_name(name)), *arguments)
    assert result.stdout == shown
    assert result.returncode == ("DENIED" in shown)
