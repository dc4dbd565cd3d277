"""The guide's code runs."""

import re
from pathlib import Path

import pytest

_GUIDE = (Path(__file__).parents[2] / "docs" / "coverage.md").read_text(encoding="utf-8")


def test_the_code_of_the_guide_runs(capsys: pytest.CaptureFixture[str]) -> None:
    (code,) = re.findall(r"```python\n(.*?)```", _GUIDE, re.DOTALL)
    exec(compile(code, "coverage.md", "exec"), {})  # noqa: S102 - code of our own documentation
    assert "83.3 % of outcomes (5 of 6)" in capsys.readouterr().out
