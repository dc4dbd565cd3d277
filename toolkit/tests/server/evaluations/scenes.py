"""Requests of users, one after the other, and how an engine is asked for what it tells of each."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import httpx

from firewarden.testing import unsigned_id_token
from toolkit.tests.server.evaluations.listener import Listener

RECORDED = Path(__file__).with_name("recorded.jsonl")
Json = dict[str, Any]

RULES = """\
rules_version = '2';
service cloud.firestore {
  match /databases/{database}/documents {
    function mine(id) {
      return request.auth.uid == id;
    }
    match /notes/{id} {
      allow get: if id == 'a';
      allow get: if resource.data.owner == 'x' && 1 < 2;
      allow list: if request.query.limit <= 3;
      allow create: if mine(id);
      allow update: if 1 / 0 == 2;
      allow write: if get(/databases/$(database)/documents/notes/a).data.n == 1;
    }
    match /open/{id} {
      allow
        get:
          if true
            && true;
      allow get, list;
      allow create: if request.resource.data.n == 1;
    }
    match /open/{id=**} { allow get: if resource.data.x == 1; }
    match /own/{id} { allow list: if resource.data.owner == request.auth.uid && resource.data.n > 3; }
    match /done/{id} { allow get; }
  }
}
"""
DONE = "done/it"
"""Read after every scene: when an engine tells of it, it has told of all before."""


PARTS = ("rulesReleaseKey", "requestId", "rules", "time", "rulesContext", "granularAllowOutcomes", "outcome")


class Scene(NamedTuple):
    """One request, `{root}` standing for the documents of the database; of a guest if there is no `uid`."""

    name: str
    method: str
    path: str
    body: Any = None
    uid: str | None = None


def _query(collection: str, **more: Any) -> Json:
    return {"from": [{"collectionId": collection}], **more}


def _is(field: str, operator: str, value: Any) -> Json:
    return {"fieldFilter": {"field": {"fieldPath": field}, "op": operator, "value": value}}


def _all_of(operator: str, filters: Sequence[Json]) -> Json:
    return {"compositeFilter": {"op": operator, "filters": filters}}


def _list(name: str, query: Json, *, uid: str | None = None) -> Scene:
    return Scene(name, "POST", ":runQuery", {"structuredQuery": query}, uid)


def _commit(name: str, numbers: Mapping[str, int]) -> Scene:
    def create(path: str, number: int) -> Json:
        document = {"name": f"{{root}}/{path}", "fields": {"n": {"integerValue": str(number)}}}
        return {"update": document, "currentDocument": {"exists": False}}

    return Scene(name, "POST", ":commit", {"writes": [create(*each) for each in numbers.items()]})


_FIELDS = {"n": {"integerValue": "1"}, "where": {"geoPointValue": {"latitude": 1, "longitude": 2}}}
_WRITTEN = {"fields": _FIELDS}
_ANA, _BOB = {"stringValue": "ana"}, {"stringValue": "bob"}
_PROMISES = [_is("owner", "EQUAL", _ANA), _is("n", "GREATER_THAN", _FIELDS["n"])]
_EITHER = [_is("owner", "EQUAL", each) for each in (_ANA, _BOB)]
_COUNT = {"structuredQuery": _query("notes", limit=2), "aggregations": [{"alias": "n", "count": {}}]}

SCENES = (
    Scene("get-allowed", "GET", "/notes/a"),
    Scene("get-missing", "GET", "/notes/b"),
    Scene("get-matches-nothing", "GET", "/none/b"),
    Scene("get-mask", "GET", "/notes/a?mask.fieldPaths=n", uid="ana"),
    Scene("get-two-blocks", "GET", "/open/a"),
    Scene("get-admin", "GET", "/notes/a", uid="owner"),
    Scene("update", "PATCH", "/notes/a?updateMask.fieldPaths=n", _WRITTEN),
    Scene("create-by-patch", "PATCH", "/notes/ana", _WRITTEN, "ana"),
    Scene("create", "POST", "/notes?documentId=q", _WRITTEN),
    Scene("delete", "DELETE", "/notes/q"),
    _list("list-allowed", _query("notes", limit=3)),
    _list("list-denied", _query("notes", limit=4)),
    _list("list-without-limit", _query("notes")),
    Scene("list-documents", "GET", "/notes?pageSize=3"),
    _list("list-promises", _query("own", where=_all_of("AND", _PROMISES)), uid="ana"),
    _list("list-either", _query("own", where=_all_of("OR", _EITHER)), uid="ana"),
    _list("list-group", {"from": [{"collectionId": "notes", "allDescendants": True}]}),
    Scene("count", "POST", ":runAggregationQuery", {"structuredAggregationQuery": _COUNT}),
    _commit("commit-second-denied", {"open/p": 1, "open/q": 2, "open/r": 1}),
    _commit("commit", {"open/s": 1, "open/t": 1}),
    Scene("batch-get", "POST", ":batchGet", {"documents": ["{root}/notes/a", "{root}/open/s"]}),
    Scene("batch-get-mask", "POST", ":batchGet", {"documents": ["{root}/notes/a"], "mask": {"fieldPaths": ["n"]}}),
    Scene("list-documents-mask", "GET", "/notes?pageSize=3&mask.fieldPaths=n&mask.fieldPaths=__name__"),
    Scene("transaction", "POST", ":batchGet", {"documents": ["{root}/notes/a"], "newTransaction": {}}),
)


def asked(host: str, port: int, project: str) -> Iterator[Json]:
    """What an engine tells of every scene, without what differs from run to run."""
    root = f"projects/{project}/databases/(default)/documents"
    owner = {"Authorization": "Bearer owner"}
    with httpx.Client(base_url=f"http://{host}", trust_env=False, timeout=60) as http:
        put = {"rules": {"files": [{"name": "firestore.rules", "content": RULES}]}}
        http.put(f"/emulator/v1/projects/{project}:securityRules", json=put).raise_for_status()
        seed = {"fields": {"n": {"integerValue": "1"}, "owner": {"stringValue": "y"}}}
        http.patch(f"/v1/{root}/notes/a", headers=owner, json=seed).raise_for_status()
        listener = Listener(port)
        listener.text()
        for each in SCENES:
            body = json.loads(json.dumps(each.body).replace("{root}", root))
            headers = _headers(each.uid, project)
            answer = http.request(each.method, f"/v1/{root}{each.path}", headers=headers, json=body)
            http.get(f"/v1/{root}/{DONE}")
            told = [_without_times(one) for one in _until_done(listener)]
            yield {"scene": each.name, "status": answer.status_code, "told": told}
        listener.close()


def _headers(uid: str | None, project: str) -> Mapping[str, str]:
    if uid is None:
        return {}
    token = uid if uid == "owner" else unsigned_id_token(uid, {}, project=project)
    return {"Authorization": f"Bearer {token}"}


def _until_done(listener: Listener) -> Iterator[Json]:
    while not (told := listener.text())["rulesContext"]["path"].endswith(DONE):
        assert tuple(told) == PARTS
        assert told["rules"] == RULES
        yield told


def _without_times(told: Mapping[str, Any]) -> Json:
    context = dict(told["rulesContext"])
    seen = context["request"]["mapValue"]["fields"]
    assert seen.pop("time") == {"timestampValue": context.pop("time")}
    if "mapValue" in seen["auth"]:
        del seen["auth"]["mapValue"]["fields"]["token"]  # tells when it was issued
    return {**context, "request": seen, "lines": told["granularAllowOutcomes"], "outcome": told["outcome"]}


def recorded() -> Sequence[Json]:
    """Google's emulator's, as it told them."""
    return [json.loads(line) for line in RECORDED.read_text(encoding="utf-8").splitlines()]
