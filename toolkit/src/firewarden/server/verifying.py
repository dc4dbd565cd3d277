"""Tokens are verified as Firebase's server libraries do it: what Google has signed, for this project, and for now.

The law: https://firebase.google.com/docs/auth/admin/verify-id-tokens#verify_id_tokens_using_a_third-party_jwt_library.
What is wrong is told, the token is not.
"""

from __future__ import annotations

import hmac
import math
import time
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from google.auth import crypt

from firewarden.firestore.status import Code, StatusError
from firewarden.server.auth import ADMIN, Caller, Claims, Token, read_token
from firewarden.server.certificates import Certificates

ISSUER = "https://securetoken.google.com/"
SKEW_S = 10.0
"""How far the clocks of Google and of this machine may be apart."""
_ALGORITHM = "RS256"
_UID_MAX = 128


class VerifiedTokens:
    """Callers by tokens that Google has signed for a project's users; who has the `admin_token` is the admin."""

    def __init__(
        self,
        project: str,
        certificates: Certificates,
        *,
        admin_token: str = "",
        now: Callable[[], float] = time.time,
    ) -> None:
        self._project = project
        self._certificates = certificates
        self._admin_token = admin_token.encode()
        self._now = now

    def __call__(self, token: str) -> Caller:
        """The caller; raises StatusError UNAUTHENTICATED with what is wrong."""
        if self._admin_token and hmac.compare_digest(token.encode(errors="replace"), self._admin_token):
            return ADMIN
        try:
            read = read_token(token)
        except StatusError:
            raise _refused("it is no JSON Web Token") from None
        self._check_signature(read)
        self._check_claims(read.claims)
        return Caller(claims=read.claims)

    def _check_signature(self, token: Token) -> None:
        if token.header.get("alg") != _ALGORITHM:
            raise _refused(f"its algorithm is not {_ALGORITHM}")
        key = token.header.get("kid")
        if not isinstance(key, str):
            raise _refused("it does not name the key that it was signed with")
        certificate = self._certificates().get(key)
        if certificate is None:
            raise _refused("it was signed with a key that is none of Google's; it may be too old")
        try:
            verifier = _verifier(certificate)
        except ValueError:
            raise StatusError(Code.UNAVAILABLE, "Tokens cannot be verified: a certificate cannot be read.") from None
        if not verifier.verify(token.signed, token.signature):
            raise _refused("its signature is wrong")

    def _check_claims(self, claims: Claims) -> None:
        now = self._now()
        if claims.get("aud") != self._project:
            raise _refused(f"its audience is not the project {self._project}")
        if claims.get("iss") != ISSUER + self._project:
            raise _refused(f"its issuer is not {ISSUER}{self._project}")
        uid = claims.get("sub")
        if not isinstance(uid, str) or not 0 < len(uid) <= _UID_MAX:
            raise _refused("its subject is no user id")
        if _seconds(claims, "exp") <= now - SKEW_S:
            raise _refused("it has expired")
        if _seconds(claims, "iat") > now + SKEW_S:
            raise _refused("it was issued in the future")
        if _seconds(claims, "auth_time") > now + SKEW_S:
            raise _refused("its user signed in in the future")


def _seconds(claims: Claims, name: str) -> float:
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise _refused(f"its {name} is no time")
    return value


@lru_cache(maxsize=32)
def _verifier(certificate: str) -> Any:
    return crypt.RSAVerifier.from_string(certificate)  # type: ignore[no-untyped-call]  # google-auth types only some


def _refused(reason: str) -> StatusError:
    return StatusError(Code.UNAUTHENTICATED, f"The ID token is not valid: {reason}.")
