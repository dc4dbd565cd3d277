"""Who calls: the Firebase ID token of the request, verified by firebase-admin.

Signatures are always checked, except that firebase-admin accepts unsigned tokens when FIREBASE_AUTH_EMULATOR_HOST is
set; `settings` refuses emulator mode on Cloud Run, and `verify` refuses that variable outside emulator mode.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import firebase_admin
from firebase_admin import auth as firebase_auth
from flask import g, request

from gather.http.context import current_runtime
from gather.http.errors import ApiError
from gather.settings import Settings

Role = Literal["member", "admin"]
ROLES: Mapping[str, Role] = {"member": "member", "admin": "admin"}
CHALLENGE = {"WWW-Authenticate": "Bearer"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """A signed-in caller: the token's uid and its `role` claim, which counts before `users/{uid}.role`.

    `name` and `email` are what the token says, for papers; nothing is decided by them.
    """

    uid: str
    role: Role | None
    name: str | None = None
    email: str | None = None


def caller() -> Caller | None:
    """Return who calls, None for a guest; a token that does not verify is refused, not taken for a guest's."""
    if "caller" not in g:
        g.caller = _caller_of(request.headers.get("Authorization"), current_runtime().settings)
    found: Caller | None = g.caller
    return found


def require_caller() -> Caller:
    """Return who calls or refuse with `not_signed_in`."""
    found = caller()
    if found is None:
        raise ApiError(
            "not_signed_in", "sign in and send the ID token as 'Authorization: Bearer ...'", headers=CHALLENGE
        )
    return found


def _caller_of(header: str | None, settings: Settings) -> Caller | None:
    if header is None:
        return None
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise ApiError("not_signed_in", "the Authorization header is not 'Bearer <ID token>'", headers=CHALLENGE)
    claims = _verify(token.strip(), settings)
    role = claims.get("role")
    return Caller(
        uid=str(claims["uid"]),
        role=ROLES.get(role) if isinstance(role, str) else None,
        name=_text(claims.get("name")),
        email=_text(claims.get("email")),
    )


def _text(claim: Any) -> str | None:
    return claim if isinstance(claim, str) and claim else None


def _verify(token: str, settings: Settings) -> Mapping[str, Any]:
    if "FIREBASE_AUTH_EMULATOR_HOST" in os.environ and not settings.emulator:
        raise ApiError("internal", "FIREBASE_AUTH_EMULATOR_HOST is set outside emulator mode; unset it")
    try:
        claims: Mapping[str, Any] = firebase_auth.verify_id_token(token, app=_app(settings))
    except (firebase_auth.InvalidIdTokenError, ValueError) as error:
        # The reason may quote the token's content: the caller learns only that it does not verify.
        raise ApiError(
            "not_signed_in", "the ID token is invalid or expired; sign in again", headers=CHALLENGE
        ) from error
    except firebase_auth.CertificateFetchError as error:
        raise ApiError("try_again", "ID tokens cannot be verified right now", headers={"Retry-After": "5"}) from error
    return claims


def _app(settings: Settings) -> firebase_admin.App:
    name = f"gather-{settings.project}"
    try:
        return firebase_admin.get_app(name)
    except ValueError:
        return firebase_admin.initialize_app(options={"projectId": settings.project}, name=name)
