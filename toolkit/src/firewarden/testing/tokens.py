"""Unsigned ID tokens, as the Firebase emulators take them. No production server accepts one."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

OWNER = "owner"
"""What a client sends instead of a token to be the owner of the database, whom no rule applies to."""
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
    return f"{_part({'alg': 'none', 'typ': 'JWT'})}.{_part(payload)}."


def _part(content: Mapping[str, Any]) -> str:
    """One part of a token (https://www.rfc-editor.org/rfc/rfc7515#section-2): JSON in base64url without padding."""
    return urlsafe_b64encode(json.dumps(content, separators=(",", ":")).encode()).rstrip(b"=").decode()
