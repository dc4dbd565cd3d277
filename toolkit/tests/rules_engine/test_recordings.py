"""Recordings of every kind are asked again as they were asked, and whatever is answered differently is told.

The answers are those of Google's emulator 1.19.9 unless a test says that it falsified them.
"""

from collections.abc import Mapping
from typing import Any

import pytest

from firewarden.rules.compiler.code import TOO_MANY_EXPRESSIONS
from firewarden.rules.recordings import format_of, replay, wire

Json = Mapping[str, Any]
DATABASE = "projects/demo-x/databases/(default)"
NAME = f"{DATABASE}/documents/c/a"
HEAD = "rules_version = '2';\nservice cloud.firestore {\n  match /databases/{database}/documents {\n"
NO_MATCH = "No matching allow statements"
DENIED = {"outcome": "deny", "http_status": 403, "grpc_status": "PERMISSION_DENIED"}
ALLOWED = {"outcome": "allow", "http_status": 200, "grpc_status": "OK", "message": None}


def recorded(body: str, request: Json, answer: Json) -> dict[str, Any]:
    """A guest's request; the body's first line is the file's fourth."""
    documents = {"c/a": {"x": {"integerValue": "1"}, "l": {"arrayValue": {"values": [{"integerValue": "2"}]}}}}
    return {"rules": f"{HEAD}{body}\n}} }}", "documents": documents, "auth": None, "request": request, **answer}


def kind_of(format_: str, record: Json) -> str | None:
    """In what the answer differs."""
    discrepancy = replay(format_, record)
    return discrepancy.kind if discrepancy else None


VALUES: list[Json] = [
    {"expr": "/a/$('')", "outcome": "value", "value": {"path": "/a/", "segments": ["a", ""]}},
    {
        "expr": "/a/{b=**}",
        "outcome": "value",
        "value": {"path_segments": [{"simple": "a"}, {"globCapture": {"variableName": "b"}}]},
    },
    {"expr": "path('{x}')", "outcome": "value", "value": {"path_segments": [{"capture": {"variableName": "x"}}]}},
]


@pytest.mark.parametrize("record", VALUES, ids=[each["expr"] for each in VALUES])
def test_paths_are_compared_segment_by_segment(record: Json) -> None:
    """Where they could be mistaken for others. Warnings, which these records leave out, count as messages."""
    assert kind_of("expr", record) == "message"
    assert kind_of("expr", {**record, "value": {"path": "/a"}}) == "value"


def test_an_error_inside_a_function_is_placed_in_the_functions() -> None:
    warning = {"in": "functions", "line": 1, "column": 23, "description": "Invalid variable name: e."}
    functions = "function f() { return e; }"
    record = {"expr": "f()", "functions": functions, "outcome": "error", "message": "Null value error."}
    placed = {**record, "in": "functions", "line": 1, "column": 23, "warnings": [warning]}
    assert kind_of("expr", placed) is None
    assert kind_of("expr", {**placed, "in": None}) == "message"


def test_where_the_emulator_failed_so_must_we() -> None:
    record = {"expr": "'abc'.replace('(a)', '$2')", "outcome": "error", "message": None}
    assert kind_of("expr", {**record, "http": 500}) is None
    assert kind_of("expr", record) == "outcome"


def test_a_used_up_budget_is_an_error() -> None:
    record = {"expr": f"[{', '.join(['1'] * 1000)}].size() > 0", "outcome": "error", "message": TOO_MANY_EXPRESSIONS}
    assert kind_of("expr", {**record, "line": 1, "column": 1}) is None
    assert kind_of("expr", {**record, "outcome": "value", "value": {"bool": True}}) == "outcome"


