"""Escaping and folding: whatever text goes in comes out of somebody else's parser, and no line is too long."""

import icalendar
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gather.feeds.text import LINE_OCTETS_MAX, clip, content, escape, fold

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=300)


def calendar_with(line: str) -> bytes:
    return content(["BEGIN:VCALENDAR", "BEGIN:VEVENT", line, "END:VEVENT", "END:VCALENDAR"]).encode()


def kept(text: str) -> str:
    """Return what is left of a text: no control character but the tab, and every line break a line feed."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    dropped = {*range(9), 11, 12, *range(14, 32), *range(0x7F, 0xA0), 0x2028, 0x2029}
    return "".join(character for character in lines if ord(character) not in dropped)


@given(TEXT)
@example("a\r\nb\rc\nd\x0be\x00f\x85g\u2028h")
@example("\\n is not a line break, \\\\n neither; and \\, too")
@example("BEGIN:VEVENT\r\nEND:VCALENDAR\r\n")
@example("é" * 200)
def test_text_survives_escaping_folding_and_parsing(text: str) -> None:
    data = calendar_with(f"SUMMARY:{escape(text)}")
    (event,) = icalendar.Calendar.from_ical(data).walk("VEVENT")
    assert str(event["SUMMARY"]) == kept(text)


@given(TEXT)
@example("👩‍👩‍👧‍👦" * 30)
def test_no_line_is_longer_than_75_octets_and_no_character_is_broken(text: str) -> None:
    data = calendar_with(f"SUMMARY:{escape(text)}")
    lines = data.removesuffix(b"\r\n").split(b"\r\n")
    assert max(len(line) for line in lines) <= LINE_OCTETS_MAX
    assert [line.decode() for line in lines]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("x" * 75, "x" * 75),
        ("x" * 76, "x" * 75 + "\r\n x"),
        ("x" * 150, "x" * 75 + "\r\n " + "x" * 74 + "\r\n x"),
        ("x" * 74 + "é", "x" * 74 + "\r\n é"),
        ("x" * 73 + "é", "x" * 73 + "é"),
        ("x" * 72 + "🍵", "x" * 72 + "\r\n 🍵"),
    ],
)
def test_where_lines_are_folded(line: str, expected: str) -> None:
    assert fold(line) == expected


@pytest.mark.parametrize(
    ("text", "length_max", "expected"), [("abc", 3, "abc"), ("abcd", 3, "ab…"), ("a  d", 3, "a…"), ("", 3, "")]
)
def test_clipped_text_says_so(text: str, length_max: int, expected: str) -> None:
    assert clip(text, length_max) == expected
