"""Filters of names: what clients find in them, and that they take it for absent where it is."""

from __future__ import annotations

from hashlib import md5

import pytest

from firewarden.firestore.listen.bloom import BloomFilter, bloom_filter, filled

ROOT = "projects/project-1/databases/database-1/documents"


def may_hold(found: BloomFilter, name: str) -> bool:
    """As clients look, bit by bit (firebase-js-sdk, `remote/bloom_filter.ts`)."""
    size = len(found.bitmap) * 8 - found.padding
    if not size:
        return False
    digest = md5(name.encode(), usedforsecurity=False).digest()
    one, two = int.from_bytes(digest[:8], "little"), int.from_bytes(digest[8:], "little")
    indexes = [(one + number * two) % 2**64 % size for number in range(found.hash_count)]
    return all(found.bitmap[index // 8] & (1 << index % 8) for index in indexes)


def test_a_filter_of_one_name_is_production_s() -> None:
    """What Cloud Firestore made of this document, from the tests of the web SDK."""
    assert filled([f"{ROOT}/coll/doc0"], bits=11, hash_count=8) == BloomFilter(b"\x9b\x01", 5, 8)


@pytest.mark.parametrize("count", [1, 2, 10, 1_000])
def test_all_names_are_found_and_hardly_any_other(count: int) -> None:
    names = [f"{ROOT}/c/{number}ü" for number in range(count)]
    found = bloom_filter(names)
    assert all(may_hold(found, each) for each in names)
    wrong = sum(may_hold(found, f"{ROOT}/gone/{number}") for number in range(2_000))
    assert wrong <= 4
    assert 0 <= found.padding < 8
    assert len(found.bitmap) <= 3 * count + 64


def test_nothing_is_found_in_a_filter_of_nothing() -> None:
    assert bloom_filter([]) == BloomFilter(b"", 0, 0)
    assert not may_hold(bloom_filter([]), f"{ROOT}/c/a")