REQUESTS = {
    "a list that shows missing documents is the owner's": recorded(
        "match /{d=**} { allow read: if true; }",
        {"method": "list", "path": "c", "query": "showMissing=true"},
        {**DENIED, "message": "Metadata operations require admin authentication."},
    ),
    "a get of a collection is a list": recorded(
        "match /{d=**} { allow read: if false; }",
        {"method": "get", "path": "c"},
        {**DENIED, "message": "\nfalse for 'list' @ L4"},
    ),
    "documents are got together": recorded(
        "match /c/{id} { allow list: if true; }",
        {"method": "batchGet", "body": {"documents": [NAME, f"{DATABASE}/documents/c/nope"]}},
        {**DENIED, "message": NO_MATCH},
    ),
    "in a transaction they are got with it": recorded(
        "match /c/{id} { allow read: if request.inTransaction == false; }",
        {"method": "batchGet", "body": {"documents": [NAME], "transaction": "$TXN"}},
        {**DENIED, "message": "\nfalse for 'get' @ L4"},
    ),
    "a list may be ordered downwards": recorded(
        "match /c/{id} { allow list: if request.query.limit <= 10; }",
        {"method": "list", "path": "c", "query": "orderBy=x%20desc"},
        {**DENIED, "message": "\nfalse for 'list' @ L4"},
    ),
    "a commit may only verify": recorded(
        "match /c/{id} { allow create: if true; }",
        {"method": "commit", "body": {"writes": [{"verify": NAME, "currentDocument": {"exists": True}}]}},
        {**DENIED, "message": NO_MATCH},
    ),
    "elements of an array are removed": recorded(
        "match /c/{id} { allow write: if request.resource.data.l == []; }",
        {
            "method": "commit",
            "body": {
                "writes": [
                    {
                        "update": {"name": NAME, "fields": {}},
                        "updateMask": {"fieldPaths": []},
                        "updateTransforms": [
                            {"fieldPath": "l", "removeAllFromArray": {"values": [{"integerValue": "2"}]}}
                        ],
                    }
                ]
            },
        },
        ALLOWED,
    ),
    "a time of update in the address is that of no document": recorded(
        "match /c/{id} { allow update: if true; }",
        {
            "method": "update",
            "path": "c/a",
            "query": "currentDocument.updateTime=2020-01-01T00:00:00Z",
            "body": {"fields": {"x": {"integerValue": "2"}}},
        },
        {**DENIED, "message": NO_MATCH},
    ),
}


@pytest.mark.parametrize("record", REQUESTS.values(), ids=REQUESTS)
def test_every_kind_of_request_is_asked_again(record: Json) -> None:
    assert replay("request", record) is None


def test_a_decision_that_differs_is_told_with_both_messages() -> None:
    """Falsified: what was denied as if it were allowed, and the reverse."""
    denied, allowed = REQUESTS["documents are got together"], REQUESTS["elements of an array are removed"]
    discrepancy = replay("request", {**denied, **ALLOWED})
    assert discrepancy is not None
    assert discrepancy.kind == "outcome"
    assert discrepancy.expected == {"outcome": "allow", "message": None}
    assert discrepancy.got == {"outcome": "deny", "message": NO_MATCH}
    assert kind_of("request", {**allowed, **DENIED, "message": NO_MATCH}) == "outcome"
    assert kind_of("request", {**denied, "message": "\nfalse for 'get' @ L4"}) == "message"


PROGRAM = {
    "source": (
        "rules_version = '2';\nservice cloud.firestore { match /databases/%28default%29/documents/e/x { allow get; } }"
    ),
    "request": {"method": "get", "path": "/databases/(default)/documents/e/x"},
    "accepted": True,
    "allow": True,
    "message": None,
}


def test_a_program_is_compiled_and_asked() -> None:
    """Falsified in each of its answers."""
    assert kind_of("program", PROGRAM) is None
    assert kind_of("program", {**PROGRAM, "allow": False, "message": NO_MATCH}) == "outcome"
    assert kind_of("program", {**PROGRAM, "accepted": False, "error": "Error compiling rules:\n"}) == "outcome"
    assert kind_of("program", {**PROGRAM, "source": PROGRAM["source"].replace("; } }", "; }")}) == "outcome"  # type: ignore[attr-defined]


def test_the_format_of_a_record_is_told_from_its_keys() -> None:
    shape = {"unit": "1", "shape": "literal", "max_n": 3}
    compiled = {"source": "", "accepted": False, "error": ""}
    records = [shape, PROGRAM, compiled, VALUES[0], REQUESTS["a get of a collection is a list"], {"outcome": "allow"}]
    assert [format_of(each) for each in records] == ["limits", "program", "compile", "expr", "list", None]


@pytest.mark.parametrize("text", ["2026-05-01", "2026-05-01T10:00:00", "yesterday", "2026-05-01T10:00:00.1234567890Z"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no RFC 3339 time"):
        wire.timestamp(text)
