"""The judge of servers: what one answers differently from a recording is told, and explained only if it is."""

import json
from base64 import urlsafe_b64decode
from collections.abc import Mapping
from typing import Any

import pytest

from firewarden.rules.recordings import Discrepancy, explanation, sending
from firewarden.rules.recordings.answers import (
    Answer,
    compared_program,
    compared_request,
    compared_rules,
    documents_of,
    is_same_value,
)

Json = Mapping[str, Any]
OK = Answer(200, {})
NAME = f"{sending.DATABASE}/documents/c/a"


def refused(message: str, http_status: int = 403, status: str = "PERMISSION_DENIED") -> Answer:
    return Answer(http_status, {"error": {"code": http_status, "status": status, "message": message}})


def kind_of(discrepancy: Discrepancy | None) -> str | None:
    return discrepancy.kind if discrepancy else None


def test_a_source_must_be_accepted_or_refused_as_recorded() -> None:
    accepted: Json = {"accepted": True, "issues": [{"line": 2, "column": 10, "description": "Unused function: f."}]}
    warned = {"line": 2, "column": 10}
    answer = Answer(200, {"issues": [{"sourcePosition": warned, "description": "Unused function: f."}]})
    assert compared_rules(accepted, answer) is None
    assert compared_rules({**accepted, "issues": ["Unused function: f."]}, answer) is None
    assert kind_of(compared_rules(accepted, OK)) == "message"
    assert compared_rules(accepted, refused("L1:1 No.")) == Discrepancy("outcome", "accepted", "refused")
    rejected: Json = {"accepted": False, "error": "L1:1 No."}
    assert compared_rules(rejected, OK) == Discrepancy("outcome", "refused", "accepted")
    assert compared_rules(rejected, refused("L1:1 No.")) is None
    assert kind_of(compared_rules(rejected, refused("L1:2 No."))) == "message"


def test_a_program_must_be_decided_as_recorded() -> None:
    missing = refused("No document.", 404, "NOT_FOUND")
    allowed: Json = {"allow": True, "http": 404, "message": None}
    assert compared_program(allowed, missing) is None
    assert kind_of(compared_program(allowed, OK)) == "outcome"
    assert kind_of(compared_program(allowed, refused("No."))) == "outcome"
    assert compared_program({"allow": False, "message": "No."}, refused("No.")) is None
    assert kind_of(compared_program({"allow": False, "message": "Never."}, refused("No."))) == "message"


def test_a_request_must_end_as_recorded() -> None:
    """With the same status, values and message."""
    denied: Json = {"outcome": "deny", "http_status": 403, "grpc_status": "PERMISSION_DENIED", "message": "No."}
    assert compared_request(denied, refused("No."), {}, {}) is None
    assert kind_of(compared_request(denied, refused("Never."), {}, {})) == "message"
    different = compared_request(denied, OK, {}, {})
    assert different is not None
    assert (different.kind, different.expected["message"], different.got["outcome"]) == ("outcome", "No.", "allow")
    done: Json = {"outcome": "allow", "http_status": 200, "grpc_status": "OK", "message": None}
    assert compared_request({**done, "changed": {}}, OK, {"c/a": {}}, {"c/a": {}}) is None
    assert kind_of(compared_request({**done, "changed": {}}, OK, {"c/a": {}}, {})) == "value"


DOCUMENT: Json = {"name": NAME, "fields": {"x": {"integerValue": "1"}}}


@pytest.mark.parametrize(
    ("body", "returned"),
    [
        (DOCUMENT, ["c/a"]),
        ({"documents": [DOCUMENT]}, ["c/a"]),
        ({}, []),
        ([{"document": DOCUMENT}, {"readTime": "now"}], ["c/a"]),
        ([{"found": DOCUMENT}, {"missing": f"{NAME}b"}], ["c/a"]),
    ],
)
def test_a_request_must_return_what_was_recorded(body: Any, returned: list[str]) -> None:
    """However the documents come: one, a list, a stream; and in that order."""
    done: Json = {"outcome": "allow", "http_status": 200, "grpc_status": "OK", "message": None}
    answer = Answer(200, body)
    assert compared_request({**done, "returned": returned, "response": body}, answer, {}, {}) is None
    assert kind_of(compared_request({**done, "returned": [*returned, "c/b"]}, answer, {}, {})) == "value"
    assert kind_of(compared_request({**done, "response": [1]}, answer, {}, {})) == "value"
    assert documents_of(answer) == dict.fromkeys(returned, DOCUMENT["fields"])


def test_the_body_of_an_error_is_compared_if_it_is_recorded() -> None:
    answer = refused("No.")
    failed: Json = {**answer.told(), "message": "No."}
    assert compared_request({**failed, "error_body": answer.body}, answer, {}, {}) is None
    assert kind_of(compared_request({**failed, "error_body": [answer.body]}, answer, {}, {})) == "value"


@pytest.mark.parametrize(
    ("recorded", "verb", "path", "body"),
    [
        ({"method": "get", "path": "c/a", "query": "mask.fieldPaths=x"}, "GET", "/c/a?mask.fieldPaths=x", None),
        ({"method": "update", "path": "c/%2Fa", "body": {"fields": {}}}, "PATCH", "/c/%2Fa", '{"fields": {}}'),
        ({"method": "runQuery", "path": "c/a", "body": {}}, "POST", "/c/a:runQuery", "{}"),
        ({"method": "commit", "raw": "{"}, "POST", ":commit", "{"),
    ],
)
def test_a_request_is_sent_as_it_was(recorded: Json, verb: str, path: str, body: str | None) -> None:
    target = f"/v1/{sending.DATABASE}/documents{path}"
    assert sending.request(recorded, None) == sending.Outgoing(verb, target, body)


