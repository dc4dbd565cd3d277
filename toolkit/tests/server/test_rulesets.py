"""Which rules hold for which database, and what a denial says to those who want to know why."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from firewarden.firestore.documents import DatabaseName
from firewarden.server.auth import Caller
from firewarden.server.engine import Engine
from firewarden.server.options import Options
from firewarden.server.rulesets import Rulesets
from firewarden.server.serving import Server
from firewarden.store import Store
from toolkit.tests.server.conftest import PROJECT
from toolkit.tests.server.rulesets import allowing, put, readable

OWNER = {"authorization": "Bearer owner"}
EXPLAIN = {"x-firewarden-explain": "1"}


@pytest.fixture
def http(server: Server) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"http://{server.address}", trust_env=False, timeout=30) as http:
        yield http


def test_a_database_has_its_own_rules_or_its_projects_or_the_default(engine: Engine, http: httpx.Client) -> None:
    assert readable(http, "(default)") == ["a", "b", "c"]
    engine.rulesets.put_default([{"content": allowing("a")}])
    assert readable(http, "(default)") == ["a"]
    assert put(http, PROJECT, allowing("b")).status_code == 200
    assert readable(http, "(default)") == readable(http, "second") == ["b"]
    assert readable(http, "(default)", "demo-other") == ["a"]
    assert put(http, f"{PROJECT}/databases/second", allowing("c")).status_code == 200
    assert readable(http, "second") == ["c"]
    assert readable(http, "(default)") == ["b"]


def test_the_default_may_be_another_one_for_some_databases(engine: Engine, http: httpx.Client) -> None:
    engine.rulesets.put_default([{"content": allowing("a")}])
    engine.rulesets.put_default([{"content": allowing("b")}], database="second")
    assert readable(http, "(default)") == ["a"]
    assert readable(http, "second") == readable(http, "second", "demo-other") == ["b"]
    put(http, PROJECT, allowing("c"))
    assert readable(http, "second") == ["c"]
    assert readable(http, "second", "demo-other") == ["b"]


def test_rules_of_each_are_told_when_asked(http: httpx.Client) -> None:
    put(http, PROJECT, allowing("b"))
    put(http, f"{PROJECT}/databases/second", allowing("c"))

    def told(of: str) -> str:
        answer = http.get(f"/emulator/v1/projects/{of}:securityRules").json()
        return str(answer["rules"]["files"][0]["content"])

    assert told(PROJECT) == told(f"{PROJECT}/databases/(default)") == allowing("b")
    assert told(f"{PROJECT}/databases/second") == allowing("c")


@pytest.mark.parametrize("of", [PROJECT, f"{PROJECT}/databases/(default)"])
def test_rules_that_do_not_compile_change_nothing(http: httpx.Client, of: str) -> None:
    put(http, of, allowing("a"))
    refused = put(http, of, "service cloud.firestore { match }")
    assert (refused.status_code, refused.json()["error"]["status"]) == (400, "INVALID_ARGUMENT")
    assert refused.json()["error"]["message"].startswith("Error compiling rules:\nL1:")
    assert readable(http, "(default)") == ["a"]


def test_rules_that_are_put_with_their_errors_stop_every_user(http: httpx.Client) -> None:
    accepted = put(http, PROJECT, "service cloud.firestore { match }", ignore_errors=True)
    assert accepted.status_code == 200
    path = f"/v1/projects/{PROJECT}/databases/(default)/documents/a/1"
    answer = http.get(path)
    assert answer.status_code == 400
    assert answer.json()["error"]["message"].startswith("Error compiling rules:\nL1:")
    assert http.get(path, headers=OWNER).status_code == 404
    put(http, PROJECT, allowing("a"))
    assert http.get(path).status_code == 404


def test_new_rules_hold_for_the_next_request(http: httpx.Client) -> None:
    for collection in "abcab":
        put(http, PROJECT, allowing(collection))
        assert readable(http, "(default)") == [collection]


def test_a_denial_is_explained_to_those_who_ask(http: httpx.Client) -> None:
    put(http, PROJECT, allowing("a"))
    path = f"/v1/projects/{PROJECT}/databases/(default)/documents/a/1"
    http.patch(path, json={"fields": {"n": {"integerValue": "5"}}}, headers=OWNER)

    def message(headers: dict[str, str]) -> str:
        answer = http.get(path, headers=headers)
        assert answer.status_code == 403
        return str(answer.json()["error"]["message"])

    official = message({})
    explained = message(EXPLAIN)
    assert official.endswith("false for 'get' @ L4")
    assert "resource.data.n" not in official
    assert explained.startswith(f"{official}\n\n")
    assert "resource.data.n < 2" in explained
    assert message({"x-firewarden-explain": "0"}) == official
    assert http.get(path, headers=OWNER | EXPLAIN).status_code == 200


def test_an_explanation_is_short_enough_for_a_status(http: httpx.Client) -> None:
    long = " || ".join(f"resource.data.n == '{each * 400}'" for each in "bcdefghijk")
    assert put(http, PROJECT, allowing("a").replace("resource.data.n < 2", long)).status_code == 200
    path = f"/v1/projects/{PROJECT}/databases/(default)/documents/a/1"
    http.patch(path, json={"fields": {"n": {"stringValue": "x" * 2000}}}, headers=OWNER)
    answer = http.get(path, headers=EXPLAIN)
    assert answer.status_code == 403
    assert len(answer.json()["error"]["message"]) < 3_200


def test_whose_tokens_are_verified_gets_no_explanation() -> None:
    """It shows the document that was denied."""
    engine = Engine(Store(), options=Options(verify=lambda token: Caller(claims={"sub": token})))
    engine.rulesets.put_default([{"content": allowing("nothing")}])
    with Server(engine) as server, httpx.Client(base_url=f"http://{server.address}", trust_env=False) as http:
        path = f"/v1/projects/{PROJECT}/databases/(default)/documents/a/1"
        answer = http.get(path, headers={"authorization": "Bearer ana", **EXPLAIN})
        assert answer.json()["error"]["message"] == "No matching allow statements"
    engine.close()


def test_every_denial_is_told_to_whoever_logs(acting: Callable[..., Any]) -> None:
    told: list[tuple[DatabaseName, str | None]] = []
    engine = Engine(
        Store(),
        denied=lambda database, rules, request, read, decision: told.append((database, decision.message)),
    )
    engine.rulesets.put_default([{"content": allowing("a")}])
    with Server(engine) as server, httpx.Client(base_url=f"http://{server.address}", trust_env=False) as http:
        documents = f"/v1/projects/{PROJECT}/databases/(default)/documents"
        for path, headers in (("a/1", {}), ("b/1", {}), ("b/1", OWNER)):
            http.get(f"{documents}/{path}", headers=headers)
    engine.close()
    assert told == [(DatabaseName(PROJECT), "No matching allow statements")]


def test_a_rulesets_rules_are_compiled_once() -> None:
    rulesets = Rulesets()
    put_ = rulesets.put_project(PROJECT, [{"content": allowing("a")}])
    assert rulesets.of(DatabaseName(PROJECT)) is put_ is rulesets.of(DatabaseName(PROJECT, "second"))
