"""Which indexes serve a need: Firestore's own merging rules as a table."""

from __future__ import annotations

import pytest

from firewarden.firestore.query.scanning import IndexedField, Mode
from firewarden.indexes import Definitions, FieldOverride, Index, IndexField, Need, planned_needs, serving
from firewarden.indexes.definitions import with_name
from firewarden.indexes.notation import parse_query

MODES = {"+": "ASCENDING", "-": "DESCENDING", "@": "CONTAINS"}


def fields(text: str) -> list[IndexField]:
    """``a+ b- tags@`` is a ascending, b descending, tags array-contains."""
    return [IndexField(word[:-1].replace("name", "__name__"), MODES[word[-1]]) for word in text.split()]


def index(text: str, scope: str = "COLLECTION") -> Index:
    return Index("c", scope, with_name(fields(text)))


def need(text: str, *, group: bool = False) -> Need:
    """``a+ tags@ | b- name-``: equalities before the bar, sorting after it."""
    equal, _, sort = text.partition("|")
    *by, name = [indexed(each) for each in fields(sort)]
    return Need("c", group, frozenset(map(indexed, fields(equal))), tuple(by), name.mode)


def indexed(field: IndexField) -> IndexedField:
    return IndexedField((field.path,), Mode(field.mode))


@pytest.mark.parametrize(
    ("needed", "defined", "served_by"),
    [
        # Single-field indexes are automatic, and merge for equalities.
        ("a+ | name+", [], []),
        ("a+ | name-", [], []),
        ("a+ b+ tags@ | name+", [], []),
        ("| a- name-", [], []),
        ("| name+", [], []),
        # Sorting by another field takes a composite index.
        ("a+ | b- name-", [], None),
        ("a+ | b- name-", ["a+ b-"], ["a+ b-"]),
        ("a+ | b- name-", ["a- b-"], ["a- b-"]),
        ("a+ | b- name-", ["a+ b+"], None),
        ("a+ | b- name-", ["b- a+"], None),
        ("tags@ | b+ name+", ["tags@ b+"], ["tags@ b+"]),
        ("tags@ | b+ name+", ["tags+ b+"], None),
        # The order of equalities does not matter, that of sort keys does.
        ("a+ b+ | c+ name+", ["b+ a+ c+"], ["b+ a+ c+"]),
        ("| a+ b+ name+", ["a+ b+"], ["a+ b+"]),
        ("| a+ b+ name+", ["b+ a+"], None),
        # Indexes that sort alike merge.
        ("a+ b+ | c+ name+", ["a+ c+", "b+ c+"], ["a+ c+", "b+ c+"]),
        ("a+ b+ | c+ name+", ["a+ c+", "b+ c-"], None),
        ("a+ b+ | c+ name+", ["a+ c+"], None),
        ("a+ b+ | c+ name+", ["a+ c+", "b+ c+", "a+ b+ c+"], ["a+ b+ c+"]),
        # A larger index is of no use, nor is one that sorts the document's name otherwise.
        ("a+ | b+ name+", ["a+ x+ b+"], None),
        ("a+ | b+ name-", ["a+ b+"], None),
        ("a+ | b+ name-", ["a+ b+ name-"], ["a+ b+ name-"]),
    ],
)
def test_served(needed: str, defined: list[str], served_by: list[str] | None) -> None:
    found = serving(need(needed), Definitions(indexes=tuple(index(each) for each in defined)))
    assert found == (None if served_by is None else tuple(index(each) for each in served_by))


def test_collection_groups_have_no_automatic_indexes() -> None:
    group = need("a+ | name+", group=True)
    added = FieldOverride("c", "a", frozenset({("COLLECTION_GROUP", "ASCENDING")}))

    assert serving(group, Definitions()) is None
    assert serving(group, Definitions(overrides=(added,))) == ()


def test_an_index_of_another_scope_or_collection_serves_nothing() -> None:
    wanted = need("a+ | b+ name+")
    assert serving(wanted, Definitions(indexes=(index("a+ b+", "COLLECTION_GROUP"),))) is None
    assert serving(wanted, Definitions(indexes=(Index("other", *_rest(index("a+ b+"))),))) is None


def _rest(index: Index) -> tuple[str, tuple[IndexField, ...]]:
    return index.scope, index.fields


def test_an_exempted_field_is_missed() -> None:
    exempt = Definitions(overrides=(FieldOverride("c", "a", frozenset()),))
    for text in ("a+ | name+", "a+ b+ | name+", "| a+ name+"):
        assert serving(need(text), exempt) is None


@pytest.mark.parametrize(
    ("path", "served"),
    [("m", False), ("m.x", False), ("m.x.y", False), ("m.own", True), ("m.own.y", True), ("other", True)],
)
def test_an_exemption_of_a_map_holds_for_what_is_in_it(path: str, served: bool) -> None:
    own = frozenset({("COLLECTION", "ASCENDING")})
    exempt = Definitions(overrides=(FieldOverride("c", "m", frozenset()), FieldOverride("c", "m.own", own)))
    field = IndexedField(tuple(path.split(".")))
    assert (serving(Need("c", False, frozenset({field}), ()), exempt) == ()) is served


def test_an_override_of_every_field_holds_where_a_field_has_none_of_its_own() -> None:
    own = FieldOverride("c", "a", frozenset({("COLLECTION", "ASCENDING")}))
    exempt = Definitions(overrides=(FieldOverride("c", "*", frozenset()), own))
    assert serving(need("a+ | name+"), exempt) == ()
    assert serving(need("b+ | name+"), exempt) is None


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"collection": "x/1/c", "where": [["a", "==", 1]]}, ["a+ | name+"]),
        ({"collection": "c", "where": [["a", "array-contains", 1]]}, ["a@ | name+"]),
        ({"collection": "c", "where": [["a", ">", 1]]}, ["| a+ name+"]),
        ({"collection": "c", "where": [["a", ">", 1]], "order_by": [["a", "desc"]]}, ["| a- name-"]),
        ({"collection": "c", "order_by": [["a", "desc"]]}, ["| a- name-"]),
        ({"collection": "c", "order_by": [["a", "desc"]], "limit_to_last": 2}, ["| a+ name+"]),
        ({"collection": "c", "where": [["a", "==", 1], ["b", "==", 1]]}, ["a+ b+ | name+"]),
        ({"collection": "c", "where": [["a", "==", None]], "order_by": [["b", "asc"]]}, ["a+ | b+ name+"]),
        ({"collection": "c", "where": [["a", "!=", None]], "order_by": [["b", "asc"]]}, ["| b+ a+ name+"]),
        ({"collection": "c", "where": [["a", "in", [1, 2]]], "order_by": [["b", "asc"]]}, ["a+ | b+ name+"]),
        ({"collection": "c", "where": [{"or": [["a", "==", 1], ["b", ">", 1]]}]}, ["a+ | b+ name+", "| b+ name+"]),
        ({"collection": "c", "where": [["a", "==", 1]], "aggregate": ["count", {"sum": "n"}]}, ["a+ | n+ name+"]),
        ({"group": "c", "where": [["a", "==", 1]]}, ["group a+ | name+"]),
        ({"collection": "c"}, []),
        ({"collection": "c", "where": [["__name__", "==", "x"]]}, []),
    ],
)
def test_what_a_query_is_planned_to_need(query: dict[str, object], expected: list[str]) -> None:
    wanted = [need(each.removeprefix("group "), group=each.startswith("group")) for each in expected]
    assert planned_needs(parse_query(query)) == tuple(wanted)
