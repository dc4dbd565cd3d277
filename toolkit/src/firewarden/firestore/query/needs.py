"""What an alternative of a query needs of indexes, and which of those that there are serve it.

Several indexes that sort alike can be merged: together they must cover the equalities
(https://firebase.google.com/docs/firestore/query-data/index-overview#taking_advantage_of_index_merging).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import Any

from firewarden.firestore.documents import DatabaseName
from firewarden.firestore.field_paths import format_field_path
from firewarden.firestore.query.available import Available
from firewarden.firestore.query.constraints import FixedFields
from firewarden.firestore.query.model import NAME, Order
from firewarden.firestore.query.scanning import IndexedField, Mode, ScanIndex


@dataclass(frozen=True, slots=True)
class Need:
    """Fields with one value (`equal`, ascending or contains, in no order), then the fields that sort, then the name.

    `collection` None is every document; it needs nothing.
    """

    collection: str | None
    group: bool
    equal: frozenset[IndexedField]
    sort: tuple[IndexedField, ...]
    name: Mode = Mode.ASCENDING

    @property
    def index(self) -> ScanIndex:
        """The one index that serves it without any merging: what to define where nothing serves it."""
        first = sorted(self.equal, key=lambda each: (format_field_path(each.path), each.mode))
        return ScanIndex(self.collection, self.group, (*first, *self.sort), self.name)

    @property
    def is_by_name(self) -> bool:
        """Whether it needs no more than the documents in the order of their names."""
        return not self.equal and not self.sort

    def definition(self) -> dict[str, Any]:
        """The index as an entry of `indexes` in `firestore.indexes.json`.

        The name is left out where Firestore adds it by itself: sorted like the field before it.
        """
        fields = [_definition(each) for each in self.index.fields]
        implied = self.sort[-1].mode if self.sort else Mode.ASCENDING
        if self.name is not implied or len(fields) < 2:
            fields.append(_definition(IndexedField(NAME, self.name)))
        return {"collectionGroup": self.collection, "queryScope": _scope(group=self.group), "fields": fields}

    def to_json(self, database: DatabaseName) -> dict[str, Any]:
        """The index as `:indexUsage` reports it, a `google.firestore.admin.v1.Index`."""
        fields = [*map(_definition, self.index.fields), _definition(IndexedField(NAME, self.name))]
        name = f"{database}/collectionGroups/{self.collection}/indexes/_"
        return {"name": name, "queryScope": _scope(group=self.group), "fields": fields}

    def override(self) -> dict[str, Any] | None:
        """The entry of `fieldOverrides` that serves it, if it is a single field's; the automatic indexes stay.

        In a collection only what is exempted is missing: the entry is what its exemption must have.
        """
        fields = self.index.fields
        if len(fields) != 1 or (self.sort and self.sort[0].mode is not self.name):
            return None
        modes = [("order", Mode.ASCENDING), ("order", Mode.DESCENDING), ("arrayConfig", Mode.CONTAINS)]
        automatic = [{key: mode.value, "queryScope": "COLLECTION"} for key, mode in modes]
        added = {_key(fields[0].mode): fields[0].mode.value, "queryScope": _scope(group=self.group)}
        path = format_field_path(fields[0].path)
        indexes = [*automatic, added] if self.group else [added]
        return {"collectionGroup": self.collection, "fieldPath": path, "indexes": indexes}

    @property
    def is_composite(self) -> bool:
        """Whether it needs more than one field."""
        return len(self.equal) + len(self.sort) > 1

    def __str__(self) -> str:
        return describe(self.index)


def need(collection: str | None, fixed: FixedFields, by: tuple[Order, ...], *, group: bool) -> Need:
    """What an alternative needs: orders of fields that have one value only sort nothing."""
    equal = {IndexedField(field) for field in fixed.equal}
    equal.update(IndexedField(field, Mode.CONTAINS) for field in fixed.contains)
    sort = tuple(
        IndexedField(each.field, direction(each)) for each in by if each.field != NAME and each.field not in fixed.equal
    )
    return Need(collection, group, frozenset(equal), sort, direction(by[-1]))


def direction(order: Order) -> Mode:
    """How an index holds what an order sorts by."""
    return Mode.DESCENDING if order.descending else Mode.ASCENDING


def serving(wanted: Need, available: Available) -> tuple[ScanIndex, ...] | None:
    """The fewest indexes that together serve a need, None if none do; those of single fields come last."""
    if wanted.is_by_name:
        return (ScanIndex(wanted.collection, wanted.group, (), wanted.name),)
    heads = _heads(wanted, available)
    singles = _singles(wanted, available)
    if not wanted.equal and (sorted_by := _sorted_by_single_field(wanted, available)):
        return sorted_by
    for size in range(0 if wanted.equal else 1, len(heads) + 1):
        for chosen in combinations(heads, size):
            covered = frozenset[IndexedField]().union(*(heads[index] for index in chosen))
            if wanted.equal <= covered | singles.keys():
                rest = sorted(wanted.equal - covered, key=lambda each: each.path)
                return (*chosen, *(singles[field] for field in rest))
    return None


def describe(index: ScanIndex) -> str:
    """An index for people."""
    collection = "every collection" if index.collection is None else index.collection
    fields = [f"{format_field_path(each.path)} {each.mode.value}" for each in index.fields]
    return f"{collection} ({_scope(group=index.group)}): {', '.join((*fields, f'__name__ {index.name.value}'))}"


def _heads(wanted: Need, available: Available) -> dict[ScanIndex, frozenset[IndexedField]]:
    """The composite indexes that sort as needed, and the equalities that each of them answers."""
    found = {}
    for index in available.composites(str(wanted.collection), group=wanted.group):
        count = len(index.fields) - len(wanted.sort)
        if count >= 0 and index.fields[count:] == wanted.sort and index.name is wanted.name:
            head = frozenset(map(_without_direction, index.fields[:count]))
            if head <= wanted.equal:
                found[index] = head
    return dict(sorted(found.items(), key=lambda item: -len(item[1])))


def _singles(wanted: Need, available: Available) -> dict[IndexedField, ScanIndex]:
    """Equalities that single-field indexes answer; these sort by nothing but the document's name."""
    if wanted.sort:
        return {}
    return {
        field: ScanIndex(wanted.collection, wanted.group, (field,), wanted.name)
        for field in wanted.equal
        if available.has_single(
            str(wanted.collection),
            field if field.mode is Mode.CONTAINS else IndexedField(field.path, wanted.name),
            group=wanted.group,
        )
    }


def _sorted_by_single_field(wanted: Need, available: Available) -> tuple[ScanIndex, ...]:
    if len(wanted.sort) != 1 or wanted.sort[0].mode is not wanted.name:
        return ()
    if not available.has_single(str(wanted.collection), wanted.sort[0], group=wanted.group):
        return ()
    return (ScanIndex(wanted.collection, wanted.group, wanted.sort, wanted.name),)


def _without_direction(field: IndexedField) -> IndexedField:
    """A field with one value can be read from an index of either direction."""
    return field if field.mode is Mode.CONTAINS else IndexedField(field.path)


def _scope(*, group: bool) -> str:
    return "COLLECTION_GROUP" if group else "COLLECTION"


def _definition(field: IndexedField) -> dict[str, str]:
    return {"fieldPath": format_field_path(field.path), _key(field.mode): field.mode.value}


def _key(mode: Mode) -> str:
    return "arrayConfig" if mode is Mode.CONTAINS else "order"
