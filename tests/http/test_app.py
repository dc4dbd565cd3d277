"""The application's frame: health, request ids, errors, authentication, and a description of every route."""

import json
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from google.api_core.exceptions import ServiceUnavailable

from firewarden.testing import unsigned_id_token
from gather.http.app import create_app
from gather.http.auth import caller
from gather.http.openapi import document
from tests.conftest import settings_for
from tests.support.runtimes import runtime_for


class UnreachableFirestore:
    """A Firestore that nobody answers for."""

    def document(self, *_path: str) -> Any:
        return self

    def get(self, **_options: Any) -> Any:
        raise ServiceUnavailable("connection refused")  # type: ignore[no-untyped-call]  # the SDK's


@pytest.fixture
def app() -> Flask:
    runtime = runtime_for(settings_for("demo-app"), UnreachableFirestore())
    found = create_app(runtime)

    @found.get("/whoami")
    def whoami() -> dict[str, Any]:
        someone = caller()
        return {"uid": someone.uid, "role": someone.role} if someone else {"uid": None}

    @found.get("/broken")
    def broken() -> str:
        raise RuntimeError("a secret in the message")

    return found


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def token(uid: str = "ana", **claims: Any) -> str:
    return unsigned_id_token(uid, claims, project="demo-app")


def test_liveness_needs_nothing_and_readiness_needs_firestore(client: FlaskClient) -> None:
    assert client.get("/health").get_json() == {"status": "ok"}
    response = client.get("/api/health?ready=1")
    assert (response.status_code, response.headers["Retry-After"]) == (503, "5")
    assert response.get_json()["error"]["code"] == "try_again"


@pytest.mark.parametrize(("offered", "kept"), [("abc-123", True), ("x" * 65, False), ("a b", False), ("", False)])
def test_every_answer_carries_a_request_id(client: FlaskClient, offered: str, kept: bool) -> None:
    found = client.get("/health", headers={"X-Request-Id": offered}).headers["X-Request-Id"]
    assert (found == offered) is kept
    assert found


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("get", "/nowhere", 404, "not_found"),
        ("post", "/health", 405, "method_not_allowed"),
        ("get", "/broken", 500, "internal"),
    ],
)
def test_errors_have_one_shape(client: FlaskClient, method: str, path: str, status: int, code: str) -> None:
    response = client.open(path, method=method.upper())
    assert response.status_code == status
    error = response.get_json()["error"]
    assert error["code"] == code
    assert "secret" not in json.dumps(error)


def test_an_unexpected_error_is_logged_without_its_message(
    client: FlaskClient, capsys: pytest.CaptureFixture[str]
) -> None:
    client.get("/broken", headers={"X-Request-Id": "r-1"})
    printed = capsys.readouterr()
    (line,) = [json.loads(line) for line in (printed.out + printed.err).splitlines() if "unexpected" in line]
    assert (line["severity"], line["error"], line["request_id"]) == ("ERROR", "RuntimeError", "r-1")
    assert "secret" not in printed.out + printed.err


@pytest.mark.usefixtures("emulated_auth")
@pytest.mark.parametrize(
    ("claims", "role"),
    [({"role": "member"}, "member"), ({"role": "admin"}, "admin"), ({"role": "king"}, None), ({}, None)],
)
def test_the_role_claim_counts(client: FlaskClient, claims: dict[str, Any], role: str | None) -> None:
    answer = client.get("/whoami", headers={"Authorization": f"Bearer {token(**claims)}"}).get_json()
    assert answer == {"uid": "ana", "role": role}


def test_no_token_is_a_guest(client: FlaskClient) -> None:
    assert client.get("/whoami").get_json() == {"uid": None}


@pytest.mark.usefixtures("emulated_auth")
@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Basic abc", "Bearer junk", "Bearer a.b.c"])
def test_a_token_that_does_not_verify_is_refused(client: FlaskClient, header: str) -> None:
    response = client.get("/whoami", headers={"Authorization": header})
    assert (response.status_code, response.get_json()["error"]["code"]) == (401, "not_signed_in")


def test_an_unsigned_token_is_refused_where_there_is_no_emulator(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("FIREBASE_AUTH_EMULATOR_HOST", raising=False)
    assert client.get("/whoami", headers={"Authorization": f"Bearer {token()}"}).status_code == 401


@pytest.mark.usefixtures("emulated_auth")
def test_the_auth_emulator_variable_is_refused_outside_emulator_mode() -> None:
    settings = replace(settings_for("demo-app"), emulator=False)
    app = create_app(runtime_for(settings, UnreachableFirestore()))
    response = app.test_client().put("/events/e/rsvp", headers={"Authorization": f"Bearer {token()}"})
    assert (response.status_code, response.get_json()["error"]["code"]) == (500, "internal")


def test_metrics_are_served_in_prometheus_text(client: FlaskClient) -> None:
    client.get("/health")
    assert 'gather_http_requests_total{method="GET",route="/health",status="200"}' in client.get("/metrics").text


@pytest.mark.usefixtures("emulated_auth")
def test_counters_are_for_admins_where_strangers_can_ask(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FIREBASE_AUTH_EMULATOR_HOST")
    settings = replace(settings_for("demo-app"), emulator=False)
    app = create_app(runtime_for(settings, UnreachableFirestore()))
    response = app.test_client().get("/metrics")
    assert (response.status_code, response.get_json()["error"]["code"]) == (401, "not_signed_in")


@pytest.mark.usefixtures("emulated_auth")
def test_a_database_that_does_not_answer_asks_to_try_again(app: Flask) -> None:
    @app.get("/slow")
    def slow() -> str:
        UnreachableFirestore().get()
        return ""

    response = app.test_client().get("/slow")
    assert (response.status_code, response.headers["Retry-After"]) == (503, "2")


def test_the_description_covers_every_route_and_no_other() -> None:
    runtime = runtime_for(settings_for("demo-app"), UnreachableFirestore())
    described = {(path, method.upper()) for path, item in document("https://x")["paths"].items() for method in item}
    served = {
        (rule.rule.replace("<", "{").replace(">", "}"), method)
        for rule in create_app(runtime).url_map.iter_rules()
        for method in rule.methods or ()
        if method not in {"HEAD", "OPTIONS"} and not rule.rule.startswith("/api/")
    }
    assert described == served
