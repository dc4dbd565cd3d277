"""Methods of bytes."""

from __future__ import annotations

from base64 import urlsafe_b64encode

from firewarden.rules.builtins.registry import Library

METHODS = Library()


@METHODS.overload("bytes.size()")
def _size(data: bytes) -> int:
    return len(data)


@METHODS.overload("bytes.toBase64()")
def _to_base64(data: bytes) -> str:
    return urlsafe_b64encode(data).decode("ascii")


@METHODS.overload("bytes.toHexString()")
def _to_hex_string(data: bytes) -> str:
    return data.hex().upper()
