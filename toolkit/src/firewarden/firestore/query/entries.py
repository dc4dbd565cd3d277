"""What a document contributes to an index: its entries, as `scanning` describes them."""

from __future__ import annotations

from collections.abc import Iterable

from firewarden.firestore.documents import DocumentPath, Fields
from firewarden.firestore.encoding import encode, encode_descending, encode_id, encode_path, inverted
from firewarden.firestore.field_paths import MISSING, get_field
from firewarden.firestore.query.scanning import IndexedField, Mode, ScanIndex


def entries(index: ScanIndex, path: DocumentPath, fields: Fields) -> tuple[bytes, ...]:
    """The keys of a document in an index: none if one of the fields is missing, several if an array is taken apart."""
    heads: tuple[bytes, ...] = (b"",)
    for field in index.fields:
        parts = _parts(field, fields)
        if not parts:
            return ()
        heads = tuple(head + part for head in heads for part in parts)
    tail = encode_path(path) if index.group else encode_id(path[-1])
    if index.name is Mode.DESCENDING:
        tail = inverted(tail)
    return tuple(head + tail for head in heads)


def _parts(field: IndexedField, fields: Fields) -> tuple[bytes, ...]:
    value = get_field(fields, field.path)
    if value is MISSING:
        return ()
    if field.mode is Mode.ASCENDING:
        return (encode(value),)
    if field.mode is Mode.DESCENDING:
        return (encode_descending(value),)
    return _distinct(map(encode, value)) if type(value) is list else ()


def _distinct(parts: Iterable[bytes]) -> tuple[bytes, ...]:
    return tuple(dict.fromkeys(parts))
