"""A snapshot of documents in a dict: every scan sorts all entries anew."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from firewarden.firestore.documents import DocumentPath, StoredDocument
from firewarden.firestore.query.entries import entries
from firewarden.firestore.query.scanning import Entry, ScanIndex
from firewarden.firestore.wire.values import encode_fields
from firewarden.values import Timestamp

_TIME = Timestamp(1_700_000_000_000_000_000)


class MemorySnapshot:
    """Documents that never change; `reads` counts the entries that were taken from scans."""

    def __init__(self, documents: Mapping[str, Mapping[str, Any]]) -> None:
        self.documents = {
            path: StoredDocument(path, encode_fields(fields), _TIME, _TIME)
            for path, fields in ((tuple(name.split("/")), fields) for name, fields in documents.items())
        }
        self.reads = 0

    def document(self, path: DocumentPath) -> StoredDocument | None:
        return self.documents.get(path)

    def scan(
        self, index: ScanIndex, parent: DocumentPath, low: bytes, high: bytes | None, *, reverse: bool = False
    ) -> Iterator[Entry]:
        found = sorted(
            (key, document)
            for document in self.documents.values()
            if _is_indexed(index, parent, document.path)
            for key in entries(index, document.path, document.fields)
            if low <= key and (high is None or key < high)
        )
        for key, document in reversed(found) if reverse else found:
            self.reads += 1
            yield Entry(key, document)

    def count(self, index: ScanIndex, parent: DocumentPath, low: bytes, high: bytes | None, most: int | None) -> int:
        return sum(1 for _ in islice(self.scan(index, parent, low, high), most))

    def contents(self, index: ScanIndex, parent: DocumentPath, low: bytes, high: bytes | None) -> Iterator[bytes]:
        return (each.document.data for each in self.scan(index, parent, low, high))


def _is_indexed(index: ScanIndex, parent: DocumentPath, path: DocumentPath) -> bool:
    is_below = len(path) > len(parent) and path[: len(parent)] == parent
    is_in_collection = index.collection is None or path[-2] == index.collection
    return is_below and is_in_collection and (index.group or len(path) == len(parent) + 2)
