"""The entries that a document has in an index."""

from __future__ import annotations

import pytest

from firewarden.firestore.query.entries import entries
from firewarden.firestore.query.scanning import IndexedField, Mode, ScanIndex


@pytest.mark.parametrize(
    ("fields", "count"),
    [
        ({"tags": [1, 1.0, "x"], "a": 0}, 2),
        ({"tags": [], "a": 0}, 0),
        ({"tags": 1, "a": 0}, 0),
        ({"tags": [1]}, 0),
        ({"tags": [None, float("nan"), [1], {}], "a": None}, 4),
    ],
)
def test_a_document_has_an_entry_for_every_different_value_of_an_array(fields: dict[str, object], count: int) -> None:
    index = ScanIndex("c", False, (IndexedField(("tags",), Mode.CONTAINS), IndexedField(("a",), Mode.DESCENDING)))
    assert len(entries(index, ("c", "x"), fields)) == count
