"""Papers in a bucket: written once, private, and opened by links that Google would let through for five minutes."""

import base64
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import google.auth
import google.auth.transport.requests
import httpx
import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from gcp_storage_emulator.server import create_server
from google.auth.credentials import AnonymousCredentials
from google.oauth2 import service_account

from gather.receipts.storage import LINK_LIFETIME, CloudStorage
from gather.settings import Settings, SettingsError
from tests.conftest import settings_for
from tests.support.papers import refusal

PAPER = b"%PDF-1.4 paper"
NAME = "receipts/RCP-2026-0507-A1B2C3D4.pdf"
BUCKET = "papers.example.invalid"
SETTINGS = replace(settings_for("demo-papers"), storage_bucket=BUCKET)


@pytest.fixture(scope="module")
def emulated() -> Iterator[Settings]:
    """Settings beside a storage emulator with an empty bucket."""
    server = create_server("127.0.0.1", 0, in_memory=True, default_bucket=BUCKET)
    with server:
        port = server._api._httpd.server_port
        yield replace(SETTINGS, storage_emulator=f"http://127.0.0.1:{port}")


@pytest.fixture(scope="module")
def key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def test_a_paper_is_kept_as_a_private_download(emulated: Settings) -> None:
    storage = CloudStorage(emulated)
    assert not storage.has(NAME)
    assert storage.put(NAME, PAPER)
    assert storage.has(NAME)
    answer = httpx.get(storage.link(NAME), trust_env=False)
    assert (answer.status_code, answer.content) == (200, PAPER)
    blob = storage._bucket.get_blob(NAME)
    assert (blob.content_type, blob.cache_control) == ("application/pdf", "private, no-store")
    assert blob.content_disposition == "attachment; filename*=UTF-8''RCP-2026-0507-A1B2C3D4.pdf"


def test_a_link_opens_its_paper_for_five_minutes_and_nothing_else(emulated: Settings) -> None:
    """The emulator serves any link, so what Google checks is checked here."""
    storage = CloudStorage(emulated)
    link, now = storage.link(NAME), datetime.now(UTC).replace(microsecond=0)
    public = storage._emulated_key.public_key()
    assert refusal(link, public, now=now) is None
    assert refusal(link, public, now=now + LINK_LIFETIME + timedelta(seconds=2)) == "expired"
    assert refusal(link.replace("A1B2C3D4", "A1B2C3D5"), public, now=now) == "signature"
    assert refusal(link.replace("X-Goog-Expires=300", "X-Goog-Expires=999999"), public, now=now) == "signature"
    assert refusal(link, public, now=now, method="PUT") == "signature"
    other = CloudStorage(emulated)._emulated_key.public_key()
    assert refusal(link, other, now=now) == "signature"


def test_names_with_any_letters_are_kept(emulated: Settings) -> None:
    storage = CloudStorage(emulated)
    name = 'invoices/ümlaut "quoted" 山-2026-1.pdf'
    storage.put(name, PAPER)
    assert storage.has(name)
    assert storage._bucket.get_blob(name).content_disposition.isascii()
    assert refusal(storage.link(name), storage._emulated_key.public_key(), now=_now()) is None


def test_without_an_emulator_emulator_mode_writes_nowhere() -> None:
    with pytest.raises(SettingsError, match="STORAGE_EMULATOR_HOST"):
        CloudStorage(SETTINGS).has(NAME)


def test_of_two_writers_one_writes() -> None:
    with _bucket_that_keeps_what_it_has() as (settings, uploads):
        assert CloudStorage(settings).put(NAME, PAPER)
        assert not CloudStorage(settings).put(NAME, b"another")
    assert uploads == ["0", "0"]


def test_a_service_account_signs_with_its_key(key: rsa.RSAPrivateKey, monkeypatch: pytest.MonkeyPatch) -> None:
    _given_credentials(monkeypatch, _service_account(key))
    link = CloudStorage(replace(SETTINGS, emulator=False)).link(NAME)
    assert urlsplit(link).netloc == "storage.googleapis.com"
    assert unquote(urlsplit(link).path) == f"/{BUCKET}/{NAME}"
    assert refusal(link, key.public_key(), now=_now()) is None


def test_where_there_is_no_key_iam_signs_for_the_function_s_account(
    key: rsa.RSAPrivateKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on Cloud Run, whose credentials learn their account's name and token when they are refreshed."""
    asked: list[tuple[str, str]] = []

    def iam(url: str, *, method: str, body: bytes, headers: dict[str, str]) -> Any:
        asked.append((url, headers["Authorization"]))
        signature = key.sign(base64.b64decode(json.loads(body)["payload"]), padding.PKCS1v15(), hashes.SHA256())
        answer = {"signedBlob": base64.b64encode(signature).decode()}
        return SimpleNamespace(status=200, data=json.dumps(answer).encode())

    monkeypatch.setattr(google.auth.transport.requests, "Request", lambda: iam)
    credentials: Any = _Metadata
    _given_credentials(monkeypatch, credentials())
    link = CloudStorage(replace(SETTINGS, emulator=False)).link(NAME)
    assert refusal(link, key.public_key(), now=_now()) is None
    ((url, authorization),) = asked
    assert "/serviceAccounts/functions@example.invalid:signBlob" in unquote(url)
    assert authorization == "Bearer a-token"


class _Metadata(AnonymousCredentials):
    """Credentials of a metadata server: no key, and nothing known before they are refreshed."""

    service_account_email = "default"
    valid = False

    def refresh(self, request: Any) -> None:
        self.service_account_email, self.token, self.valid = "functions@example.invalid", "a-token", True


def _given_credentials(monkeypatch: pytest.MonkeyPatch, credentials: Any) -> None:
    monkeypatch.setattr(google.auth, "default", lambda scopes: (credentials, "demo-papers") if scopes else None)


def _service_account(key: rsa.RSAPrivateKey) -> Any:
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    info = {
        "client_email": "signer@example.invalid",
        "token_uri": "http://example.invalid",
        "private_key": pem.decode(),
    }
    credentials: Any = service_account.Credentials
    return credentials.from_service_account_info(info)


def _now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


@contextmanager
def _bucket_that_keeps_what_it_has() -> Iterator[tuple[Settings, list[str]]]:
    """Cloud Storage's answer to preconditions, which the emulator ignores; the conditions it was sent are listed."""
    uploads: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            (condition,) = parse_qs(urlsplit(self.path).query)["ifGenerationMatch"]
            uploads.append(condition)
            body = json.dumps({"name": NAME, "generation": "1"}).encode()
            self.send_response(200 if len(uploads) == 1 else 412)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *arguments: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield replace(SETTINGS, storage_emulator=f"http://127.0.0.1:{server.server_port}"), uploads
        server.shutdown()
        thread.join()
