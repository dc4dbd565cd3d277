"""The order in which Java's hash sets of strings list their elements, which some official messages show."""

from __future__ import annotations

from collections.abc import Iterable

_CAPACITY_MIN = 16
_LOAD = 0.75


def hash_order(names: Iterable[str]) -> list[str]:
    """The distinct names as a `java.util.HashSet` that is a copy of a collection of them lists them."""
    distinct = list(dict.fromkeys(names))
    capacity = _CAPACITY_MIN
    while int(len(distinct) / _LOAD) + 1 > capacity:
        capacity *= 2
    return sorted(distinct, key=lambda name: _spread(name) % capacity)  # stable: a bucket keeps its order


def _spread(name: str) -> int:
    """`String.hashCode`, its high bits mixed in as `HashMap` does."""
    code = 0
    encoded = name.encode("utf-16-be", "surrogatepass")
    for high, low in zip(encoded[::2], encoded[1::2], strict=True):
        code = (code * 31 + (high << 8 | low)) & 0xFFFFFFFF
    return code ^ code >> 16
