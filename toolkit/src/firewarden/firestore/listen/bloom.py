"""Bloom filters of documents' names, as `google.firestore.v1.BloomFilter` has them.

A client whose documents are more than there should be asks it for each: what is surely not in it is gone.
"""

from __future__ import annotations

import math
from collections.abc import Collection
from hashlib import md5
from typing import NamedTuple

FALSE_POSITIVES = 0.0001
"""The share of absent names that are taken for present ones, each of which costs the client a query."""
_HASH_COUNT = round(-math.log2(FALSE_POSITIVES))
_BITS_MIN = 512
"""The hashes of a name are evenly spaced: in a smaller filter those of another name fall on them too often."""
_HASH_MODULUS = 1 << 64


class BloomFilter(NamedTuple):
    """`padding` bits at the end of the last byte are not used."""

    bitmap: bytes
    padding: int
    hash_count: int


def bloom_filter(names: Collection[str]) -> BloomFilter:
    """A filter that is just large enough for these names, in UTF-8 and full: `projects/…/documents/…`."""
    if not names:
        return BloomFilter(b"", 0, 0)
    bits = math.ceil(-len(names) * math.log(FALSE_POSITIVES) / math.log(2) ** 2)
    return filled(names, bits=max(bits, _BITS_MIN), hash_count=_HASH_COUNT)


def filled(names: Collection[str], *, bits: int, hash_count: int) -> BloomFilter:
    """A filter of this size. The hashes of a name are those that clients compute, from the halves of its MD5."""
    bitmap = bytearray(-(-bits // 8))
    for name in names:
        digest = md5(name.encode(), usedforsecurity=False).digest()
        value, step = int.from_bytes(digest[:8], "little"), int.from_bytes(digest[8:], "little")
        for _ in range(hash_count):
            index = value % bits
            bitmap[index >> 3] |= 1 << (index & 7)
            value = (value + step) % _HASH_MODULUS
    return BloomFilter(bytes(bitmap), -bits % 8, hash_count)
