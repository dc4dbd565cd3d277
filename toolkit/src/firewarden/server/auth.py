"""Who asks: an admin who passes rules by, a user with the claims of an ID token, or a guest.

The emulator reads tokens without verifying them, so that tests can make their own. With a `verify` given, it decides:
nobody is an admin by `Bearer owner` then, nor a user by a token that nobody has signed.
"""

from __future__ import annotations

import json
import re
from base64 import urlsafe_b64decode
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from firewarden.firestore.status import Code, StatusError, invalid

Claims = Mapping[str, Any]

_ADMIN_PREFIX = "ya29."
"""Google's OAuth access tokens, which server libraries send."""
_PARTS = 3
_REMEMBERED_CHARACTERS = 8 << 10
_BASE64URL = re.compile(r"[A-Za-z0-9_-]*")


class Caller(NamedTuple):
    """`claims` is None for a guest; an admin has none either, Firestore itself empty ones.

    A denial is explained to those who want it.
    """

    is_admin: bool = False
    claims: Claims | None = None
    wants_explanation: bool = False


ADMIN = Caller(is_admin=True)
SYSTEM = Caller(is_admin=True, claims={})
"""Firestore itself, which deletes what has expired."""
GUEST = Caller()

Verify = Callable[[str], Caller]
"""Whose token it is; raises StatusError UNAUTHENTICATED if it is not to be trusted."""


class Token(NamedTuple):
    """A JSON Web Token taken apart (RFC 7519); `signed` is what `signature` is of. Nothing of it is verified."""

    header: Mapping[str, Any]
    claims: Claims
    signed: bytes
    signature: bytes


def caller_of(header: str | None, *, verify: Verify | None = None) -> Caller:
    """The caller that an `authorization` header names; none is a guest."""
    if header is None:
        return GUEST
    return _known(header) if verify is None and len(header) <= _REMEMBERED_CHARACTERS else _read(header, verify)


def _read(header: str, verify: Verify | None) -> Caller:
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "bearer" or not token:
        # The emulator fails here, too, with a bare UNKNOWN.
        raise StatusError(Code.UNKNOWN, "")
    if verify is not None:
        return verify(token)
    if token.lower() == "owner" or token.lower().startswith(_ADMIN_PREFIX):
        return ADMIN
    return Caller(claims=read_token(token).claims)


@lru_cache(maxsize=256)
def _known(header: str) -> Caller:
    """What is not verified is the same whenever it is read; clients send it with every request."""
    return _read(header, None)


def read_token(token: str) -> Token:
    """A token's parts; refuses what is none, whoever may have signed it."""
    parts = token.split(".")
    if len(parts) != _PARTS:
        raise _not_a_token()
    header, claims, signature = map(_decoded, parts)
    signed = token.rpartition(".")[0].encode()
    return Token(_object(header), _object(claims), signed, signature)


def _decoded(part: str) -> bytes:
    """Base64 for URLs, as strictly as the emulator reads it; the padding may be there or not."""
    bare = part.rstrip("=")
    if _BASE64URL.fullmatch(bare) is None or len(bare) % 4 == 1:
        raise _not_a_token()
    return urlsafe_b64decode(bare + "=" * (-len(bare) % 4))


def _object(text: bytes) -> Mapping[str, Any]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        raise _not_a_token() from None
    if not isinstance(found, dict):
        raise _not_a_token()
    return found


def _not_a_token() -> StatusError:
    return invalid("invalid jwt")
