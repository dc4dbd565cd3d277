"""Tokens whose signatures are verified: with keys of the test's own, and certificates in the form of Google's."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import httpx
import jwt
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from google.api_core.exceptions import Unauthenticated

from firewarden.errors import CertificatesMissing
from firewarden.firestore.status import Code, StatusError
from firewarden.server.auth import ADMIN, GUEST, caller_of
from firewarden.server.certificates import Fetched, from_file
from firewarden.server.engine import Engine
from firewarden.server.options import Options
from firewarden.server.serving import Server
from firewarden.server.verifying import SKEW_S, VerifiedTokens
from firewarden.store import Store
from firewarden.testing import firestore_as

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


def test_a_certificate_that_cannot_be_read_is_nobodys_fault() -> None:
    verify = VerifiedTokens(PROJECT, lambda: {"k1": "-----BEGIN CERTIFICATE-----"}, now=lambda: NOW)
    with pytest.raises(StatusError, match="a certificate cannot be read") as refused:
        caller_of(f"Bearer {token(CLAIMS)}", verify=verify)
    assert refused.value.code is Code.UNAVAILABLE


def test_over_http_it_is_401_and_says_what_is_wrong() -> None:
    engine = Engine(Store(), options=Options(verify=verified()))
    with Server(engine) as server, httpx.Client(base_url=f"http://{server.address}", trust_env=False) as http:
        path = f"/v1/projects/{PROJECT}/databases/(default)/documents/notes/a"

        def asked(bearer: str) -> tuple[int, Any]:
            answer = http.patch(path, json={}, headers={"authorization": f"Bearer {bearer}"})
            return answer.status_code, answer.json().get("error")

        error = {
            "code": 401,
            "message": "The ID token is not valid: it has expired.",
            "status": "UNAUTHENTICATED",
        }
        assert asked(token({**CLAIMS, "exp": NOW - 60})) == (401, error)
        assert asked("owner")[0] == 401
        assert asked(token(CLAIMS)) == (200, None)
    engine.close()


def test_googles_client_is_told_the_same() -> None:
    engine = Engine(Store(), options=Options(verify=verified()))
    with Server(engine) as server:
        ana = firestore_as("ana", project=PROJECT, host=server.address)
        with pytest.raises(Unauthenticated, match="The ID token is not valid: its algorithm is not RS256"):
            ana.document("notes/a").set({})
        ana.close()
    engine.close()


def test_certificates_of_a_file(tmp_path: Path) -> None:
    file = tmp_path / "certificates.json"
    file.write_text(json.dumps({"k1": certificate("k1")}))
    assert from_file(file)() == {"k1": certificate("k1")}


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"k1": 1}', None])
def test_a_file_without_certificates_is_refused(tmp_path: Path, content: str | None) -> None:
    file = tmp_path / "certificates.json"
    if content is not None:
        file.write_text(content)
    with pytest.raises(CertificatesMissing, match=r"holds no certificates: .*\nIt must be JSON like https"):
        from_file(file)


@dataclass
class Publisher:
    """Publishes certificates over HTTP; counts how often it is asked."""

    content: Any = field(default_factory=lambda: {"k1": certificate("k1")})
    status: int = 200
    cache_control: str = "public, max-age=100, must-revalidate, no-transform"
    asked: int = 0
    url: str = ""


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    state = Publisher()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            state.asked += 1
            content = json.dumps(state.content).encode()
            self.send_response(state.status)
            self.send_header("cache-control", state.cache_control)
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: Any) -> None:
            """Says nothing."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    state.url = f"http://127.0.0.1:{server.server_port}/"
    yield state
    server.shutdown()
    server.server_close()
    thread.join()


def test_certificates_are_kept_as_long_as_they_are_good(publisher: Publisher) -> None:
    seconds = 1000.0
    fetched = Fetched(publisher.url, seconds=lambda: seconds)
    seconds += 99
    assert fetched() == {"k1": certificate("k1")}
    assert publisher.asked == 1
    publisher.content = {"k2": certificate("k2")}
    seconds += 1
    fetched()  # what is known is used until the new ones are there
    fetched.wait()
    assert fetched() == {"k2": certificate("k2")}
    assert publisher.asked == 2


def test_certificates_that_cannot_be_renewed_are_used_for_a_while(publisher: Publisher) -> None:
    seconds = 1000.0
    said: list[str] = []
    fetched = Fetched(publisher.url, seconds=lambda: seconds, report=said.append)
    publisher.status = 503
    seconds += 100
    fetched()
    fetched.wait()
    assert fetched() == {"k1": certificate("k1")}
    assert said == [f"{publisher.url}: HTTP Error 503: Service Unavailable; again in 60 s"]
    assert publisher.asked == 2
    seconds += 3600
    with pytest.raises(StatusError, match="Google's certificates are not to be had") as refused:
        fetched()
    assert refused.value.code is Code.UNAVAILABLE
    fetched.wait()
    publisher.status = 200
    seconds += 60
    with pytest.raises(StatusError):
        fetched()
    fetched.wait()
    assert fetched() == {"k1": certificate("k1")}


@pytest.mark.parametrize("change", [{"status": 404}, {"content": []}])
def test_without_any_certificates_nothing_starts(publisher: Publisher, change: dict[str, Any]) -> None:
    for name, value in change.items():
        setattr(publisher, name, value)
    with pytest.raises(CertificatesMissing, match="--token-certificates"):
        Fetched(publisher.url)
