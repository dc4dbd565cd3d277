"""The page for those who come from Google's emulator: its commands exist, and its code runs."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from firewarden.cli.main import parser
from toolkit.tests.exports.documents import RECORDED

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "moving-from-the-emulator.md").read_text()
IN_TABLES = re.findall(r"`(firewarden (?:serve|exec|export|import)\b[^`]+)`", PAGE)
IN_BLOCKS = re.findall(r"^\$ (firewarden .*)$", PAGE, re.MULTILINE)


@pytest.mark.parametrize("line", [*IN_TABLES, *IN_BLOCKS], ids=range(len(IN_TABLES) + len(IN_BLOCKS)))
def test_commands_have_the_options_that_are_shown(line: str) -> None:
    _, *words = shlex.split(line)
    assert callable(parser(words).parse_args(words).run)


def test_there_are_commands() -> None:
    assert len(IN_TABLES) >= 10
    assert len(IN_BLOCKS) >= 3


def test_the_code_finds_what_was_imported(tmp_path: Path) -> None:
    (code,) = re.findall(r"^```python\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    foreign = ("FIRE", "GCLOUD_PROJECT", "GOOGLE_CLOUD_PROJECT", "PYTEST", "COV")
    environ = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
    serving = [sys.executable, "-m", "firewarden", "exec", "--project", "demo-shop"]
    result = subprocess.run(  # noqa: S603 - code of our own page
        [*serving, "--import", str(RECORDED / "everything"), "--", sys.executable, "-W", "error", "-c", code],
        cwd=tmp_path,
        env=environ,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert result.returncode == 0, result.stderr


def test_links_lead_somewhere() -> None:
    for page in (PAGE, (DOCS / "github-actions.md").read_text()):
        links = re.findall(r"\]\((?!http)([^)#]+)", page)
        assert [each for each in links if not (DOCS / each).exists()] == []
