"""LevelDB's log: records in blocks of 32 KiB (https://github.com/google/leveldb/blob/main/doc/log_format.md).

A record is one or several fragments, each behind its checksum, its length and its type. No fragment crosses the end of
a block; where a block has no room for the next head, zeros fill it.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from typing import Final

from firewarden.firestore.exporting.checksum import masked_crc32c
from firewarden.firestore.exporting.damage import Damaged

BLOCK_BYTES: Final = 32 << 10
_HEAD: Final = struct.Struct("<IHB")
_FULL, _FIRST, _MIDDLE, _LAST = 1, 2, 3, 4
_UNUSED: Final = 0
"""The type in room that was set aside and never written."""


class LogWriter:
    """Makes the bytes of a log, record by record; `size` is how many it has made."""

    def __init__(self) -> None:
        self.size = 0

    def record(self, data: bytes) -> bytes:
        """What follows in the log for this record."""
        parts: list[bytes] = []
        at, is_first = 0, True
        while is_first or at < len(data):
            room = BLOCK_BYTES - self.size % BLOCK_BYTES
            if room < _HEAD.size:
                parts.append(b"\0" * room)
                self.size += room
                room = BLOCK_BYTES
            fragment = data[at : at + room - _HEAD.size]
            at += len(fragment)
            kind = _kind(is_first=is_first, is_last=at == len(data))
            parts.append(_HEAD.pack(masked_crc32c(kind, fragment), len(fragment), kind) + fragment)
            self.size += _HEAD.size + len(fragment)
            is_first = False
        return b"".join(parts)


def _kind(*, is_first: bool, is_last: bool) -> int:
    if is_first:
        return _FULL if is_last else _FIRST
    return _LAST if is_last else _MIDDLE


def records(blocks: Iterable[bytes]) -> Iterator[tuple[int, bytes]]:
    """The records of a log and where each begins; `blocks` have `BLOCK_BYTES`, the last one may have less.

    Raises `Damaged` where bytes are not what was written, or are missing.
    """
    parts: list[bytes] = []
    start = 0
    end = 0
    for at, kind, fragment in _fragments(blocks):
        if (kind in (_FULL, _FIRST)) == bool(parts):
            raise Damaged(at, "a record begins inside another" if parts else "a record goes on that never began")
        start = start if parts else at
        end = at + _HEAD.size + len(fragment)
        parts.append(fragment)
        if kind in (_FULL, _LAST):
            yield start, b"".join(parts)
            parts = []
    if parts:
        raise Damaged(end, f"the file ends inside the record that begins at {start}")


def _fragments(blocks: Iterable[bytes]) -> Iterator[tuple[int, int, bytes]]:
    start = 0
    for block in blocks:
        at = 0
        while len(block) - at >= _HEAD.size:
            checksum, length, kind = _HEAD.unpack_from(block, at)
            if kind == _UNUSED and not length and not any(block[at:]):
                at = len(block)
                break
            fragment = block[at + _HEAD.size : at + _HEAD.size + length]
            place = start + at
            if at + _HEAD.size + length > BLOCK_BYTES:
                raise Damaged(place, f"a fragment of {length} bytes does not fit into its block")
            if len(fragment) < length:
                raise Damaged(start + len(block), f"the file ends inside the fragment that begins at {place}")
            if masked_crc32c(kind, fragment) != checksum:
                raise Damaged(place, "the checksum does not match")
            if kind not in (_FULL, _FIRST, _MIDDLE, _LAST):
                raise Damaged(place, f"a fragment of the unknown type {kind}")
            yield place, kind, fragment
            at += _HEAD.size + length
        if any(block[at:]):
            raise Damaged(start + at, "the file ends inside a fragment's head")
        start += len(block)
