"""CRC-32C (Castagnoli, RFC 3720 appendix B.4), which guards every record of a log. Python's `zlib.crc32` is another."""

from __future__ import annotations

import sys
from array import array
from functools import cache
from typing import Final

_POLYNOMIAL: Final = 0x82F63B78  # reflected
_ALL: Final = 0xFFFFFFFF
_MASK_DELTA: Final = 0xA282EAD8


def masked_crc32c(kind: int, data: bytes) -> int:
    """The checksum of a fragment: of its type and its data, stirred as LevelDB keeps it.

    https://github.com/google/leveldb/blob/main/util/crc32c.h: a checksum over data that holds checksums is weak.
    """
    checksum = crc32c(bytes([kind]) + data)
    return ((checksum >> 15 | checksum << 17) + _MASK_DELTA) & _ALL


def crc32c(data: bytes) -> int:
    """The checksum, two bytes at a step: one at a time costs twice as much."""
    bytewise, pairwise = _tables()
    even = len(data) & ~1
    words = array("H", data[:even])
    if sys.byteorder == "big":
        words.byteswap()
    checksum = _ALL
    for word in words:
        checksum = pairwise[(checksum ^ word) & 0xFFFF] ^ checksum >> 16
    if even < len(data):
        checksum = bytewise[(checksum ^ data[even]) & 0xFF] ^ checksum >> 8
    return checksum ^ _ALL


@cache
def _tables() -> tuple[list[int], array[int]]:
    """What a byte, and what two of them, do to the checksum."""
    bytewise = []
    for each in range(256):
        remainder = each
        for _ in range(8):
            remainder = remainder >> 1 ^ (_POLYNOMIAL if remainder & 1 else 0)
        bytewise.append(remainder)
    pairwise = array("I")  # a list of so many numbers would not stay in the processor's cache
    for each in range(1 << 16):
        first = bytewise[each & 0xFF] ^ each >> 8
        pairwise.append(bytewise[first & 0xFF] ^ first >> 8)
    return bytewise, pairwise
