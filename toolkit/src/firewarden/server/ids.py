"""Ids of new documents: 20 letters and digits, as all of Firestore's libraries make them."""

from __future__ import annotations

import secrets
import string

_CHARACTERS = string.ascii_letters + string.digits
_LENGTH = 20


def auto_id() -> str:
    """An id that nobody has used."""
    return "".join(secrets.choice(_CHARACTERS) for _ in range(_LENGTH))
