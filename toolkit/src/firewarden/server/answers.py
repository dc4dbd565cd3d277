"""Answers as bytes: stored documents are passed on as they lie in the store, spliced with name and times.

Fields of a protocol buffer may stand in any order, and a message is the sum of its parts, so nothing is decoded.
Field numbers are those of google/firestore/v1/{document,firestore,write}.proto.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from firewarden.firestore.documents import DatabaseName, StoredDocument
from firewarden.values import NANOS_PER_SECOND, Timestamp

_VARINT, _LENGTH = 0, 2
_NANOS = bytes([2 << 3 | _VARINT])
_SHORT = tuple(bytes([each]) for each in range(128))


def varint(number: int) -> bytes:
    """An unsigned number in groups of seven bits."""
    if number < 128:
        return _SHORT[number]
    if number < 1 << 14:
        return bytes((number & 0x7F | 0x80, number >> 7))
    if number < 1 << 21:
        return bytes((number & 0x7F | 0x80, number >> 7 & 0x7F | 0x80, number >> 14))
    return bytes((number & 0x7F | 0x80, number >> 7 & 0x7F | 0x80, number >> 14 & 0x7F | 0x80)) + varint(number >> 21)


def part(number: int, content: bytes) -> bytes:
    """A field, one of the first fifteen, that holds a message, a string or bytes."""
    size = len(content)
    return _SHORT[number << 3 | _LENGTH] + (_SHORT[size] if size < 128 else varint(size)) + content


def flag(number: int) -> bytes:
    """A field that is true."""
    return varint(number << 3 | _VARINT) + b"\x01"


def integer(number: int, value: int) -> bytes:
    """A field that holds a number that is not negative."""
    return varint(number << 3 | _VARINT) + varint(value)


@lru_cache(maxsize=256)
def timestamp(moment: Timestamp) -> bytes:
    """A `google.protobuf.Timestamp`; times before 1970 are not among those of commits."""
    seconds, nanos = divmod(moment.nanos, NANOS_PER_SECOND)
    return _seconds(seconds) + (_NANOS + varint(nanos) if nanos else b"")


@lru_cache(maxsize=256)
def _seconds(seconds: int) -> bytes:
    return integer(1, seconds % (1 << 64))


@lru_cache(maxsize=256)
def prefix_of(database: DatabaseName) -> bytes:
    """How the names of a database's documents begin."""
    return f"{database}/documents".encode()


def document(prefix: bytes, stored: StoredDocument, data: bytes | None = None) -> bytes:
    """A `Document`: `prefix` is the database's name and `/documents`; `data` are other fields than the stored ones."""
    name = "/".join(("", *stored.path)).encode()
    created, updated = stored.create_time, stored.update_time
    times = _both_times(created) if created is updated else part(3, timestamp(created)) + part(4, timestamp(updated))
    size = len(prefix) + len(name)
    return b"".join((b"\x0a", varint(size), prefix, name, stored.data if data is None else data, times))


@lru_cache(maxsize=256)
def _both_times(moment: Timestamp) -> bytes:
    time = timestamp(moment)
    return part(3, time) + part(4, time)


def found(content: bytes, read_time: bytes) -> bytes:
    """A `BatchGetDocumentsResponse` with a document; `read_time` is a `timestamp`."""
    return b"".join((b"\x0a", varint(len(content)), content, part(4, read_time)))


def missing(name: str, read_time: bytes) -> bytes:
    """A `BatchGetDocumentsResponse` that says that there is no such document."""
    return part(2, name.encode()) + part(4, read_time)


def began_batch_get(transaction: bytes) -> bytes:
    """A `BatchGetDocumentsResponse` with the transaction that the request began."""
    return part(3, transaction)


def result(content: bytes, read_time: Timestamp) -> bytes:
    """A `RunQueryResponse` with a document."""
    return part(1, content) + part(3, timestamp(read_time))


def skipped(count: int, read_time: Timestamp) -> bytes:
    """A `RunQueryResponse` that says how many documents the offset skipped."""
    return part(3, timestamp(read_time)) + integer(4, count)


def began_query(transaction: bytes) -> bytes:
    """A `RunQueryResponse` with the transaction that the request began."""
    return part(2, transaction)


DONE = flag(6)
"""Says, as part of a `RunQueryResponse`, that it is the last."""


def committed(results: Iterable[bytes], commit_time: Timestamp) -> bytes:
    """A `CommitResponse`."""
    parts: list[bytes] = []
    last: bytes | None = None  # a deletion's is empty
    encoded = b""
    for each in results:
        if each is not last:  # those of writes without transforms are one object
            last, encoded = each, part(1, each)
        parts.append(encoded)
    parts.append(part(2, timestamp(commit_time)))
    return b"".join(parts)


def write_result(update_time: Timestamp | None, transform_results: Iterable[bytes]) -> bytes:
    """A `WriteResult`; `transform_results` are encoded values. A deleted document has no update time."""
    time = b"" if update_time is None else part(1, timestamp(update_time))
    return time + b"".join(part(2, each) for each in transform_results)


@lru_cache(maxsize=256)
def written_at(update_time: Timestamp) -> bytes:
    """The `WriteResult` of a write without transforms: all of a commit have the same."""
    return part(1, timestamp(update_time))


def transaction(name: bytes) -> bytes:
    """A `BeginTransactionResponse`."""
    return part(1, name)


def began_write_stream(stream: bytes, token: bytes) -> bytes:
    """The first `WriteResponse` of a stream."""
    return part(1, stream) + part(2, token)


def wrote(token: bytes, results: Iterable[bytes] = (), commit_time: Timestamp | None = None) -> bytes:
    """A `WriteResponse`; without a time if there was nothing to write."""
    time = b"" if commit_time is None else part(4, timestamp(commit_time))
    return part(2, token) + b"".join(part(3, each) for each in results) + time
