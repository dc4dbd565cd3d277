"""How large documents are (https://firebase.google.com/docs/firestore/storage-size), in bytes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import NoneType
from typing import Any

from firewarden.firestore.documents import DatabaseName, DocumentPath, StoredDocument
from firewarden.firestore.names import document_name
from firewarden.firestore.status import invalid
from firewarden.limits import DOCUMENT_BYTES, Limits
from firewarden.values import LatLng, Reference, Timestamp, Vector

_PER_DOCUMENT = 32
_PER_NAME = 16
_PER_CHARACTER = 5
"""No name counts for more than this times its characters, the end of each segment included."""
_PER_SERIALISED_BYTE = 4
"""No value counts for more than this times its bytes on the wire; the point 0, 0 comes to it."""
_SLACK = 1 << 14
"""More than a name and the fixed shares come to."""


def check_document(document: StoredDocument | None, database: DatabaseName, limits: Limits) -> None:
    """Refuse a document that is too large to be stored."""
    if document is None or len(document.data) * _PER_SERIALISED_BYTE + _SLACK <= DOCUMENT_BYTES:
        return
    size = document_size(document.path, document.fields)
    if size > DOCUMENT_BYTES:
        name = document_name(database, document.path)
        raise invalid(limits.document_text.format(name=name, size=size, most=DOCUMENT_BYTES))


def check_name(path: DocumentPath, limits: Limits) -> None:
    """Refuse a document whose name is too long, or lies too deep."""
    if limits.subcollections is not None and len(path) > limits.subcollections * 2:
        raise invalid(f"A document lies in at most {limits.subcollections} collections, not in {len(path) // 2}.")
    if limits.name_bytes is None or len("".join(path)) * _PER_CHARACTER + _PER_NAME <= limits.name_bytes:
        return
    if name_size(path) > limits.name_bytes:
        raise invalid(f"The name of a document has at most {limits.name_bytes} bytes, not {name_size(path)}.")


def document_size(path: DocumentPath, fields: Mapping[str, Any]) -> int:
    """Its name, its fields' names and values, and a fixed share."""
    return name_size(path) + _map_size(fields) + _PER_DOCUMENT


def name_size(path: DocumentPath) -> int:
    """A document's name as part of a size."""
    return sum(map(text_size, path)) + _PER_NAME


def value_size(value: Any) -> int:
    """One value."""
    return _SIZES[type(value)](value)


def text_size(text: str) -> int:
    """A text, also one that is a name."""
    return len(text.encode("utf-8", "surrogatepass")) + 1


def _map_size(fields: Mapping[str, Any]) -> int:
    return sum(text_size(name) + value_size(each) for name, each in fields.items())


def _filled(size: int) -> int:
    # An empty map or array is as large as null.
    return size or 1


_SIZES: Mapping[type, Callable[[Any], int]] = {
    NoneType: lambda _: 1,
    bool: lambda _: 1,
    int: lambda _: 8,
    float: lambda _: 8,
    Timestamp: lambda _: 8,
    str: text_size,
    bytes: len,
    Reference: lambda value: name_size(value.segments),
    LatLng: lambda _: 16,
    list: lambda value: _filled(sum(map(value_size, value))),
    dict: lambda value: _filled(_map_size(value)),
    Vector: lambda value: 8 * len(value.values),
}
