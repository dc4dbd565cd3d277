"""The documentation's examples run as they are printed, in a stranger's project."""

# ruff: noqa: S603 - the command lines are written here

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import firewarden_pytest
from firewarden.testing.session import Server

DOCS = Path(__file__).parents[2] / "docs"


def blocks(page: str, language: str) -> list[str]:
    """The fenced blocks of a page in one language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", (DOCS / page).read_text(), flags=re.MULTILINE | re.DOTALL)


def written_project(folder: Path, pages: list[str]) -> int:
    """Writes the project that the pages describe; how many Python blocks it has."""
    (folder / "firebase.json").write_text(json.dumps({"firestore": {"rules": "firestore.rules"}}))
    (folder / "pytest.ini").write_text("[pytest]\nfilterwarnings = error\n")
    (folder / "firestore.rules").write_text(blocks("testing.md", "rules")[0])
    cases, catalog = blocks("cases.md", "yaml")
    (folder / "cases").mkdir()
    (folder / "cases/notes.cases.yaml").write_text(cases)
    (folder / "queries.yaml").write_text(catalog)
    fields = [{"fieldPath": field, "order": "ASCENDING"} for field in ("open", "at")]
    index = {"collectionGroup": "notes", "queryScope": "COLLECTION", "fields": fields}
    (folder / "firestore.indexes.json").write_text(json.dumps({"indexes": [index]}))
    examples = [block for page in pages for block in blocks(page, "python")]
    for number, example in enumerate(examples):
        (folder / f"test_example_{number}.py").write_text(example)
    return len(examples)


@pytest.mark.emulator
def test_the_examples_run(tmp_path: Path, unindexed_server: Server) -> None:
    assert written_project(tmp_path, ["testing.md", "cases.md"]) == 6
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "COV"))}
    environ["FIRESTORE_EMULATOR_HOST"] = unindexed_server.host
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:xdist"]
    result = subprocess.run(
        command, cwd=tmp_path, env=environ, capture_output=True, text=True, timeout=240, check=False
    )
    # One of them needs Google's emulator.
    assert re.search("19 passed|18 passed, 1 skipped", result.stdout), result.stdout + result.stderr


def test_the_examples_of_rules_in_process_run(tmp_path: Path) -> None:
    """Without a server: the rules of the page, its test file, the one of the other page, and the script."""
    (tmp_path / "firestore.rules").write_text(blocks("testing-rules.md", "rules")[0])
    tests, script = blocks("testing-rules.md", "python")
    (compared,) = blocks("from-javascript.md", "python")
    (tmp_path / "test_tests.py").write_text(tests)
    (tmp_path / "test_compared.py").write_text(compared)
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "COV", "FIRE"))}
    for command, shown in ((["-W", "error", "-m", "pytest", "-q"], "5 passed"), (["-c", script], "DENIED")):
        result = subprocess.run(
            [sys.executable, *command],
            cwd=tmp_path,
            env=environ,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert shown in result.stdout, result.stdout + result.stderr
        assert result.returncode == 0


def fixtures() -> list[str]:
    source = Path(firewarden_pytest.__file__).read_text()
    return re.findall(r"^@pytest\.fixture.*\ndef ([a-z]\w+)\(", source, flags=re.MULTILINE)


@pytest.mark.parametrize("name", fixtures())
def test_every_fixture_is_documented(name: str) -> None:
    assert f"`{name}`" in (DOCS / "testing.md").read_text() + (DOCS / "testing-rules.md").read_text()


OPTIONS = re.findall(r'"(firewarden_\w+)"', Path(firewarden_pytest.__file__).read_text())


@pytest.mark.parametrize("option", sorted(set(OPTIONS) - {"firewarden_run"}))
def test_every_ini_option_is_documented(option: str) -> None:
    assert option in (DOCS / "testing.md").read_text() + (DOCS / "testing-rules.md").read_text()
    assert f'"{option}"' in Path(firewarden_pytest.__file__).read_text()
