"""The documentation names every command and option, and its code runs."""

import argparse
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from firewarden.cli.main import parser

DOCS = Path(__file__).parents[2] / "docs"
COMMAND_LINE = (DOCS / "cli.md").read_text()
BUILT_IN = {"--help", "-h"}


def commands(root: argparse.ArgumentParser) -> Iterator[argparse.ArgumentParser]:
    """Every parser that runs something, however deep."""
    deeper = [
        child
        for action in root._actions
        if isinstance(action, argparse._SubParsersAction)
        for child in action.choices.values()
    ]
    if not deeper:
        yield root
    for child in deeper:
        yield from commands(child)


def section(command: str) -> str:
    """Return the part of cli.md under the command's heading."""
    return COMMAND_LINE.partition(f"\n## {command}\n")[2].partition("\n## ")[0]


@pytest.mark.parametrize("command", list(commands(parser())), ids=lambda command: command.prog)
def test_every_option_of_every_command_is_documented(command: argparse.ArgumentParser) -> None:
    documented = set(re.findall(r"^\| `(--[a-z-]+)", section(command.prog), re.MULTILINE))
    options = {option for action in command._actions for option in action.option_strings if option.startswith("--")}
    assert documented == options - BUILT_IN


def test_every_documented_command_exists() -> None:
    headings = set(re.findall(r"^## (firewarden .+)$", COMMAND_LINE, re.MULTILINE))
    assert headings == {command.prog for command in commands(parser())}


@pytest.mark.emulator
def test_the_guides_code_runs(tmp_path: Path) -> None:
    """Both blocks: the decorator in a main.py, and the test against it."""
    retried, in_a_test = re.findall(r"```python\n(.*?)```", (DOCS / "functions.md").read_text(), re.DOTALL)
    functions = tmp_path / "functions"
    functions.mkdir()
    (functions / "main.py").write_text(
        f"from firebase_functions import firestore_fn\n\n{retried}\n"
        "@retried\n@firestore_fn.on_document_created(document='orders/{id}')\n"
        "def on_order(event):\n    assert event.data.get('items') == 2\n"
    )
    result = subprocess.run(  # noqa: S603 - code of our own documentation
        [sys.executable, "-W", "error", "-c", in_a_test],
        cwd=tmp_path,
        env={name: value for name, value in os.environ.items() if not name.startswith("FIRE")},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (result.returncode, result.stderr) == (0, "")
