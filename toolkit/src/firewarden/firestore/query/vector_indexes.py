"""Vector indexes: what a search for the nearest vectors needs, and what is defined. A search without one is refused.

Searching itself reads every document that the filters leave, see `nearest`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from firewarden.firestore.documents import DatabaseName
from firewarden.firestore.field_paths import FieldPath, format_field_path
from firewarden.firestore.query.available import Available
from firewarden.firestore.query.constraints import constraints
from firewarden.firestore.query.model import Query
from firewarden.firestore.query.needs import need
from firewarden.firestore.query.normalize import alternatives, orders
from firewarden.firestore.query.scanning import IndexedField, Mode
from firewarden.firestore.status import Code, StatusError

DEFAULT_DATABASE = "(default)"


@dataclass(frozen=True, slots=True)
class VectorIndex:
    """The vectors of one field with their dimension, by the values of other fields, whose order does not matter."""

    collection: str
    group: bool
    fields: frozenset[IndexedField]
    vector: FieldPath
    dimension: int

    def definition(self) -> dict[str, Any]:
        """The index as an entry of `indexes` in `firestore.indexes.json`."""
        vector = {
            "fieldPath": format_field_path(self.vector),
            "vectorConfig": {"dimension": self.dimension, "flat": {}},
        }
        fields = [{"fieldPath": path, key: value} for path, key, value in self._parts()]
        return {"collectionGroup": self.collection, "queryScope": self._scope, "fields": [*fields, vector]}

    def command(self, database: DatabaseName) -> str:
        """The command that defines it, as production tells it."""
        keys = {"order": "order", "arrayConfig": "array-config"}
        configs = [f"--field-config={keys[key]}={value},field-path={path}" for path, key, value in self._parts()]
        vector = json.dumps({"dimension": str(self.dimension), "flat": "{}"}, separators=(",", ":"))
        vector = vector.replace('"flat":', '"flat": ')  # as production writes it
        named = [] if database.database == DEFAULT_DATABASE else [f"--database={database.database}"]
        return " ".join(
            (
                "gcloud firestore indexes composite create",
                f"--project={database.project}",
                *named,
                f"--collection-group={self.collection}",
                f"--query-scope={self._scope}",
                *configs,
                f"--field-config=vector-config='{vector}',field-path={format_field_path(self.vector)}",
            )
        )

    def serves(self, wanted: VectorIndex) -> bool:
        """Whether it is what is wanted; a field with an order may have either direction."""
        return _undirected(self) == _undirected(wanted)

    @property
    def _scope(self) -> str:
        return "COLLECTION_GROUP" if self.group else "COLLECTION"

    def _parts(self) -> Iterator[tuple[str, str, str]]:
        for field in sorted(self.fields, key=lambda each: (format_field_path(each.path), each.mode)):
            key = "arrayConfig" if field.mode is Mode.CONTAINS else "order"
            yield format_field_path(field.path), key, field.mode.value


def vector_needs(query: Query) -> tuple[VectorIndex, ...]:
    """The vector index that each alternative of a search needs; nothing for other queries."""
    search = query.nearest
    if search is None or query.collection is None:
        return ()
    by = orders(query)
    found = (constraints(each) for each in alternatives(query.where))
    needs = (need(query.collection, each.fields, by, group=query.all_descendants) for each in found if each is not None)
    dimension = len(search.vector.values)
    wanted = (
        VectorIndex(query.collection, each.group, each.equal | frozenset(each.sort), search.field, dimension)
        for each in needs
    )
    return tuple(dict.fromkeys(wanted))


def missing_vector_indexes(query: Query, available: Available) -> tuple[VectorIndex, ...]:
    """What a search needs and nobody has defined."""
    return tuple(
        wanted
        for wanted in vector_needs(query)
        if not any(each.serves(wanted) for each in available.vectors(wanted.collection, group=wanted.group))
    )


class MissingVectorIndex(StatusError):  # noqa: N818 - says what happened, as the family of FirewardenError does
    """A search that production refuses until an index is defined; the first part of the text is production's."""

    def __init__(self, index: VectorIndex, database: DatabaseName) -> None:
        super().__init__(
            Code.FAILED_PRECONDITION,
            "Missing vector index configuration. Please create the required index with the following gcloud command: "
            f"{index.command(database)}\n"
            f"You can also add it to indexes in firestore.indexes.json:\n{json.dumps(index.definition())}",
        )
        self.index = index


def _undirected(index: VectorIndex) -> VectorIndex:
    fields = frozenset(each if each.mode is Mode.CONTAINS else IndexedField(each.path) for each in index.fields)
    return VectorIndex(index.collection, index.group, fields, index.vector, index.dimension)
