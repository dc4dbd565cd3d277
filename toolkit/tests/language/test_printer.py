"""Printing keeps the meaning: parse(print(parse(text))) is parse(text), and printed again it is the same text."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firewarden.language import ast, parse, parse_expression, print_expression, print_ruleset

VECTORS = Path(__file__).parents[1] / "vectors"
GATHER = Path(__file__).parents[3] / "firestore.rules"
NOWHERE = ast.Span(0, 0, 1, 1)


def recorded() -> list[str]:
    """Every source of the recordings that compiles."""
    found = []
    for name, key in (("compile", "source"), ("program", "source"), ("request", "rules"), ("list", "rules")):
        lines = (VECTORS / f"{name}.jsonl").read_text().splitlines()
        found += [json.loads(line)[key] for line in lines]
    return [text for text in dict.fromkeys(found) if parse(text).ruleset is not None]


def test_every_recorded_source_survives() -> None:
    for text in recorded():
        tree = parse(text).ruleset
        assert tree is not None
        printed = print_ruleset(tree)
        again = parse(printed).ruleset
        assert again == tree, printed
        assert print_ruleset(again) == printed


NAMES = st.sampled_from(["a", "b", "note", "request", "resource", "isOwner"])
STRINGS = st.text(st.characters(exclude_categories=["Cs"]), max_size=6)


def _name(text: str) -> ast.Name:
    return ast.Name(text, NOWHERE)


LEAVES = st.one_of(
    st.just(ast.Null(NOWHERE)),
    st.booleans().map(lambda value: ast.Bool(value, NOWHERE)),
    st.integers(0, 2**63 - 1).map(lambda value: ast.Int(value, NOWHERE)),
    STRINGS.map(lambda value: ast.String(value, "", NOWHERE)),
    st.binary(max_size=5).map(lambda value: ast.Bytes(value, "", NOWHERE)),
    NAMES.map(lambda name: ast.Variable(name, NOWHERE)),
)
BINARY = ["&&", "||", "==", "!=", "<", "<=", ">", ">=", "+", "-", "*", "/", "%", "in"]


def _grouped(node: ast.Expression) -> ast.Expression:
    """In parentheses, unless it is a leaf: what the printer is given comes from a parser, which kept them."""
    return node if isinstance(node, ast.Null | ast.Bool | ast.String | ast.Variable) else ast.Group(node, NOWHERE)


def _deeper(inner: st.SearchStrategy[ast.Expression]) -> st.SearchStrategy[ast.Expression]:
    part = inner.map(_grouped)
    several = st.lists(inner, max_size=3).map(tuple)
    segments = st.lists(
        st.one_of(
            st.sampled_from(["a", "b-c", "documents"]).map(lambda text: ast.Literal(text, text, NOWHERE)),
            inner.map(lambda node: ast.Interpolation(node, NOWHERE)),
        ),
        min_size=1,
        max_size=3,
    ).map(tuple)
    return st.one_of(
        st.builds(lambda op, x, y: ast.Binary(op, x, y, NOWHERE, NOWHERE), st.sampled_from(BINARY), part, part),
        st.builds(lambda x: ast.Unary("!", x, NOWHERE), part),
        st.builds(lambda x: ast.Is(x, _name("string"), NOWHERE, NOWHERE), part),
        st.builds(lambda x, y, z: ast.Ternary(x, y, z, NOWHERE, NOWHERE), part, part, part),
        st.builds(lambda x, name: ast.Member(x, _name(name), NOWHERE), part, NAMES),
        st.builds(lambda x, y: ast.Index(x, y, NOWHERE), part, inner),
        st.builds(lambda x, y, z: ast.Slice(x, y, z, NOWHERE), part, st.none() | inner, st.none() | inner),
        st.builds(lambda name, items: ast.Call(_name(name), items, NOWHERE), NAMES, several),
        st.builds(lambda x, name, items: ast.MethodCall(x, _name(name), items, NOWHERE), part, NAMES, several),
        several.map(lambda items: ast.ListLiteral(items, NOWHERE)),
        st.lists(st.builds(lambda key, value: ast.MapEntry(key, value, NOWHERE), part, inner), max_size=2).map(
            lambda entries: ast.MapLiteral(tuple(entries), NOWHERE)
        ),
        segments.map(lambda each: ast.PathLiteral(each, NOWHERE)),
    )


@given(st.recursive(LEAVES, _deeper, max_leaves=12))
@settings(max_examples=400)
def test_every_expression_survives(tree: ast.Expression) -> None:
    printed = print_expression(tree)
    again = parse_expression(printed)
    assert not isinstance(again, tuple), (printed, again)
    assert print_expression(again) == printed
    assert parse_expression(print_expression(again)) == again


PLAIN = [
    *("a && b || c", "a ? b : c ? d : e", "a[1:]", "-(-1)", "/a/$(b)/c", "x.y(1, 'z')[0]"),
    *("a[/b :]", "a[c ? d : e == /b :1]", "{!/a : 1}"),  # else the colon would be of the path
    *("/a .b()", "/a/$(b).c", "1 .a"),  # else the name would be of the path or the number
]


@pytest.mark.parametrize("text", PLAIN)
def test_plain_sources_print_as_they_are(text: str) -> None:
    tree = parse_expression(text)
    assert not isinstance(tree, tuple)
    assert print_expression(tree) == text


@pytest.mark.parametrize("text", ["/** /1", "/* /a", "/x/-*/$(a)", "/***\r/1"])
def test_a_star_before_a_slash_closes_no_comment(text: str) -> None:
    """A segment may begin like a comment that nothing closes; what is printed behind it must not close it either."""
    tree = parse_expression(text)
    assert isinstance(tree, ast.PathLiteral)
    assert parse_expression(print_expression(tree)) == tree


def test_a_star_before_a_slash_closes_no_comment_in_the_path_of_a_match() -> None:
    source = "service cloud.firestore { match /a/** /{b} { allow read: if exists(/a/** /b); } }"
    tree = parse(source).ruleset
    assert tree is not None
    assert parse(print_ruleset(tree)).ruleset == tree
