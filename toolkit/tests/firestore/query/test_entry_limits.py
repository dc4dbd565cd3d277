"""Index entries are counted as production counts them: what it takes at most, the first it refuses, and its words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from firewarden.firestore.documents import DocumentPath, StoredDocument
from firewarden.firestore.query.available import AUTOMATIC, Available
from firewarden.firestore.query.entry_limits import check_index_entries
from firewarden.firestore.status import Code, StatusError
from firewarden.firestore.wire.values import encode_fields
from firewarden.indexes import Defined, Definitions, FieldOverride, Index, IndexField
from firewarden.limits import EMULATOR, INDEX_ENTRIES, PRODUCTION, Limits
from firewarden.values import Timestamp

TOO_MANY = "too many index entries for entity /c/a"
TOO_LARGE = "Index entry is too large."
NAME = IndexField("__name__", "ASCENDING")


def refusal(
    fields: Mapping[str, Any],
    available: Available = AUTOMATIC,
    *,
    path: DocumentPath = ("c", "a"),
    limits: Limits = PRODUCTION,
) -> str | None:
    document = StoredDocument(path, encode_fields(fields), Timestamp(0), Timestamp(0))
    try:
        check_index_entries([document], available, limits)
    except StatusError as refused:
        return refused.message if refused.code is Code.INVALID_ARGUMENT else refused.code.name
    return None


def scalars(count: int) -> dict[str, int]:
    return {f"f{number:05}": number for number in range(count)}


def test_a_field_has_two_entries() -> None:
    assert refusal(scalars(20_000)) is None
    assert refusal(scalars(20_001)) == TOO_MANY


def test_so_has_a_map_and_each_field_in_it() -> None:
    assert refusal({"m": scalars(19_999)}) is None
    assert refusal({"m": scalars(20_000)}) == TOO_MANY


def test_an_element_has_two_entries_and_so_has_the_array() -> None:
    """19,999 different elements were taken in production, 20,000 were not."""
    assert refusal({"a": list(range(19_999))}) is None
    assert refusal({"a": list(range(20_000))}) == TOO_MANY


def test_equal_elements_have_their_entries_together() -> None:
    assert refusal({"a": [1] * 50_000}) is None


def test_the_emulator_counts_nothing() -> None:
    assert refusal(scalars(30_000), limits=EMULATOR) is None


def exempted(*modes: tuple[str, str]) -> Defined:
    return Defined(Definitions(overrides=(FieldOverride("c", "m", frozenset(modes)),)))


def test_exempted_fields_have_no_entries() -> None:
    """Nor have those in an exempted map."""
    assert refusal({"m": scalars(30_000)}, exempted()) is None
    assert refusal({"n": scalars(30_000)}, exempted()) == TOO_MANY


def test_what_an_exemption_leaves_counts() -> None:
    ascending = ("COLLECTION", "ASCENDING")
    assert refusal({"m": scalars(30_000)}, exempted(ascending)) is None
    assert refusal({"m": scalars(30_000)}, exempted(ascending, ("COLLECTION_GROUP", "ASCENDING"))) == TOO_MANY


def composite(*fields: tuple[str, str]) -> Defined:
    index = Index("c", "COLLECTION", (*(IndexField(*each) for each in fields), NAME))
    return Defined(Definitions(indexes=(index,)))


def test_a_composite_index_has_an_entry_for_each_element() -> None:
    index = composite(("a", "CONTAINS"), ("n", "ASCENDING"))
    fits = (INDEX_ENTRIES - 4) // 3
    assert refusal({"a": list(range(fits)), "n": 1}, index) is None
    assert refusal({"a": list(range(fits + 1)), "n": 1}, index) == TOO_MANY
    assert refusal({"a": list(range(fits + 1))}, index) is None
    assert refusal({"a": list(range(fits + 1)), "n": 1}) is None


@pytest.mark.parametrize(("length", "message"), [(1_500, None), (100_000, None)])
def test_of_a_value_only_the_beginning_is_in_an_entry(length: int, message: str | None) -> None:
    assert refusal({"a": "x" * length}) == message


def test_an_entry_of_many_long_values_is_too_large() -> None:
    """Beside them count 20 bytes for the name of c/a, and 32 for each entry."""
    names = [f"f{number}" for number in range(5)]
    index = composite(*((name, "ASCENDING") for name in (*names, "g")))
    fields = dict.fromkeys(names, "x" * 1_499)
    left = 7_680 - 5 * 1_500 - 20 - 32 - 1
    assert refusal({**fields, "g": "x" * left}, index) is None
    assert refusal({**fields, "g": "x" * (left + 1)}, index) == TOO_LARGE
    assert refusal({**fields, "g": "x" * (left + 1)}) is None


def test_an_entry_with_a_long_name_is_too_large() -> None:
    """The name counts, and in an entry of a collection that of the document above."""
    path = ("p" * 1_000, "q" * 1_000, "r" * 1_000, "s" * 400, "c", "d")
    fields = {"a": "x" * 1_499}
    assert refusal(fields, path=path) == TOO_LARGE
    assert refusal(fields, path=path, limits=EMULATOR) is None
    assert refusal({"a": 1}, path=path) is None
