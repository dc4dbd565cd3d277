"""What the store offers to queries: indexes in order. The seam between planning and storing.

An entry of an index is the document's values of the indexed fields, encoded so that bytes sort as Firestore sorts,
and behind them the encoded document. A field that is sorted descending is encoded inverted, so that reading an index
forwards is always the index's own order.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import NamedTuple, Protocol

from firewarden.firestore.documents import DocumentPath, StoredDocument
from firewarden.firestore.field_paths import FieldPath


class Mode(StrEnum):
    """How a field stands in an index, in the words of `firestore.indexes.json`."""

    ASCENDING = "ASCENDING"
    DESCENDING = "DESCENDING"
    CONTAINS = "CONTAINS"


class IndexedField(NamedTuple):
    """One field of an index."""

    path: FieldPath
    mode: Mode = Mode.ASCENDING


class ScanIndex(NamedTuple):
    """An index that can be read: the fields, then always the document's name, sorted by `name`.

    Without `group` it holds the documents of each single collection named `collection`, sorted by collection first;
    with it, all of them together. `collection` None (then without fields, with `group`) is every document.
    """

    collection: str | None
    group: bool
    fields: tuple[IndexedField, ...]
    name: Mode = Mode.ASCENDING


class Entry(NamedTuple):
    """One entry: the encoded values and name (`key`), and the document."""

    key: bytes
    document: StoredDocument


class Snapshot(Protocol):
    """One database as it was at one time. Reading it costs what is read, whatever else is stored."""

    def document(self, path: DocumentPath) -> StoredDocument | None:
        """The document at a path."""

    def scan(
        self, index: ScanIndex, parent: DocumentPath, low: bytes, high: bytes | None, *, reverse: bool = False
    ) -> Iterator[Entry]:
        """The entries with `low <= key < high` in order of their keys, or the other way round.

        `parent` is the document whose collection is meant; for a `group` index everything below it.
        `high` None is the end of the index. Lazy: what is not taken is not read.
        """

    def count(self, index: ScanIndex, parent: DocumentPath, low: bytes, high: bytes | None, most: int | None) -> int:
        """How many entries `scan` would give; `most` if there are more."""

    def contents(self, index: ScanIndex, parent: DocumentPath, low: bytes, high: bytes | None) -> Iterator[bytes]:
        """The fields alone (`StoredDocument.data`) of the documents that `scan` would give."""
