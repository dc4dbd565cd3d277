"""Denials are kept until somebody asks why, and forgotten with the documents."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from firewarden.server.denials import DENIALS_MAX, KeptDenials
from firewarden.server.engine import Engine
from firewarden.server.serving import Server
from firewarden.store import Store

RULES = """rules_version = '2';
service cloud.firestore { match /databases/{d}/documents {
  match /notes/{id} { allow get: if resource.data.owner == 'ana'; }
} }"""


@pytest.fixture
def http() -> Iterator[httpx.Client]:
    """A server that keeps denials."""
    engine = Engine(Store(), denied=KeptDenials())
    with (
        Server(engine) as server,
        httpx.Client(base_url=f"http://{server.address}", trust_env=False, timeout=60) as client,
    ):
        yield client
    engine.close()


def put_rules(http: httpx.Client, *projects: str) -> None:
    for project in projects:
        body = {"rules": {"files": [{"name": "firestore.rules", "content": RULES}]}}
        http.put(f"/emulator/v1/projects/{project}:securityRules", json=body).raise_for_status()


def written(http: httpx.Client, project: str, name: str, owner: str) -> None:
    http.patch(
        f"/v1/projects/{project}/databases/(default)/documents/notes/{name}",
        json={"fields": {"owner": {"stringValue": owner}}},
        headers={"Authorization": "Bearer owner"},
    ).raise_for_status()


def denied(http: httpx.Client, project: str, name: str) -> None:
    answer = http.get(f"/v1/projects/{project}/databases/(default)/documents/notes/{name}")
    assert answer.status_code == httpx.codes.FORBIDDEN


def why(http: httpx.Client, project: str) -> str:
    return str(http.get(f"/emulator/v1/projects/{project}:denials").json()["explained"])


def test_a_denial_is_explained_as_it_was(http: httpx.Client) -> None:
    """Also when the document has changed since."""
    put_rules(http, "demo-a")
    written(http, "demo-a", "n", "bob")
    denied(http, "demo-a", "n")
    written(http, "demo-a", "n", "eve")
    assert "resource.data.owner is 'bob'" in why(http, "demo-a")


def test_only_the_last_are_kept(http: httpx.Client) -> None:
    put_rules(http, "demo-a")
    for number in range(DENIALS_MAX + 1):
        denied(http, "demo-a", f"n{number}")
    told = why(http, "demo-a")
    assert told.count("DENIED") == DENIALS_MAX
    assert "get notes/n0 " not in told
    assert f"get notes/n{DENIALS_MAX} " in told


def test_clearing_forgets_them(http: httpx.Client) -> None:
    put_rules(http, "demo-a", "demo-b")
    denied(http, "demo-a", "n")
    denied(http, "demo-b", "n")
    http.delete("/emulator/v1/projects/demo-a/databases/(default)/documents")
    assert (why(http, "demo-a"), why(http, "demo-b").count("DENIED")) == ("", 1)


def test_projects_named_after_another_are_told_with_it(http: httpx.Client) -> None:
    put_rules(http, "demo-a", "demo-a-cases", "demo-ab")
    for project in ("demo-a-cases", "demo-ab"):
        denied(http, project, f"of-{project}")
    assert why(http, "demo-a").count("DENIED") == 1
    assert "of-demo-a-cases" in why(http, "demo-a")


def test_a_server_that_keeps_none_says_so() -> None:
    engine = Engine(Store())
    with Server(engine) as server, httpx.Client(base_url=f"http://{server.address}", trust_env=False) as http:
        answer = http.get("/emulator/v1/projects/demo-a:denials")
    engine.close()
    assert answer.status_code == httpx.codes.NOT_FOUND
    assert "--keep-denials" in answer.json()["error"]["message"]
