"""What a query needs of indexes, and whether the defined ones give it. Pure.

Not here: working out which index a query would use. The emulator's ``:indexUsage`` reports say that; they name
one composite index for every query on more than one field, also where Firestore merges simpler ones.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from firewarden.indexes.definitions import (
    COLLECTION,
    COLLECTION_GROUP,
    CONTAINS,
    NAME,
    Definitions,
    Index,
    IndexField,
    with_name,
)
from firewarden.indexes.notation import Query

_EQUALITY = frozenset({"==", "in", "array-contains", "array-contains-any"})


@dataclass(frozen=True, slots=True)
class Need:
    """Fields compared for equality, in no order, then the fields the result is sorted by, in order.

    Any indexes that sort alike and together cover the equalities can be merged to serve it
    (https://firebase.google.com/docs/firestore/query-data/index-overview#taking_advantage_of_index_merging).
    """

    collection: str
    scope: str
    equal: frozenset[IndexField]
    sort: tuple[IndexField, ...]

    @property
    def index(self) -> Index:
        """The one index that serves it without any merging; what to define where nothing serves it."""
        first = sorted(self.equal, key=lambda field: (field.mode != CONTAINS, field.path))
        return Index(self.collection, self.scope, (*first, *self.sort))

    def __str__(self) -> str:
        return str(self.index)


def reported_need(report: Mapping[str, Any], query: Query) -> Need:
    """The need that one entry of an ``:indexUsage`` report states for this query."""
    index = report["index"]
    collection = index["name"].split("/collectionGroups/")[1].split("/")[0]
    fields = [IndexField(each["fieldPath"], each.get("order") or each["arrayConfig"]) for each in index["fields"]]
    compared = {each.field for each in query.filters() if each.op in _EQUALITY}
    count = next((n for n, field in enumerate(fields) if field.path not in compared), len(fields))
    return Need(collection, index["queryScope"], _without_direction(fields[:count]), tuple(fields[count:]))


def single_field_need(query: Query) -> Need | None:
    """The need of a query on one field, which the emulator does not report; None for any other query."""
    paths = {each.field for each in query.filters()} | {each.field for each in query.order_by}
    if len(paths) != 1 or paths == {NAME}:
        return None
    (path,) = paths
    scope = COLLECTION_GROUP if query.group else COLLECTION
    collection = query.collection.rpartition("/")[2]
    ops = {each.op for each in query.filters()}
    descending = any(order.descending for order in query.order_by)
    if ops and ops <= _EQUALITY and not query.order_by:
        mode = CONTAINS if any(op.startswith("array") for op in ops) else "ASCENDING"
        return Need(collection, scope, frozenset({IndexField(path, mode)}), (IndexField(NAME, "ASCENDING"),))
    field = IndexField(path, "DESCENDING" if descending else "ASCENDING")
    return Need(collection, scope, frozenset(), with_name([field]))


def serving(need: Need, definitions: Definitions) -> tuple[Index, ...] | None:
    """The fewest composite indexes that serve the need: () where single-field ones do, None where none do."""
    heads = {index: head for index in definitions.indexes if (head := _head(index, need)) is not None}
    single = _single_fields(need, definitions)
    if not need.equal and _sorted_by_single_field(need, definitions):
        return ()
    for size in range(0 if need.equal else 1, len(heads) + 1):
        for chosen in combinations(heads, size):
            if need.equal <= single.union(*(heads[index] for index in chosen)):
                return chosen
    return None


def _head(index: Index, need: Need) -> frozenset[IndexField] | None:
    """The equalities that an index answers while it sorts as needed; None when it is of no use."""
    count = len(index.fields) - len(need.sort)
    head = _without_direction(index.fields[:count]) if count >= 0 else frozenset()
    useful = (
        (index.collection, index.scope) == (need.collection, need.scope)
        and count >= 0
        and index.fields[count:] == need.sort
        and head <= need.equal
    )
    return head if useful else None


def _single_fields(need: Need, definitions: Definitions) -> frozenset[IndexField]:
    """Equalities that single-field indexes answer; they sort by nothing but the document's name."""
    if len(need.sort) != 1:
        return frozenset()
    direction = need.sort[0].mode
    return frozenset(
        field
        for field in need.equal
        if definitions.has_single(
            need.collection,
            need.scope,
            field if field.mode == CONTAINS else IndexField(field.path, direction),
        )
    )


def _sorted_by_single_field(need: Need, definitions: Definitions) -> bool:
    *fields, _ = need.sort
    return not fields or (len(fields) == 1 and definitions.has_single(need.collection, need.scope, fields[0]))


def _without_direction(fields: tuple[IndexField, ...] | list[IndexField]) -> frozenset[IndexField]:
    """A field compared for equality can be read from an index of either direction."""
    return frozenset(field if field.mode == CONTAINS else IndexField(field.path, "ASCENDING") for field in fields)
