"""Every explanation that the documentation and `shapes.md` print is what the command prints.

A page's `rules` block is the rules file of the `console` blocks below it.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from firewarden.cli.main import main

SHAPES = Path(__file__).with_name("shapes.md")
PAGE = Path(__file__).parents[2] / "docs/explain.md"


def blocks(page: Path, language: str) -> list[str]:
    """The fenced blocks of a page in one language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", page.read_text(), re.MULTILINE | re.DOTALL)


def printed(page: Path) -> Iterator[tuple[str, str]]:
    """Each command of a page with the lines below it."""
    for block in blocks(page, "console"):
        for entry in block.split("$ ")[1:]:
            command, _, output = entry.partition("\n")
            yield command, output


@pytest.mark.parametrize(
    ("page", "command", "output"),
    [(page, *entry) for page in (PAGE, SHAPES) for entry in printed(page)],
    ids=lambda value: value if isinstance(value, str) and value.startswith("firewarden") else "",
)
def test_the_printed_explanation_is_given(
    page: Path,
    command: str,
    output: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "firestore.rules").write_text(blocks(page, "rules")[0])
    monkeypatch.chdir(tmp_path)
    code = main(shlex.split(command)[1:])
    assert output.strip() == capsys.readouterr().out.strip()
    assert code == (0 if output.startswith("ALLOWED") else 1)


def test_the_python_of_the_page_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "firestore.rules").write_text(blocks(PAGE, "rules")[0])
    monkeypatch.chdir(tmp_path)
    (example,) = blocks(PAGE, "python")
    exec(compile(example, "explain.md", "exec"), {})  # noqa: S102 - code of our own documentation
    assert capsys.readouterr().out.startswith("DENIED  get notes/n1 as guest\n")
