"""`:ruleCoverage` of a server: whose requests it counts, and what it says if nobody counts."""

from __future__ import annotations

import httpx
import pytest

from firewarden.server.coverage import NOT_COUNTED
from firewarden.server.engine import Engine
from firewarden.server.rulesets import OPEN_RULES
from firewarden.server.serving import Server
from firewarden.store import Store
from toolkit.tests.coverage.scenes import Json, put_rules, report

RULES = """rules_version = '2';
service cloud.firestore { match /databases/{d}/documents { match /notes/{id} { allow read: if id == 'a'; } } }"""


def read(http: httpx.Client, project: str, *names: str, database: str = "(default)", admin: bool = False) -> None:
    headers = {"Authorization": "Bearer owner"} if admin else {}
    for name in names:
        http.get(f"/v1/projects/{project}/databases/{database}/documents/notes/{name}", headers=headers)


def counts(told: Json) -> dict[str, int]:
    (allow,) = told["report"]
    return {str(each["value"]["boolValue"]): each["count"] for each in allow.get("values", ())}


def test_each_project_has_counts_of_its_own(http: httpx.Client) -> None:
    put_rules(http, "demo-a", RULES)
    put_rules(http, "demo-b", RULES)
    read(http, "demo-a", "a", "a", "b")
    read(http, "demo-b", "b")
    assert counts(report(http, "demo-a")) == {"True": 2, "False": 1}
    assert counts(report(http, "demo-b")) == {"False": 1}


def test_an_admin_is_not_counted(http: httpx.Client) -> None:
    put_rules(http, "demo-a", RULES)
    read(http, "demo-a", "a", admin=True)
    assert counts(report(http, "demo-a")) == {}


def test_clearing_and_the_same_rules_again_keep_the_counts_and_others_begin_anew(http: httpx.Client) -> None:
    put_rules(http, "demo-a", RULES)
    read(http, "demo-a", "a")
    http.delete("/emulator/v1/projects/demo-a/databases/(default)/documents")
    put_rules(http, "demo-a", RULES)
    read(http, "demo-a", "a")
    assert counts(report(http, "demo-a")) == {"True": 2}
    put_rules(http, "demo-a", f"{RULES}\n")
    assert counts(report(http, "demo-a")) == {}


def test_a_database_has_the_report_on_the_rules_that_hold_for_it(http: httpx.Client) -> None:
    put_rules(http, "demo-a", RULES)
    body = {"rules": {"files": [{"name": "own.rules", "content": RULES.replace("'a'", "'b'")}]}}
    http.put("/emulator/v1/projects/demo-a/databases/own:securityRules", json=body).raise_for_status()
    read(http, "demo-a", "a", "b", database="own")
    read(http, "demo-a", "a", database="other")
    told = http.get("/emulator/v1/projects/demo-a/databases/own:ruleCoverage").json()
    assert (told["rules"]["files"][0]["name"], counts(told)) == ("own.rules", {"True": 1, "False": 1})
    assert counts(report(http, "demo-a")) == {"True": 1}
    assert counts(http.get("/emulator/v1/projects/demo-a/databases/other:ruleCoverage").json()) == {"True": 1}


def test_without_rules_there_is_nothing_to_report(http: httpx.Client) -> None:
    assert report(http, "demo-a") == {"rules": {"files": [{"name": "OPEN_RULES", "content": OPEN_RULES}]}}
    assert http.get("/emulator/v1/projects/demo-a:ruleCoverage.html").status_code == 400


@pytest.mark.parametrize("parent", ["demo-a", "demo-a/databases/(default)"])
def test_the_page_is_html(http: httpx.Client, parent: str) -> None:
    put_rules(http, "demo-a", RULES)
    answer = http.get(f"/emulator/v1/projects/{parent}:ruleCoverage.html")
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.text.startswith("<!doctype html>")


def test_a_server_that_does_not_count_says_how_to_make_it() -> None:
    engine = Engine(Store())
    with Server(engine) as server, httpx.Client(base_url=f"http://{server.address}", trust_env=False) as http:
        answers = [http.get(f"/emulator/v1/projects/demo-a:ruleCoverage{suffix}") for suffix in ("", ".html")]
    engine.close()
    assert [(each.status_code, each.json()["error"]["message"]) for each in answers] == [(400, NOT_COUNTED)] * 2
