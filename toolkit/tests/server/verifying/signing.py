"""Keys of the test's own, their certificates in the form of Google's, and tokens signed with them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import jwt
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from firewarden.firestore.status import Code, StatusError
from firewarden.server.auth import caller_of
from firewarden.server.verifying import VerifiedTokens

PROJECT = "demo-shop"
NOW = 1_800_000_000.0
CLAIMS = {
    "iss": f"https://securetoken.google.com/{PROJECT}",
    "aud": PROJECT,
    "sub": "ana",
    "user_id": "ana",
    "iat": NOW - 60,
    "auth_time": NOW - 600,
    "exp": NOW + 3540,
    "firebase": {"sign_in_provider": "password"},
}


@cache
def key(name: str) -> rsa.RSAPrivateKey:
    del name
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@cache
def certificate(name: str) -> str:
    """A certificate of the key in PEM."""
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "securetoken.test")])
    today = datetime(2026, 1, 1, tzinfo=UTC)
    built = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key(name).public_key())
        .serial_number(1)
        .not_valid_before(today)
        .not_valid_after(today + timedelta(days=3650))
        .sign(key(name), hashes.SHA256())
    )
    return built.public_bytes(serialization.Encoding.PEM).decode()


def token(claims: dict[str, Any], *, signed_by: str = "k1", head: dict[str, Any] | None = None) -> str:
    return jwt.encode(claims, key(signed_by), algorithm="RS256", headers=head or {"kid": "k1"})


def verified(**options: Any) -> VerifiedTokens:
    return VerifiedTokens(PROJECT, lambda: {"k1": certificate("k1")}, now=lambda: NOW, **options)


def refusal(of: str, verify: VerifiedTokens | None = None) -> str:
    with pytest.raises(StatusError) as refused:
        caller_of(f"Bearer {of}", verify=verify or verified())
    assert refused.value.code is Code.UNAUTHENTICATED
    assert not any(part in refused.value.message for part in of.split(".") if part)
    return refused.value.message.removeprefix("The ID token is not valid: ")
