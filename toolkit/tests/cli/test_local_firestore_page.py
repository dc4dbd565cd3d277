"""The guide to the local Firestore: its commands and its code do what the page says."""

import os
import re
import subprocess
import sys
from inspect import signature
from pathlib import Path

import firewarden
from toolkit.tests.cli.conftest import COMMAND

PAGE = (Path(__file__).parents[2] / "docs/local-firestore.md").read_text()


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, flags=re.MULTILINE | re.DOTALL)


def environment() -> dict[str, str]:
    """A shell that has this Python and the command, and knows nothing of Firebase."""
    foreign = ("FIRE", "GCLOUD_PROJECT", "GOOGLE_CLOUD_PROJECT", "PYTEST", "COV")
    known = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
    return {**known, "PATH": f"{COMMAND.parent}:{known['PATH']}", "no_proxy": "*"}


def test_the_commands_say_what_the_page_shows(tmp_path: Path) -> None:
    """The block of `exec`, command by command, with the program of the block after it."""
    _, session = blocks("console")
    (tmp_path / "seed.py").write_text(blocks("python")[0])
    commands = re.findall(r"^\$ (.+)\n((?:(?!\$ ).*\n)*)", session, flags=re.MULTILINE)
    assert len(commands) == 3
    for command, shown in commands:
        result = subprocess.run(  # noqa: S602 - a line of our own page
            command,
            shell=True,
            cwd=tmp_path,
            env=environment(),
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert (result.stdout, result.stderr) == (shown, ""), command


def test_the_tests_of_the_page_pass(tmp_path: Path) -> None:
    """With nothing else in the folder, and warnings as errors."""
    _, *tests = blocks("python")
    for number, source in enumerate(tests):
        (tmp_path / f"test_{number}.py").write_text(source)
    result = subprocess.run(
        [sys.executable, "-W", "error", "-m", "pytest", "-q", "-p", "no:cacheprovider"],
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert "4 passed" in result.stdout, result.stdout + result.stderr


def test_every_argument_is_in_its_table() -> None:
    documented = re.findall(r"^\| `(\w+)` \|", PAGE.partition("| argument |")[2].partition("\n\n")[0], re.MULTILINE)
    assert documented == list(signature(firewarden.Firestore).parameters)
