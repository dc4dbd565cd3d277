"""rules/access.md tells the truth: its functions and cases exist, and each case expects what the table says."""

import re
from itertools import product
from pathlib import Path

from firewarden.testing import load_cases

_RULES = Path(__file__).parents[2] / "rules"
_PAGE = (_RULES / "access.md").read_text(encoding="utf-8")
_CASES = {case.id: case for file in _RULES.glob("cases/*.cases.yaml") for case in load_cases(file).cases}
_ROW = re.compile(r"\| (?P<to>[^|]+) \| (?P<who>[^|]+) \| (?P<may>yes|no) \| (?P<by>[^|]+) \| `(?P<case>[^`]+)` \|")
_ROWS = [match.groupdict() for match in _ROW.finditer(_PAGE)]
_WHO = ("guest", "member", "invited", "creator, organizer", "admin")


def test_there_are_plenty_of_cases() -> None:
    assert len(_CASES) >= 150


def test_every_case_the_page_names_exists() -> None:
    named = set(re.findall(r"`([a-z-]+/[a-z0-9-]+)`", _PAGE))
    assert named
    assert named - _CASES.keys() == set()


def test_every_cell_has_a_case_that_expects_it() -> None:
    expected = {"yes": "allow", "no": "deny"}
    wrong = [row["case"] for row in _ROWS if _CASES[row["case"]].expect != expected[row["may"]]]
    assert wrong == []


def test_the_table_is_whole() -> None:
    """Each thing one may want to do has one cell for each kind of person."""
    actions = dict.fromkeys(row["to"] for row in _ROWS)
    assert [(row["to"], row["who"]) for row in _ROWS] == list(product(actions, _WHO))
    assert len(actions) >= 14


def test_every_function_the_table_names_is_in_the_rules() -> None:
    text = "\n".join(file.read_text(encoding="utf-8") for file in _RULES.glob("*.rules"))
    named = {name for row in _ROWS for name in re.findall(r"`(\w+)`", row["by"])}
    assert named - set(re.findall(r"function (\w+)\(", text)) == set()
