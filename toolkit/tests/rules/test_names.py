"""The names of `firewarden.rules` are found when they are used, whatever was imported before."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from firewarden import rules


def test_the_table_holds_what_is_public() -> None:
    assert sorted(rules._HOMES) == sorted(rules.__all__)


@pytest.mark.parametrize("name", rules.__all__)
def test_a_name_is_where_the_table_says(name: str) -> None:
    assert getattr(rules, name) is getattr(sys.modules[f"firewarden.rules.{rules._HOMES[name]}"], name)


def test_no_module_hides_a_name() -> None:
    """`firewarden.rules.decide` would be the module once that is imported."""
    modules = {each.stem for each in Path(str(rules.__file__)).parent.iterdir()}
    assert modules & set(rules.__all__) == set()


def test_another_name_is_none() -> None:
    with pytest.raises(AttributeError, match="no attribute 'decision_of'"):
        _ = rules.decision_of


def test_types_of_requests_are_had_without_the_engine() -> None:
    code = "import sys; from firewarden.rules import Get, Request; print('firewarden.rules.compiled' in sys.modules)"
    said = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)  # noqa: S603 - our own
    assert said.stdout == "False\n"
