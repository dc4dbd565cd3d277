"""`ListenResponse` messages as bytes. Numbers are those of google/firestore/v1/{firestore,write}.proto."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import IntEnum

from firewarden.firestore.listen.bloom import BloomFilter
from firewarden.firestore.status import StatusError
from firewarden.server.answers import integer, part, timestamp, varint
from firewarden.values import Timestamp

_TARGET_CHANGE, _DOCUMENT_CHANGE, _DOCUMENT_DELETE, _FILTER, _DOCUMENT_REMOVE = 2, 3, 4, 5, 6


class Kind(IntEnum):
    """What happens to targets: `TargetChangeType`."""

    NO_CHANGE = 0
    ADD = 1
    REMOVE = 2
    CURRENT = 3
    RESET = 4


def target_change(kind: Kind, target: int, cause: StatusError | None = None) -> bytes:
    """A target was added, removed (for a `cause` other than the client's wish), or begins anew."""
    content = integer(1, kind) + part(2, varint(target))
    if cause is not None:
        content += part(3, integer(1, cause.code) + part(2, cause.message.encode()))
    return part(_TARGET_CHANGE, content)


def current(target: int, token: bytes, read_time: Timestamp) -> bytes:
    """All of a target's documents were told, as of a time."""
    content = integer(1, Kind.CURRENT) + part(2, varint(target)) + part(4, token) + part(6, timestamp(read_time))
    return part(_TARGET_CHANGE, content)


def snapshot(token: bytes, read_time: Timestamp) -> bytes:
    """All targets show the database as of one time."""
    return part(_TARGET_CHANGE, part(4, token) + part(6, timestamp(read_time)))


def document_change(document: bytes, targets: Iterable[int], removed: Sequence[int]) -> bytes:
    """A document of `targets` is new or was changed; it is no longer in the `removed` ones."""
    return part(_DOCUMENT_CHANGE, part(1, document) + _ids(5, targets) + _ids(6, removed))


def document_delete(name: str, removed: Iterable[int], read_time: Timestamp) -> bytes:
    """A document does not exist, or does not any more."""
    return part(_DOCUMENT_DELETE, part(1, name.encode()) + part(4, timestamp(read_time)) + _ids(6, removed))


def document_remove(name: str, removed: Iterable[int], read_time: Timestamp) -> bytes:
    """A document is no longer in these targets, and in none of the others; it may still exist."""
    return part(_DOCUMENT_REMOVE, part(1, name.encode()) + _ids(2, removed) + part(4, timestamp(read_time)))


def existence_filter(target: int, count: int, names: BloomFilter | None = None) -> bytes:
    """So many documents are in a target, and only they are in the filter of names, if there is one."""
    content = integer(1, target) + integer(2, count)
    if names is not None:
        bits = part(1, names.bitmap) + integer(2, names.padding)
        content += part(3, part(1, bits) + integer(2, names.hash_count))
    return part(_FILTER, content)


def _ids(number: int, targets: Iterable[int]) -> bytes:
    packed = b"".join(map(varint, targets))
    return part(number, packed) if packed else b""
