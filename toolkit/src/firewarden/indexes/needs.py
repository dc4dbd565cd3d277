"""What a query needs of indexes, and whether the defined ones give it.

A query of the catalog is planned as the server would plan it; what an emulator reports of it says the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from firewarden.firestore.field_paths import format_field_path, parse_field_path
from firewarden.firestore.query import needs as firestore_needs
from firewarden.firestore.query.aggregate import scanned
from firewarden.firestore.query.model import NAME
from firewarden.firestore.query.needs import Need
from firewarden.firestore.query.planner import needs
from firewarden.firestore.query.scanning import IndexedField, Mode
from firewarden.indexes.asking import aggregation_of
from firewarden.indexes.defined import Defined
from firewarden.indexes.definitions import COLLECTION_GROUP, Definitions, Index
from firewarden.indexes.notation import Query

_EQUALITY = frozenset({"==", "in", "array-contains", "array-contains-any"})
_SOME_DAY = datetime(2026, 1, 1, tzinfo=UTC)
"""Which values a query compares with changes nothing about its indexes."""


def planned_needs(query: Query) -> tuple[Need, ...]:
    """What each alternative of a query needs; nothing for those that read documents by their names."""
    return tuple(each for each in needs(scanned(aggregation_of(query, now=_SOME_DAY))) if not each.is_by_name)


def reported_need(report: Mapping[str, Any], query: Query) -> Need:
    """The need that one entry of an ``:indexUsage`` report states for this query."""
    compared = {parse_field_path(each.field) for each in query.filters() if each.op in _EQUALITY}
    collection, group, fields, name = _reported(report)
    count = next((n for n, field in enumerate(fields) if field.path not in compared), len(fields))
    return Need(collection, group, frozenset(fields[:count]), tuple(fields[count:]), name)


def recorded_need(report: Mapping[str, Any]) -> Need:
    """The need of a query that nobody knows: exactly the index that was reported, in its order."""
    collection, group, fields, name = _reported(report)
    return Need(collection, group, frozenset(), tuple(fields), name)


def serving(wanted: Need, definitions: Definitions) -> tuple[Index, ...] | None:
    """The fewest composite indexes that serve the need: () where single-field ones do, None where none do."""
    defined = Defined(definitions)
    found = firestore_needs.serving(wanted, defined)
    if found is None:
        return None
    written = (defined.written(each) for each in found)
    return tuple(each for each in written if each is not None)


def _reported(report: Mapping[str, Any]) -> tuple[str, bool, list[IndexedField], Mode]:
    index = report["index"]
    collection: str = index["name"].split("/collectionGroups/")[1].split("/")[0]
    *fields, name = [
        IndexedField(parse_field_path(each["fieldPath"]), Mode(each.get("order") or each["arrayConfig"]))
        for each in index["fields"]
    ]
    if name.path != NAME:
        raise ValueError(f"an index ends with __name__, not with {format_field_path(name.path)}")
    return collection, index["queryScope"] == COLLECTION_GROUP, fields, name.mode
