"""The order in which Java's hash sets and maps list what they hold, which shows in some official answers."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from functools import lru_cache
from typing import TypeVar

Key = TypeVar("Key", bound=Hashable)

_CAPACITY_MIN = 16
_LOAD = 0.75
_MASK = 0xFFFFFFFF


def hash_order(names: Iterable[str]) -> list[str]:
    """The distinct names as a `java.util.HashSet` that is a copy of a collection of them lists them."""
    distinct = list(dict.fromkeys(names))
    capacity = _CAPACITY_MIN
    while int(len(distinct) / _LOAD) + 1 > capacity:
        capacity *= 2
    return _listed({name: string_hash(name) for name in distinct}, capacity)


def map_order(hashes: Mapping[Key, int]) -> list[Key]:
    """The keys as a `java.util.HashMap` that they are put into one by one lists them; each with its hash."""
    capacity = _CAPACITY_MIN
    while len(hashes) > capacity * _LOAD:
        capacity *= 2
    return _listed(hashes, capacity)


@lru_cache(maxsize=4096)
def string_hash(text: str) -> int:
    """`String.hashCode` without a sign."""
    code = 0
    encoded = text.encode("utf-16-be", "surrogatepass")
    for high, low in zip(encoded[::2], encoded[1::2], strict=True):
        code = (code * 31 + (high << 8 | low)) & _MASK
    return code


def object_hash(*parts: int) -> int:
    """`Objects.hash` of parts with these hashes, without a sign."""
    code = 1
    for each in parts:
        code = (code * 31 + each) & _MASK
    return code


def _listed(hashes: Mapping[Key, int], capacity: int) -> list[Key]:
    """By bucket: the high bits are mixed in as `HashMap` does, and a bucket keeps its order."""
    return sorted(hashes, key=lambda key: (hashes[key] ^ hashes[key] >> 16) % capacity)
