"""Field paths: read, written, and followed into nested maps."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firewarden.firestore.field_paths import (
    MISSING,
    format_field_path,
    get_field,
    parse_field_path,
    with_field,
    without_field,
)

NAMES = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=5) | st.sampled_from(
    ["a", "`", "\\", "."]
)
PATHS = st.lists(NAMES.filter(lambda name: not name.startswith("__")), min_size=1, max_size=3).map(tuple)
SHORT = st.lists(st.sampled_from("ab"), min_size=1, max_size=3).map(tuple)
FIELDS = st.recursive(st.integers(), lambda inner: st.dictionaries(st.sampled_from("ab"), inner), max_leaves=8).filter(
    lambda value: isinstance(value, dict)
)


@given(PATHS)
def test_a_path_is_read_as_it_was_written(path: tuple[str, ...]) -> None:
    assert parse_field_path(format_field_path(path)) == path


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (("a",), "a"),
        (("a", "b_1"), "a.b_1"),
        (("a.b",), "`a.b`"),
        (("1",), "`1`"),
        (("a`\\",), r"`a\`\\`"),
        (("é",), "`é`"),
    ],
)
def test_a_path_is_quoted_only_where_it_must_be(path: tuple[str, ...], text: str) -> None:
    assert format_field_path(path) == text


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (r"`\t`", "\t"),
        (r"`\x41`", "A"),
        (r"`\101`", "A"),
        (r"`\u00e9`", "é"),
        (r"`\U0001F600`", "\U0001f600"),
        (r"`\ud800`", "?"),
    ],
)
def test_names_may_have_escapes(text: str, name: str) -> None:
    assert parse_field_path(text) == (name,)


@given(FIELDS, SHORT, st.integers())
def test_what_was_put_is_there_and_nothing_else_changed(
    fields: dict[str, Any], path: tuple[str, ...], value: int
) -> None:
    before = repr(fields)
    changed = with_field(fields, path, value)
    assert get_field(changed, path) == value
    assert repr(fields) == before
    assert leaves(changed) - {path} == {each for each in leaves(fields) if not on_the_way(each, path)}


@given(FIELDS, SHORT)
def test_what_was_removed_is_gone_and_nothing_else(fields: dict[str, Any], path: tuple[str, ...]) -> None:
    changed = without_field(fields, path)
    assert get_field(changed, path) is MISSING
    assert leaves(changed) == {each for each in leaves(fields) if each[: len(path)] != path}


def leaves(value: Any, path: tuple[str, ...] = ()) -> set[tuple[str, ...]]:
    """The paths of everything that is no map."""
    if not isinstance(value, dict):
        return {path}
    return {leaf for name, each in value.items() for leaf in leaves(each, (*path, name))}


def on_the_way(leaf: tuple[str, ...], path: tuple[str, ...]) -> bool:
    """Whether setting the path replaces the leaf: it lies below the path, or the path goes through it."""
    return leaf[: len(path)] == path or path[: len(leaf)] == leaf


def test_null_is_a_value_and_not_missing() -> None:
    assert get_field({"a": None}, ("a",)) is None
    assert get_field({"a": None}, ("a", "b")) is MISSING