@pytest.mark.parametrize(
    ("caller", "header"), [(None, None), ("owner", "Bearer owner"), ("Bearer x.y.", "Bearer x.y.")]
)
def test_a_caller_is_who_it_was(caller: Any, header: str | None) -> None:
    assert sending.authorization(caller) == header


def test_claims_are_sent_as_a_token_that_nobody_signed() -> None:
    header, payload, signature = str(sending.authorization({"sub": "ana"})).removeprefix("Bearer ").split(".")
    assert json.loads(urlsafe_b64decode(header + "=="))["alg"] == "none"
    assert json.loads(urlsafe_b64decode(payload + "==")) == {"sub": "ana"}
    assert signature == ""


def test_before_a_request_the_rules_and_documents_are_put_in_place_by_the_owner() -> None:
    rules, cleared = sending.rules_put("service"), sending.cleared()
    assert (rules.verb, cleared.verb) == ("PUT", "DELETE")
    assert json.loads(str(rules.body)) == {"rules": {"files": [{"name": "firestore.rules", "content": "service"}]}}
    stored = sending.stored({"c/a": DOCUMENT["fields"]})
    assert json.loads(str(stored.body)) == {"writes": [{"update": DOCUMENT}]}
    assert stored.authorization == sending.everything().authorization == sending.OWNER


@pytest.mark.parametrize(
    ("expected", "got", "same"),
    [
        (1, 1, True),
        (1, True, False),
        ([1, 2], [1], False),
        ({"a": 1, "updateTime": "x"}, {"a": 1, "updateTime": "y"}, True),
        ({"error": {"code": 5, "message": "x"}}, {"error": {"code": 5, "message": "y"}}, True),
        ("$NOW", "2026-05-01T10:00:00.123Z", True),
        ("$NOW", "now", False),
        (f"{sending.DATABASE}/documents/c/$ID", f"{sending.DATABASE}/documents/c/x1", True),
        (f"{sending.DATABASE}/documents/c/$ID", f"{sending.DATABASE}/documents/d/x1", False),
    ],
)
def test_a_value_is_compared_apart_from_what_no_two_servers_answer_alike(expected: Any, got: Any, same: bool) -> None:
    assert is_same_value(expected, got) is same


def request(method: str, **body: Any) -> dict[str, Any]:
    return {"request": {"method": method, "body": body}, "outcome": "deny"}


REFUSED = Discrepancy("outcome", {"http_status": 200}, {"http_status": 400})
MESSAGES = Discrepancy("message", "one", "other")


@pytest.mark.parametrize(
    ("format_", "record", "discrepancy"),
    [
        ("expr", {}, MESSAGES),
        ("request", request("runQuery"), MESSAGES),
        ("request", request("batchGet", documents=[NAME]), REFUSED),
        ("request", request("commit", writes=[{"update": {"name": NAME}}]), REFUSED),
        ("request", request("runQuery"), Discrepancy("value", {"response": []}, {"response": []})),
        ("request", request("runAggregationQuery"), Discrepancy("value", {"changed": {}}, {"changed": {"c/a": {}}})),
        (
            "request",
            request("runAggregationQuery"),
            Discrepancy("value", {"response": [{"result": 1, "done": True}]}, {"response": [{"result": 2}]}),
        ),
    ],
)
def test_what_nothing_explains(format_: str, record: Json, discrepancy: Discrepancy) -> None:
    assert explanation(format_, record, discrepancy) is None


@pytest.mark.parametrize(
    "writes",
    [
        {"delete": "projects/other/databases/(default)/documents/c/a"},
        {"verify": "projects/other/databases/(default)/documents/c/a"},
        {"update": {"name": f"projects/{sending.PROJECT}/databases/other/documents/c/a"}},
        {"transform": {"document": f"projects/{sending.PROJECT}/databases/other/documents/c/a"}},
    ],
)
def test_a_document_of_another_database_is_refused_by_us_alone(writes: Json) -> None:
    record = request("commit", writes=[{"delete": NAME}, writes])
    assert explanation("request", record, REFUSED) == "a document of another project or database"
    assert explanation("request", record, Discrepancy("outcome", {}, {"http_status": 403})) is None


def test_the_mark_of_the_last_aggregation_is_the_emulators_alone() -> None:
    marked = Discrepancy("value", {"response": [{"result": 1}, {"done": True}]}, {"response": [{"result": 1}, {}]})
    assert explanation("list", request("runAggregationQuery"), marked) == "the mark at the end of an aggregation"


FALSE, ERROR = "false for 'create' @ L3", "Null value error. for 'create' @ L3"


@pytest.mark.parametrize(
    ("message", "is_explained"),
    [(FALSE, True), (f"{ERROR}, {FALSE}", True), (f"{FALSE}, {ERROR}", False), (ERROR, False)],
)
def test_the_order_of_a_commit_is_explained_only_by_an_order_that_it_can_have(message: str, is_explained: bool) -> None:
    """Of two documents the false one ends the request; only the other may have been judged before it."""
    source = (
        "rules_version = '2';\nservice cloud.firestore { match /databases/{db}/documents { match /c/{id} {\n"
        "allow create: if id == 'b' && nope;\n} } }"
    )
    new: Json = {"currentDocument": {"exists": False}}
    names = (f"{sending.DATABASE}/documents/c/{name}" for name in "ab")
    asked = request("commit", writes=[{"update": {"name": name, "fields": {}}, **new} for name in names])
    record = {**asked, "rules": source, "documents": {}, "auth": None}
    explained = explanation("request", record, Discrepancy("message", f"\n{message}", ""))
    assert explained == ("order of the documents of a commit" if is_explained else None)
