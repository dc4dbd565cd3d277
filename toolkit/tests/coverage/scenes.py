"""Rules and requests whose coverage is compared with the official emulator's, and how both are asked."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

RECORDED = Path(__file__).with_name("recorded.jsonl")
Json = dict[str, Any]

_HEAD = "rules_version = '2';\nservice cloud.firestore {\n  match /databases/{database}/documents {\n"
PLAIN = (
    "request.auth.uid == 'bob' && request.auth.token.role == 'admin'",
    "(request.auth != null) && isAna('ana') || id in ['q', 'r']",
    "{'a': 1, id: request.auth.uid} == {} || {}.size() == 0",
    "duration.value(1, 's') == duration.value(2500, 'ns') || latlng.value(1.0, 2.0) == null",
    "['a'].toSet() == ['b'].toSet() || {'a': 1, 'c': 2}.diff({'b': 2, 'c': 2}) == null",
    "b'ab' == /a/{b}/{c=**} || timestamp.date(2020, 1, 1) == 1.5 * 2",
    "-5 == [null, true, 1.5, float('NaN')] || null == -0.0 || 1.0 / 0.0 > 1",
    "request.method == 'get' ? id == 'x' : request.time == null",
    "!(id == 'y') && (id is string ? id.size() : 0) == 1",
    "deep(id, 1) && deep('y', 2)",
    "math.abs(-1) == 1 && debug(id) == 'x' && string(1) + 'é😀' == '1é😀'",
    "id[0:1] == 'x' && 'abc'[1] == 'b' && /a/$(id)[0] == 'a'",
    "hashing.md5('a') == b'x' || id.split('')[0] == 'x'",
    "path('a/b').bind({}) == /a/b && [[1], [2]] == [[1], [2.0]]",
    "allOf(id) || isAna(id)",
)
"""Conditions that come to true or false without any document: the official emulator evaluates them once."""

ERRING = (
    "request.auth.uid == 'ana' && request.auth.token.role == 'admin'",
    "request.auth.nope == 1",
    "1 / 0 == 1 || foo(1) || [1, 2][5] == 1",
    "duration.value(1, 'n') == null || latlng.value(100.0, 2.0) == null",
    "request.auth.uid && true || 'x'.matches(request.auth.uid) || ['a'][id]",
)
"""Conditions that come to an error: the official emulator evaluates them without documents and then with them."""

_FUNCTIONS = """\
    function isAna(x) {
      let who = request.auth.uid;
      return who == x && true;
    }
    function deep(x, n) { let a = x + 'z'; let b = a.size(); return b == n; }
    function allOf(x) { let unused = 1 / 0; return x == 'y' && x == 'x'; }
"""


def _matches(conditions: Sequence[str]) -> str:
    return "".join(f"    match /t{n}/{{id}} {{ allow get: if {each}; }}\n" for n, each in enumerate(conditions))


ONCE = (
    f"{_HEAD}{_FUNCTIONS}{_matches(PLAIN)}"
    "    match /w/{id} { allow create: if request.resource.data.n > 1 && request.resource.id == id; }\n"
    "    match /l/{id} { allow list: if resource.data.n > 2 && resource.data.a == 1 || request.query.limit < 5; }\n"
    "    match /open/{id} { allow read: if true; }\n  }\n}\n"
)
ERRORS = f"{_HEAD}{_matches(ERRING)}  }}\n}}\n"
REPEATED = (
    f"{_HEAD}    function f(x) {{ return x == 1; }}\n    match /a/{{id}} {{\n      allow get: if f(2);\n"
    "      allow get: if f(3) && f(4);\n      allow get: if f(5);\n    }\n    match /{all=**} {\n"
    "      allow get: if f(6);\n    }\n  }\n}\n"
)
"""Several allows for one request."""
TWICE = f"{_HEAD}    match /a/{{id}} {{ allow get: if resource.data.n == 1 || id == 'y'; }}\n  }}\n}}\n"
"""A condition that needs a document."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request over REST, below the documents of a project, as the admin if there is no `uid`."""

    verb: str
    target: str
    body: Json | None = None
    uid: str | None = "ana"


def _query(collection: str, **more: Any) -> Asked:
    return Asked("POST", ":runQuery", {"structuredQuery": {"from": [{"collectionId": collection}], **more}})


def _filter(operator: str, value: int) -> Json:
    filtered = {"field": {"fieldPath": "n"}, "op": operator, "value": {"integerValue": str(value)}}
    return {"fieldFilter": filtered}


def _fields(n: int) -> Json:
    return {"fields": {"n": {"integerValue": str(n)}}}


SCENES: dict[str, tuple[str, Sequence[Asked]]] = {
    "once": (
        ONCE,
        (
            *(Asked("GET", f"/t{n}/{name}") for n in range(len(PLAIN)) for name in ("x", "y", "x")),
            Asked("GET", "/t1/q", uid="bob"),
            Asked("GET", "/open/x"),
            Asked("POST", "/w?documentId=one", _fields(1)),
            Asked("POST", "/w?documentId=two", _fields(2)),
            _query("l", where=_filter("GREATER_THAN", 5), limit=3),
            _query("l", where=_filter("EQUAL", 5), limit=7),
            _query("l", where=_filter("GREATER_THAN", 5)),
            _query("l", where=_filter("EQUAL", 5)),
            _query("l"),
        ),
    ),
    "errors": (
        ERRORS,
        (*(Asked("GET", f"/t{n}/{name}") for n in range(len(ERRING)) for name in ("x", "y")),),
    ),
    "repeated": (REPEATED, (Asked("GET", "/a/x"),)),
    "twice": (TWICE, (Asked("POST", "/a?documentId=x", _fields(1), uid=None), Asked("GET", "/a/x"))),
}


def asked(http: httpx.Client, project: str, name: str) -> Json:
    """The report on a scene's rules after its requests."""
    text, requests = SCENES[name]
    put_rules(http, project, text)
    for each in requests:
        documents = f"/v1/projects/{project}/databases/(default)/documents"
        bearer = "owner" if each.uid is None else _token(each.uid)
        http.request(each.verb, documents + each.target, json=each.body, headers={"Authorization": f"Bearer {bearer}"})
    return report(http, project)


def put_rules(http: httpx.Client, project: str, text: str) -> bool:
    """Whether the server took them."""
    body = {"rules": {"files": [{"name": "firestore.rules", "content": text}]}}
    return http.put(f"/emulator/v1/projects/{project}:securityRules", json=body).is_success


def report(http: httpx.Client, project: str) -> Json:
    """The coverage so far."""
    answer: Json = http.get(f"/emulator/v1/projects/{project}:ruleCoverage").json()
    return answer


def recorded() -> Iterator[Json]:
    """The official reports, each with its `scene`."""
    for line in RECORDED.read_text(encoding="utf-8").splitlines():
        yield json.loads(line)


def _token(uid: str) -> str:
    parts = ({"alg": "none", "type": "JWT"}, {"sub": uid, "user_id": uid})
    return ".".join([*(base64.urlsafe_b64encode(json.dumps(each).encode()).decode().rstrip("=") for each in parts), ""])
