"""Unsigned ID tokens, as the Firebase emulators take them. No production server accepts one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt

_LIFETIME = timedelta(hours=1)
_DECIDED_BY_UID = frozenset({"sub", "uid", "user_id"})


def unsigned_id_token(
    uid: str, claims: Mapping[str, Any] | None = None, *, project: str, now: datetime | None = None
) -> str:
    """The token of a signed-in user: ``request.auth.uid`` is `uid`, ``request.auth.token`` has `claims`.

    Any claim may be given (`email`, `firebase`, custom ones), except those that `uid` decides.
    """
    claims = claims or {}
    if clash := sorted(_DECIDED_BY_UID & claims.keys()):
        raise ValueError(f"The claim {clash[0]!r} is the uid; give the uid itself, not the claim.")
    issued = int((now or datetime.now(UTC)).timestamp())
    payload = {
        "iss": f"https://securetoken.google.com/{project}",
        "aud": project,
        "iat": issued,
        "exp": issued + int(_LIFETIME.total_seconds()),
        "auth_time": issued,
        "sub": uid,
        "user_id": uid,
        "firebase": {"sign_in_provider": "custom", "identities": {}},
        **claims,
    }
    return jwt.encode(payload, "", algorithm="none")
