"""Requests to the endpoints that only emulators have, as stories: each in a project of its own, in this order.

`python -m toolkit.tests.server.admin_stories HOST:PORT` asks Google's emulator and writes its answers down.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx

RECORDED = Path(__file__).with_name("vectors") / "admin.jsonl"

Step = Mapping[str, Any]
_OWNER = {"authorization": "Bearer owner"}
_JSON = "application/json"

VALID = """\
rules_version = '2';
service cloud.firestore {
  match /databases/{database}/documents {
    match /notes/{id} {
      allow read: if known();
    }
  }
}
"""
BROKEN = "service cloud.firestore {\n match /a { allow read: if ; } }"
PROJECT = "/emulator/v1/projects/{project}"
DATABASE = PROJECT + "/databases/(default)"
DOCUMENTS = "/v1/projects/{project}/databases/(default)/documents"
NAMED = "projects/{project}/databases/(default)"


def step(method: str, path: str, body: Any = None, content_type: str | None = _JSON) -> Step:
    """A body that is no text is sent as JSON."""
    text = body if body is None or isinstance(body, str) else json.dumps(body)
    return {"method": method, "path": path, "body": text, "type": None if text is None else content_type}


def source(content: Any, **options: Any) -> dict[str, Any]:
    return {"rules": {"files": [{"name": "security.rules", "content": content}]}, **options}


def write(path: str) -> Step:
    return step("PATCH", f"{DOCUMENTS}/{path}", {"fields": {"a": {"integerValue": "1"}}})


def read(path: str) -> Step:
    return step("GET", f"{DOCUMENTS}/{path}")


def query(*orders: str) -> Step:
    where = {"fieldFilter": {"field": {"fieldPath": "a"}, "op": "EQUAL", "value": {"integerValue": "1"}}}
    sort = [{"field": {"fieldPath": each}} for each in orders]
    asked = {"from": [{"collectionId": "notes"}], "where": where, "orderBy": sort}
    return step("POST", f"{DOCUMENTS}:runQuery", {"structuredQuery": asked})


_RULES = f"{PROJECT}:securityRules"
_OWN_RULES = f"{DATABASE}:securityRules"
_PATHS = ("a/1", "a/1/b/2", "a/3", "c/1", "c/1/a/9", "b/1")


def after(request: Step) -> list[Step]:
    """What is left of some documents."""
    return [*map(write, _PATHS), request, *map(read, _PATHS)]


def bulk(path: str = DATABASE, **body: Any) -> Step:
    return step("POST", f"{path}:bulkDelete", body)


_NO_RULES: Sequence[Any] = (
    {},
    "",
    "{nonsense",
    "[]",
    {"a": 1},
    {"rules": 5},
    {"rules": {}},
    {"rules": {"files": 5}},
    {"rules": {"files": []}},
    {"rules": {"files": [5]}},
    {"rules": {"files": [{}]}},
    source(5),
    source(""),
)

STORIES: Mapping[str, Sequence[Step]] = {
    "the server is there": [step("GET", "/"), step("GET", "/nothing"), step("GET", "/reset"), step("GET", "/shutdown")],
    "a project without rules": [step("GET", _RULES), step("GET", _OWN_RULES)],
    "rules with a warning": [step("PUT", _RULES, source(VALID)), step("GET", _RULES), step("GET", _OWN_RULES)],
    "rules as rules-unit-testing sends them": [
        step("PUT", _RULES, {"rules": {"files": [{"content": VALID}]}}, "text/plain;charset=UTF-8"),
        step("GET", _RULES),
    ],
    "rules without a type": [step("PUT", _RULES, source(VALID), None)],
    "broken rules are refused": [
        step("PUT", _RULES, source(VALID)),
        step("PUT", _RULES, source(BROKEN)),
        step("GET", _RULES),
    ],
    "broken rules hold where that was asked for": [
        step("PUT", _RULES, source(BROKEN, ignore_errors=True)),
        step("GET", _RULES),
        step("PUT", _RULES, source(BROKEN, ignoreErrors=True)),
        step("PUT", _RULES, source(BROKEN, ignore_errors=False)),
    ],
    "rules of a database": [
        step("PUT", f"{PROJECT}/databases/second:securityRules", source(VALID)),
        step("GET", f"{PROJECT}/databases/second:securityRules"),
        step("GET", _RULES),
    ],
    "what are no rules": [step("PUT", _RULES, each) for each in _NO_RULES],
    "rules the wrong way": [step("POST", _RULES, source(VALID)), step("DELETE", _RULES)],
    "clearing a database": after(step("DELETE", f"{DATABASE}/documents")),
    "clearing a document and what is below": after(step("DELETE", f"{DATABASE}/documents/a/1")),
    "clearing a collection": after(step("DELETE", f"{DATABASE}/documents/a")),
    "clearing a collection below": after(step("DELETE", f"{DATABASE}/documents/a/1/b")),
    "clearing what is not there": [
        step("DELETE", f"{PROJECT}/databases/second/documents"),
        step("DELETE", f"{DATABASE}/documents/none/none"),
        step("DELETE", DATABASE),
    ],
    "deleting a collection everywhere": after(bulk(database=NAMED, collectionIds=["a"])),
    "deleting collections below": after(bulk(PROJECT, database=NAMED, collectionIds=["b", "none"])),
    "deleting nothing": [
        bulk(database=NAMED),
        bulk(database=NAMED, collectionIds=[]),
        bulk(collectionIds=["a"]),
        bulk(database=NAMED, collectionIds="a"),
        bulk(database=NAMED, collectionIds=[5, {}]),
        bulk(database=NAMED, nonsense=1),
    ],
    "indexes that queries would have needed": [
        step("GET", f"{PROJECT}:indexUsage?database={NAMED}"),
        query("b"),
        query("b"),
        query("c", "d"),
        query(),
        step("GET", f"{PROJECT}:indexUsage?database={NAMED}"),
        step("GET", f"/emulator/v1/projects/demo-other:indexUsage?database={NAMED}"),
    ],
    "functions of both generations": [
        step(
            "PUT",
            f"{PROJECT}/triggers/us-central1-fn-0",
            {
                "eventTrigger": {
                    "eventType": "providers/cloud.firestore/eventTypes/document.write",
                    "resource": f"{NAMED}/documents/users/{{uid}}",
                    "service": "firestore.googleapis.com",
                }
            },
        ),
        step(
            "POST",
            f"{PROJECT}/eventarcTrigger?eventarcTriggerId=us-central1-fn-1",
            {
                "eventType": "google.cloud.firestore.document.v1.written",
                "database": "(default)",
                "namespace": "(default)",
                "document": {"value": "users/{uid}", "matchType": "PATH_PATTERN"},
            },
        ),
        step("GET", f"{PROJECT}/triggers/us-central1-fn-0"),
        step("DELETE", f"{PROJECT}/triggers/us-central1-fn-0"),
    ],
    "indexes of nothing": [step("GET", f"{PROJECT}:indexUsage"), step("GET", f"{PROJECT}:indexUsage?database=x")],
}


def answers(address: str, steps: Sequence[Step], project: str) -> Iterator[dict[str, Any]]:
    """What a server answers: status, type, and the body as JSON where it is that. Times are left out."""
    with httpx.Client(base_url=f"http://{address}", trust_env=False, timeout=60) as client:
        for each in steps:
            headers = {**_OWNER, **({} if each["type"] is None else {"content-type": each["type"]})}
            content = None if each["body"] is None else each["body"].replace("{project}", project).encode()
            path = each["path"].replace("{project}", project)
            answer = client.request(each["method"], path, content=content, headers=headers)
            yield {
                "status": answer.status_code,
                "type": answer.headers.get("content-type"),
                "body": _body(answer, project),
            }


def _body(answer: httpx.Response, project: str) -> Any:
    text = answer.text.replace(project, "{project}")
    if not answer.headers.get("content-type", "").startswith("application/json"):
        return text
    return _settled(json.loads(text))


def _settled(body: Any) -> Any:
    """Without times, and with reports in an order of their own."""
    if isinstance(body, list):
        return [_settled(each) for each in body]
    if not isinstance(body, dict):
        return body
    kept = {name: _settled(each) for name, each in body.items() if not name.endswith("Time")}
    if "reports" in kept:
        kept["reports"].sort(key=json.dumps)
    return kept


def recorded() -> dict[str, list[dict[str, Any]]]:
    """By story, what Google's emulator answered to each step."""
    lines = RECORDED.read_text(encoding="utf-8").splitlines()
    return {each["story"]: each["answers"] for each in map(json.loads, lines)}


if __name__ == "__main__":
    with RECORDED.open("w", encoding="utf-8") as file:
        for name, steps in STORIES.items():
            found = list(answers(sys.argv[1], steps, f"demo-{uuid4().hex[:20]}"))
            file.write(json.dumps({"story": name, "answers": found}, ensure_ascii=False) + "\n")
