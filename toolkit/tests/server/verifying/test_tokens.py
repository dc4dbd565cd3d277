"""Tokens whose signatures are verified: whose they are, and what is wrong with those that are refused."""

from __future__ import annotations

import json
from typing import Any

import jwt
import pytest

from firewarden.firestore.status import Code, StatusError
from firewarden.server.auth import ADMIN, GUEST, caller_of
from firewarden.server.verifying import SKEW_S
from toolkit.tests.server.verifying.signing import CLAIMS, NOW, PROJECT, key, refusal, token, verified


def test_a_token_that_google_signed_names_its_user() -> None:
    assert caller_of(f"Bearer {token(CLAIMS)}", verify=verified()).claims == CLAIMS


def test_no_token_is_a_guest() -> None:
    assert caller_of(None, verify=verified()) == GUEST


@pytest.mark.parametrize(
    ("claims", "reason"),
    [
        ({"aud": "other"}, "its audience is not the project demo-shop."),
        ({"aud": [PROJECT]}, "its audience is not the project demo-shop."),
        ({"iss": "https://accounts.google.com"}, "its issuer is not https://securetoken.google.com/demo-shop."),
        (
            {"iss": "https://securetoken.google.com/other"},
            "its issuer is not https://securetoken.google.com/demo-shop.",
        ),
        ({"sub": None}, "its subject is no user id."),
        ({"sub": ""}, "its subject is no user id."),
        ({"sub": "x" * 129}, "its subject is no user id."),
        ({"exp": NOW - SKEW_S}, "it has expired."),
        ({"exp": None}, "its exp is no time."),
        ({"exp": True}, "its exp is no time."),
        ({"exp": float("nan")}, "its exp is no time."),
        ({"iat": NOW + SKEW_S + 1}, "it was issued in the future."),
        ({"auth_time": NOW + SKEW_S + 1}, "its user signed in in the future."),
        ({"auth_time": None}, "its auth_time is no time."),
    ],
    ids=str,
)
def test_claims_must_be_of_this_project_and_of_now(claims: dict[str, Any], reason: str) -> None:
    changed = {name: value for name, value in {**CLAIMS, **claims}.items() if value is not None}
    payload = json.dumps(changed).encode()
    signed = jwt.api_jws.encode(payload, key("k1"), algorithm="RS256", headers={"kid": "k1"})
    assert refusal(signed) == reason


def test_clocks_may_be_apart_a_little() -> None:
    claims = {**CLAIMS, "exp": NOW - SKEW_S + 1, "iat": NOW + SKEW_S, "auth_time": NOW + SKEW_S}
    assert caller_of(f"Bearer {token(claims)}", verify=verified()).claims == claims


def test_signatures_must_be_googles() -> None:
    assert refusal(token(CLAIMS, signed_by="k2")) == "its signature is wrong."
    head, body, _ = token(CLAIMS).split(".")
    forged = jwt.encode({**CLAIMS, "sub": "admin"}, key("k2"), algorithm="RS256").split(".")[1]
    _, _, signature = token(CLAIMS).split(".")
    assert refusal(f"{head}.{forged}.{signature}") == "its signature is wrong."
    assert refusal(f"{head}.{body}.") == "its signature is wrong."
    assert refusal(token(CLAIMS, head={"kid": "k9"})).startswith("it was signed with a key that is none of Google's")
    assert refusal(token(CLAIMS, head={"typ": "JWT"})) == "it does not name the key that it was signed with."


def test_other_algorithms_are_refused() -> None:
    """Above all `none`, and a certificate taken for a shared secret."""
    assert refusal(jwt.encode(CLAIMS, "", algorithm="none", headers={"kid": "k1"})) == "its algorithm is not RS256."
    shared = "x" * 64
    assert (
        refusal(jwt.encode(CLAIMS, shared, algorithm="HS256", headers={"kid": "k1"})) == "its algorithm is not RS256."
    )


@pytest.mark.parametrize("text", ["owner", "ya29.x", "abc", "a.b.c", "..", "é"])
def test_what_is_no_token_is_refused(text: str) -> None:
    with pytest.raises(StatusError) as refused:
        caller_of(f"Bearer {text}", verify=verified())
    assert (refused.value.code, refused.value.message) == (
        Code.UNAUTHENTICATED,
        "The ID token is not valid: it is no JSON Web Token.",
    )


def test_only_who_has_the_admin_token_is_the_admin() -> None:
    verify = verified(admin_token="s3cret")
    assert caller_of("Bearer s3cret", verify=verify) == ADMIN
    assert refusal("owner", verify) == "it is no JSON Web Token."
    assert refusal("S3CRET", verify) == "it is no JSON Web Token."
    assert caller_of("Bearer owner", verify=verified(admin_token="owner")) == ADMIN
