"""What unsigned ID tokens say, and who accepts them."""

from __future__ import annotations

from datetime import UTC, datetime

import jwt
import pytest
from firebase_admin import App, auth, delete_app, initialize_app

from firewarden.testing import unsigned_id_token

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


def decoded(token: str) -> dict[str, object]:
    return jwt.decode(token, options={"verify_signature": False})


def test_a_token_carries_the_uid_the_claims_and_the_time_it_is_given() -> None:
    token = unsigned_id_token("ana", {"role": "member", "email": "ana@example.com"}, project="demo-p", now=NOON)

    assert decoded(token) == {
        "iss": "https://securetoken.google.com/demo-p",
        "aud": "demo-p",
        "iat": 1777636800,
        "exp": 1777640400,
        "auth_time": 1777636800,
        "sub": "ana",
        "user_id": "ana",
        "firebase": {"sign_in_provider": "custom", "identities": {}},
        "role": "member",
        "email": "ana@example.com",
    }
    assert jwt.get_unverified_header(token)["alg"] == "none"
    assert token.endswith(".")


@pytest.mark.parametrize("claim", ["sub", "uid", "user_id"])
def test_a_claim_may_not_contradict_the_uid(claim: str) -> None:
    with pytest.raises(ValueError, match=claim):
        unsigned_id_token("ana", {claim: "ben"}, project="demo-p")


def test_firebase_admin_accepts_it_in_emulator_mode(monkeypatch: pytest.MonkeyPatch) -> None:
    """Functions that verify ID tokens take it on a laptop, where this variable tells them to."""
    monkeypatch.setenv("FIREBASE_AUTH_EMULATOR_HOST", "127.0.0.1:1")
    token = unsigned_id_token("ana", {"role": "member"}, project="demo-p")
    app: App = initialize_app(options={"projectId": "demo-p"}, name="tokens")
    try:
        assert auth.verify_id_token(token, app=app)["role"] == "member"
    finally:
        delete_app(app)
