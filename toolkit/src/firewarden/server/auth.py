"""Who asks: an admin who passes rules by, a user with the claims of an ID token, or a guest.

The emulator reads tokens without verifying them, so that tests can make their own. With a `verify` given, only tokens
that it accepts are users; nobody can then be an admin by `Bearer owner`.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from firewarden.firestore.status import Code, StatusError, invalid

Claims = Mapping[str, Any]
Verify = Callable[[str], Claims]
"""The claims of a token; raises StatusError UNAUTHENTICATED if it is not to be trusted."""

_ADMIN_PREFIX = "ya29."
"""Google's OAuth access tokens, which server libraries send."""


@dataclass(frozen=True, slots=True)
class Caller:
    """`claims` is None for a guest; an admin has none either."""

    is_admin: bool = False
    claims: Claims | None = None


ADMIN = Caller(is_admin=True)
GUEST = Caller()


def caller_of(header: str | None, *, verify: Verify | None = None) -> Caller:
    """The caller that an `authorization` header names; none is a guest."""
    if header is None:
        return GUEST
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "bearer" or not token:
        # The emulator fails here, too, with a bare UNKNOWN; the text says what it would have liked.
        raise StatusError(Code.UNKNOWN, "")
    if verify is not None:
        return Caller(claims=verify(token))
    if token.lower() == "owner" or token.startswith(_ADMIN_PREFIX):
        return ADMIN
    return Caller(claims=_unverified_claims(token))


def _unverified_claims(token: str) -> Claims:
    parts = token.split(".")
    if len(parts) != 3:
        raise invalid("invalid jwt")
    try:
        claims = json.loads(urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except ValueError:
        raise invalid("invalid jwt") from None
    if not isinstance(claims, dict):
        raise invalid("invalid jwt")
    return claims
