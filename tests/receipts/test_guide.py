"""The guide to tickets says what is so: its examples run, its routes exist and its settings are read."""

import re
from pathlib import Path

import pytest

from gather.http.errors import STATUS_OF_CODE
from gather.http.openapi import document

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs/guide/tickets.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("block", re.findall(r"```python\n(.*?)```", GUIDE, re.DOTALL), ids=["ticket", "money"])
def test_examples_run(block: str) -> None:
    exec(compile(block, "docs/guide/tickets.md", "exec"), {})  # noqa: S102  # the guide is ours


def test_every_route_exists() -> None:
    described = {
        (method.upper(), re.sub(r"{\w+}", "{}", path))
        for path, operations in document("")["paths"].items()
        for method in operations
    }
    named = re.findall(r"`(GET|POST|PUT|PATCH|DELETE) (/[^`\s]*)`", GUIDE)
    assert len(named) > 10
    assert [each for each in named if (each[0], re.sub(r"{\w+}", "{}", each[1])) not in described] == []


def test_every_code_has_the_status_that_is_said() -> None:
    rows = re.findall(r"^\| (\d{3}) (`[^|]*`) \|", GUIDE, re.MULTILINE)
    said = {code: int(status) for status, codes in rows for code in re.findall(r"`(\w+)`", codes)}
    assert len(said) == 8
    assert {code: STATUS_OF_CODE.get(code) for code in said} == said


def test_every_setting_is_explained_in_the_example() -> None:
    example = (ROOT / "functions/.env.example").read_text(encoding="utf-8")
    assert [name for name in re.findall(r"`(GATHER_\w+)`", GUIDE) if f"{name}=" not in example] == []
