"""Whatever the source, the parser answers with diagnostics: no exception, no endless work, no deep recursion."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firewarden.language import ast, parse, parse_expression, render

TOKENS = [
    *("rules_version", "service", "match", "allow", "function", "return", "let", "if", "is", "in", "true", "null"),
    *("cloud.firestore", "'2'", "'", '"', "b'x'", "/a", "/{b}", "/{c=**}", "/$(", "{", "}", "(", ")", "[", "]"),
    *(":", ";", ",", ".", "=", "==", "!=", "<", ">=", "&&", "||", "!", "?", "+", "-", "*", "/", "%", "&", "|"),
    *("1", "1.5", "9223372036854775808", "x", "request", "\n", " ", "// c\n", "/*", "*/", "\u2018", "\U0001f600"),
]


@given(st.lists(st.sampled_from(TOKENS), max_size=60))
@settings(max_examples=300, deadline=2000)
def test_token_soup(tokens: list[str]) -> None:
    text = " ".join(tokens)
    for each in parse(text).diagnostics:
        assert render(each, text)
        assert 1 <= each.span.line <= text.count("\n") + 2


@given(st.text(max_size=80))
@settings(max_examples=300, deadline=2000)
def test_any_text(text: str) -> None:
    parse(text)
    parse_expression(text)


HEAD = "rules_version = '2';\nservice cloud.firestore { match /a/{b} { allow read: if "
TAIL = "; } }"


@pytest.mark.parametrize(
    "condition",
    [
        "(" * 10_000 + "true" + ")" * 10_000,
        "(" * 10_000,
        "!" * 100_000 + "true",
        "[" * 10_000 + "]" * 10_000,
        "a" + ".b" * 50_000,
        "true" + " && true" * 20_000,
        "true ? " * 5_000 + "true" + " : false" * 5_000,
        "f(" * 5_000 + ")" * 5_000,
        "/a/$(" * 3_000 + "x" + ")" * 3_000,
        "'" + "x" * 200_000 + "'",
        "- " * 20_000 + "1",
        "a[" * 8_000 + "1" + "]" * 8_000,
    ],
    ids=[
        "parentheses",
        "unclosed",
        "not",
        "lists",
        "members",
        "chain",
        "choices",
        "calls",
        "paths",
        "text",
        "minus",
        "index",
    ],
)
def test_depth_and_size_are_bounded(condition: str) -> None:
    """The official depth limit is a diagnostic, and nothing takes long; generous, this only tells forever apart."""
    begun = time.process_time()
    parse(HEAD + condition + TAIL)
    assert time.process_time() - begun < 20
    assert not isinstance(parse_expression("true"), tuple)


def test_blocks_nest_without_end() -> None:
    text = "service cloud.firestore " + "{ match /a/{b} " * 3_000 + "{ allow read; }" + " }" * 3_000
    assert any("depth" in each.message for each in parse(text).diagnostics)


@pytest.mark.parametrize("text", ["b'\ud800'", r"b'\x41" + "\udfff'"])
def test_half_a_surrogate_pair_in_bytes_is_a_question_mark(text: str) -> None:
    """Sent to the official compiler it arrives as one: there `b'\ud800' == b'?'`."""
    parsed = parse_expression(text)
    assert isinstance(parsed, ast.Bytes)
    assert parsed.value[-1:] == b"?"
