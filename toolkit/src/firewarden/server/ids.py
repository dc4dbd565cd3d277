"""Ids of new documents: 20 letters and digits, as all of Firestore's libraries make them."""

from __future__ import annotations

_CHARACTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
_LENGTH = 20


def auto_id() -> str:
    """An id that nobody has used."""
    import secrets  # noqa: PLC0415 - imports cryptography, and many do without ids

    return "".join(secrets.choice(_CHARACTERS) for _ in range(_LENGTH))
