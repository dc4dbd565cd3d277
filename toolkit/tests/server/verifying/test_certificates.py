"""Certificates that verify tokens: of a file or of an address, and kept as long as they are good."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
from google.api_core.exceptions import Unauthenticated

from firewarden.errors import CertificatesMissing
from firewarden.firestore.status import Code, StatusError
from firewarden.server.auth import caller_of
from firewarden.server.certificates import Fetched, from_file
from firewarden.server.engine import Engine
from firewarden.server.options import Options
from firewarden.server.serving import Server
from firewarden.server.verifying import VerifiedTokens
from firewarden.store import Store
from firewarden.testing import firestore_as
from toolkit.tests.server.verifying.signing import CLAIMS, NOW, PROJECT, certificate, token, verified


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
