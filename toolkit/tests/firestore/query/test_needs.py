"""What a query needs of indexes: as Google's emulator reports it, and which defined indexes serve it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from firewarden.firestore.field_paths import parse_field_path
from firewarden.firestore.query.planner import needs
from firewarden.firestore.query.scanning import IndexedField, Mode, ScanIndex
from firewarden.firestore.wire.queries import read_query
from firewarden.limits import PRODUCTION
from toolkit.tests.firestore.query.cases import DATABASE, Json, load, parent, structured


@pytest.mark.parametrize("case", [pytest.param(each, id=each["name"]) for each in load("needs")])
def test_needs_are_what_the_emulator_reports(case: Json) -> None:
    """It reports every query on more than one field, and of a single field what is not indexed by itself."""
    query = read_query(structured(case), parent(case), DATABASE, PRODUCTION)
    collection = query.collection
    official = {normal(collection, fields) for fields in case["answer"]}
    assert composite(each.index for each in needs(query)) == {each for each in official if not is_single(each)}


def normal(collection: str | None, report: list[Any]) -> ScanIndex:
    """A reported index without the orders of fields that have one value only: these sort nothing."""
    scope, *parts = report
    fields: list[IndexedField] = []
    name = Mode.ASCENDING
    for part in parts:
        path, mode = part.rsplit(" ", 1)
        field = IndexedField(parse_field_path(path), Mode(mode))
        if path == "__name__":
            name = field.mode
        elif field.mode is Mode.CONTAINS or all(each.path != field.path for each in ordered(fields)):
            fields.append(field)
    return ScanIndex(collection, scope == "COLLECTION_GROUP", tuple(fields), name)


def ordered(fields: Iterable[IndexedField]) -> list[IndexedField]:
    return [each for each in fields if each.mode is not Mode.CONTAINS]


def composite(indexes: Iterable[ScanIndex]) -> set[ScanIndex]:
    return {each for each in indexes if not is_single(each)}


def is_single(index: ScanIndex) -> bool:
    """Whether Firestore has it without being told."""
    if len(index.fields) != 1 or index.group:
        return not index.fields
    mode = index.fields[0].mode
    return index.name is (Mode.ASCENDING if mode is Mode.CONTAINS else mode)
