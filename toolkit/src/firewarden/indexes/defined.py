"""The indexes of `firestore.indexes.json`, as planning asks for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from firewarden.firestore.field_paths import FieldPath, format_field_path, parse_field_path
from firewarden.firestore.query.scanning import IndexedField, Mode, ScanIndex
from firewarden.firestore.query.vector_indexes import VectorIndex
from firewarden.indexes.definitions import (
    COLLECTION,
    COLLECTION_GROUP,
    NAME,
    VECTOR,
    Definitions,
    FieldOverride,
    Index,
)

EVERY_FIELD = "*"
"""The path of an override that holds for all fields of a collection without one of their own."""


class Defined:
    """What is defined, and what Firestore adds by itself: the single fields of each collection.

    An override of a map holds for the fields in it too, unless they have their own
    (https://firebase.google.com/docs/firestore/query-data/index-overview#single-field_index_exemptions).
    """

    def __init__(self, definitions: Definitions) -> None:
        self._overrides = {(each.collection, each.path): each for each in definitions.overrides}
        self._written: Mapping[ScanIndex, Index] = {
            scan_index(each): each for each in definitions.indexes if not is_vector(each)
        }
        self._vectors = [vector_index(each) for each in definitions.indexes if is_vector(each)]
        self.expiring = tuple(
            (each.collection, parse_field_path(each.path)) for each in definitions.overrides if each.ttl
        )
        """The fields with a time to live: collection and path."""

    def composites(self, collection: str, *, group: bool) -> Sequence[ScanIndex]:
        """The composite indexes of a collection, or with `group` of all collections of that name together."""
        return [each for each in self._written if (each.collection, each.group) == (collection, group)]

    def has_single(self, collection: str, field: IndexedField, *, group: bool) -> bool:
        """Whether a field is indexed by itself in this mode."""
        override = self.override(collection, field.path)
        scope = COLLECTION_GROUP if group else COLLECTION
        return not group if override is None else (scope, field.mode.value) in override.indexes

    def vectors(self, collection: str, *, group: bool) -> Sequence[VectorIndex]:
        """The vector indexes of a collection, or with `group` of all collections of that name together."""
        return [each for each in self._vectors if (each.collection, each.group) == (collection, group)]

    def override(self, collection: str, path: FieldPath) -> FieldOverride | None:
        """What holds for a field instead of the automatic indexes: its own override or one of those around it."""
        around = [format_field_path(path[:length]) for length in range(len(path), 0, -1)]
        found = (self._overrides.get((collection, each)) for each in (*around, EVERY_FIELD))
        return next((each for each in found if each is not None), None)

    def written(self, index: ScanIndex) -> Index | None:
        """The composite index as it is defined; None for one of a single field."""
        return self._written.get(index)


def is_vector(index: Index) -> bool:
    """Whether an index is one of vectors."""
    return any(field.mode == VECTOR for field in index.fields)


def vector_index(index: Index) -> VectorIndex:
    """A vector index as searches need it; its name sorts nothing."""
    (vector,) = (each for each in index.fields if each.mode == VECTOR)
    others = (each for each in index.fields if each.mode != VECTOR and each.path != NAME)
    fields = frozenset(IndexedField(parse_field_path(each.path), Mode(each.mode)) for each in others)
    group = index.scope == COLLECTION_GROUP
    return VectorIndex(index.collection, group, fields, parse_field_path(vector.path), vector.dimension)


def scan_index(index: Index) -> ScanIndex:
    """A composite index as plans know it."""
    *fields, name = index.fields
    return ScanIndex(
        index.collection,
        index.scope == COLLECTION_GROUP,
        tuple(IndexedField(parse_field_path(each.path), Mode(each.mode)) for each in fields),
        Mode(name.mode),
    )
