"""A diagnostic shows its place, however long the line is."""

import pytest

from firewarden.language import Diagnostic, Severity, parse, render
from firewarden.language.ast import Span
from firewarden.language.diagnostics import LINE_MAX


def shown(line: str, column: int, length: int = 1) -> list[str]:
    """What is rendered of a finding in the second line of a file."""
    text = f"first\n{line}\nlast"
    span = Span(5 + column, 5 + column + length, 2, column)
    return render(Diagnostic(Severity.ERROR, "code", "Wrong", span), text).split("\n")


def under_the_caret(lines: list[str]) -> str:
    place = lines[2].index("^")
    return lines[1][place : place + lines[2].count("^")]


def test_a_line_is_shown_whole() -> None:
    lines = shown("\tallow raed;", 8, 4)
    assert lines == ["firestore.rules:2:8: error: Wrong", "  \tallow raed;", "  \t      ^^^^"]
    assert under_the_caret(lines) == "raed"


@pytest.mark.parametrize("before", [0, 5, LINE_MAX, 3 * LINE_MAX])
@pytest.mark.parametrize("after", [0, 5, LINE_MAX, 3 * LINE_MAX])
def test_of_a_long_line_what_is_around_the_place_is_shown(before: int, after: int) -> None:
    """The caret stays under its words, and what is left out is marked."""
    lines = shown("-" * before + "raed" + "+" * after, before + 1, 4)
    assert under_the_caret(lines) == "raed"
    assert len(lines[1]) <= 2 + 1 + LINE_MAX + 1
    whole = before + 4 + after <= LINE_MAX
    assert whole is (lines[1].count("-") == before and lines[1].count("+") == after)
    assert whole is ("…" not in lines[1])


def test_a_hint_stands_last() -> None:
    text = "service cloud.firestore {\n}"
    (found,) = parse(text).diagnostics
    assert found.hint
    assert render(found, text, "my.rules").split("\n")[-1] == f"  {found.hint}"


def test_a_line_that_does_not_exist_is_shown_empty() -> None:
    """A finding at the end of a file may stand behind its last line."""
    lines = render(Diagnostic(Severity.ERROR, "code", "Wrong", Span(3, 3, 9, 1)), "one").split("\n")
    assert lines[1:] == ["  ", "  ^"]
