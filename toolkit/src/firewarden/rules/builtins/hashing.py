"""The package `hashing`: digests of bytes, or of a string's UTF-8, as bytes. Checksums are little-endian."""

from __future__ import annotations

import hashlib
import zlib

from firewarden.rules.builtins.registry import Library
from firewarden.rules.utf16 import utf8

FUNCTIONS = Library()

_CASTAGNOLI = 0x82F63B78  # reflected


@FUNCTIONS.overload("hashing.crc32(bytes)", "hashing.crc32(string)")
def _crc32(data: bytes | str) -> bytes:
    return zlib.crc32(_bytes(data)).to_bytes(4, "little")


@FUNCTIONS.overload("hashing.crc32c(bytes)", "hashing.crc32c(string)")
def _crc32c(data: bytes | str) -> bytes:
    crc = 0xFFFFFFFF
    for each in _bytes(data):
        crc = (crc >> 8) ^ _TABLE[(crc ^ each) & 0xFF]
    return (crc ^ 0xFFFFFFFF).to_bytes(4, "little")


@FUNCTIONS.overload("hashing.md5(bytes)", "hashing.md5(string)")
def _md5(data: bytes | str) -> bytes:
    return hashlib.md5(_bytes(data), usedforsecurity=False).digest()


@FUNCTIONS.overload("hashing.sha256(bytes)", "hashing.sha256(string)")
def _sha256(data: bytes | str) -> bytes:
    return hashlib.sha256(_bytes(data)).digest()


def _bytes(data: bytes | str) -> bytes:
    return data if isinstance(data, bytes) else utf8(data)


def _entry(index: int) -> int:
    for _ in range(8):
        index = (index >> 1) ^ (_CASTAGNOLI if index & 1 else 0)
    return index


_TABLE = tuple(map(_entry, range(256)))
