"""The errors of the toolkit are one family, and their page says so."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from firewarden import errors
from firewarden.errors import FirewardenError

SOURCE = Path(errors.__file__).parent


def family() -> set[str]:
    """Every class of errors that any module defines."""
    bases = {
        node.name: {base.id for base in node.bases if isinstance(base, ast.Name)}
        for path in SOURCE.rglob("*.py")
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.ClassDef)
    }
    found, edge = set(), {"FirewardenError"}
    while edge:
        edge = {name for name, parents in bases.items() if parents & edge}
        found |= edge
    return found


def test_the_tree_in_the_documentation_is_the_family() -> None:
    drawn = re.findall(r"[├└]── (\w+)", errors.__doc__ or "")
    assert len(drawn) == len(set(drawn))
    assert family() == set(drawn)


def test_an_error_says_for_programs_what_it_is() -> None:
    assert FirewardenError("a").code == "FirewardenError"
    assert errors.DataInUse("a", hint="b").code == "DataInUse"
    assert str(errors.DataInUse("a", hint="b")) == "a\nb"
