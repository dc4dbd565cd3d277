"""How many index entries a document makes, and how large they are; production refuses documents with too many.

Counted as production was seen to count: two for a field (one of each direction), two for each different element of an
array, one for each combination in a composite index
(https://firebase.google.com/docs/firestore/query-data/index-overview#index_entries_and_limits).
Sizes: https://firebase.google.com/docs/firestore/storage-size#index-entry-size.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from math import prod
from typing import Any, NamedTuple

from firewarden.firestore.documents import DocumentPath, StoredDocument
from firewarden.firestore.encoding import encode
from firewarden.firestore.field_paths import MISSING, FieldPath, format_field_path, get_field
from firewarden.firestore.query.available import Available
from firewarden.firestore.query.scanning import IndexedField, Mode, ScanIndex
from firewarden.firestore.sizes import name_size, text_size, value_size
from firewarden.firestore.status import invalid
from firewarden.limits import FIELD_PATH_BYTES, INDEXED_VALUE_BYTES, Limits

_COLLECTION_SHARE, _GROUP_SHARE = 32, 48
_ENTRIES_PER_FIELD = 6
"""At most: each of the three modes, for a collection and for a group; an element has two in two of them."""
_CHARACTER_BYTES_MAX = 4
_WIRE_BYTES_MIN = 4
"""A field or an element takes at least as many bytes in a stored document."""


class _Entries(NamedTuple):
    number: int
    size: int
    """Of the largest of them; 0 if nobody wants to know."""


def check_index_entries(documents: Iterable[StoredDocument], available: Available, limits: Limits) -> None:
    """Refuse documents with more index entries than production takes, or with one that is too large."""
    most, largest = limits.index_entries, limits.index_entry_bytes
    if most is None or largest is None:
        return
    collection, segments, harmless = "", 0, _NOTHING
    for each in documents:
        path = each.path
        if path[-2] != collection or len(path) != segments:
            collection, segments = path[-2], len(path)
            harmless = _harmless(collection, segments, available, most, largest)
        is_few = len(each.data) <= harmless.data_bytes
        is_small = len("".join(path)) <= harmless.path_characters
        if not (is_few and is_small):  # nearly all are
            _check(each, available, most, largest, is_sized=not is_small)


def _check(document: StoredDocument, available: Available, most: int, largest: int, *, is_sized: bool) -> None:
    path = document.path
    composites = _composites(path[-2], available)
    count = 0
    for entries in _all_entries(path, document.fields, composites, available, is_sized=is_sized):
        count += entries.number
        if count > most:
            raise invalid(f"too many index entries for entity /{'/'.join(path)}")
        if entries.number and entries.size > largest:
            raise invalid("Index entry is too large.")


class _Harmless(NamedTuple):
    """Documents within these need not be looked at: they cannot have too many entries, nor too large ones."""

    data_bytes: int
    path_characters: int


_NOTHING = _Harmless(0, 0)


@lru_cache(maxsize=1024)
def _harmless(collection: str, segments: int, available: Available, most: int, largest: int) -> _Harmless:
    composites = _composites(collection, available)
    # Several arrays in one composite index would multiply, which Firestore does not let anybody define.
    data = (most // (_ENTRIES_PER_FIELD + len(composites)) + 1) * _WIRE_BYTES_MIN - 1
    values = max((len(each.fields) for each in composites), default=1)
    rest = largest - (FIELD_PATH_BYTES + 1 + values * INDEXED_VALUE_BYTES + _GROUP_SHARE)
    # The name counts twice, with its parent: the texts, an end for each, a fixed share.
    return _Harmless(data, (rest // 2 - segments - name_size(())) // _CHARACTER_BYTES_MAX)


def _composites(collection: str, available: Available) -> list[ScanIndex]:
    return [*available.composites(collection, group=False), *available.composites(collection, group=True)]


def _all_entries(
    path: DocumentPath,
    fields: Mapping[str, Any],
    composites: Sequence[ScanIndex],
    available: Available,
    *,
    is_sized: bool,
) -> Iterator[_Entries]:
    for field, value in _all_fields(fields, ()):
        for group in (False, True):
            yield _single_entries(path, field, value, available, group=group, is_sized=is_sized)
    for index in composites:
        values = [get_field(fields, each.path) for each in index.fields]
        yield _composite_entries(path, index, values)


def _all_fields(fields: Mapping[str, Any], above: FieldPath) -> Iterator[tuple[FieldPath, Any]]:
    """Every field, and those in maps."""
    for name, value in fields.items():
        field = (*above, name)
        yield field, value
        if type(value) is dict:
            yield from _all_fields(value, field)


def _single_entries(
    path: DocumentPath, field: FieldPath, value: Any, available: Available, *, group: bool, is_sized: bool
) -> _Entries:
    number = size = 0
    for mode in Mode:
        if mode is Mode.CONTAINS and type(value) is not list:
            continue
        if available.has_single(path[-2], IndexedField(field, mode), group=group):
            values = _elements(value) if mode is Mode.CONTAINS else (value,)
            # An element has one for each direction of the document's name.
            number += len(values) * (2 if mode is Mode.CONTAINS else 1)
            if is_sized:
                shared = _shared_size(path, group=group) + text_size(format_field_path(field))
                size = max(size, shared + _largest(values))
    return _Entries(number, size)


def _composite_entries(path: DocumentPath, index: ScanIndex, values: Sequence[Any]) -> _Entries:
    parts = [
        ((_elements(value) if type(value) is list else []) if field.mode is Mode.CONTAINS else [value])
        for field, value in zip(index.fields, values, strict=True)
        if value is not MISSING
    ]
    if len(parts) < len(index.fields):
        return _Entries(0, 0)
    return _Entries(prod(map(len, parts)), _shared_size(path, group=index.group) + sum(map(_largest, parts)))


def _shared_size(path: DocumentPath, *, group: bool) -> int:
    if group:
        return name_size(path) + _GROUP_SHARE
    return name_size(path) + (name_size(path[:-2]) if path[:-2] else 0) + _COLLECTION_SHARE


def _elements(values: Sequence[Any]) -> list[Any]:
    return list({encode(each): each for each in values}.values())


def _largest(values: Sequence[Any]) -> int:
    return max((min(value_size(each), INDEXED_VALUE_BYTES) for each in values), default=0)
