"""The judge itself: what differs is noticed, made small, explained only if it is, and kept to be replayed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from firewarden.language import parse_expression, print_expression
from firewarden.rules.recordings.explained import orders
from firewarden.rules.recordings.replay import format_of, replay
from toolkit.tests.conformance.rules import found
from toolkit.tests.conformance.rules.differences import Difference, of_decision
from toolkit.tests.conformance.rules.known import EXPLANATIONS, reason_of
from toolkit.tests.conformance.rules.official import NAMES
from toolkit.tests.conformance.rules.ours import Engine
from toolkit.tests.conformance.rules.reductions import smaller_json, smaller_trees

RULES = """rules_version = '2';
service cloud.firestore {
  match /databases/{database}/documents {
    match /c/{id} { allow read: if id == 'a'; }
    match /d/{id} { allow create: if resource != null; }
    match /e/{id} { allow create: if 1 / 0 == 1; }
  }
}
"""
DENIED = {"outcome": "deny", "http_status": 403, "grpc_status": "PERMISSION_DENIED"}
ALLOWED = {"outcome": "allow", "http_status": 200, "grpc_status": "OK", "message": None}
STORED = sorted(found.FOLDER.glob("*.jsonl"))


def record(path: str, answer: dict[str, Any]) -> dict[str, Any]:
    return {"rules": RULES, "documents": {}, "auth": None, "request": {"method": "get", "path": path}, **answer}


def judged(made: dict[str, Any]) -> Difference | None:
    engine = Engine.of(made["rules"])
    assert engine is not None
    return of_decision(made, engine)


@pytest.mark.parametrize(
    ("path", "answer", "kind"),
    [
        ("c/a", ALLOWED, None),
        ("c/b", {**DENIED, "message": "\nfalse for 'get' @ L4"}, None),
        ("c/a", {**DENIED, "message": "\nfalse for 'get' @ L4"}, "outcome"),
        ("c/b", ALLOWED, "outcome"),
        ("c/b", {**DENIED, "message": "\nfalse for 'get' @ L5"}, "message"),
        ("c/b", {**DENIED, "message": "\nfalse for 'get' @ L4, false for 'get' @ L4"}, "message"),
        ("c/b", {**DENIED, "message": "No matching allow statements"}, "message"),
        ("c/b", {"outcome": "error", "http_status": 500, "grpc_status": "UNKNOWN", "message": None}, "outcome"),
        ("c/b", {"outcome": "error", "http_status": 400, "grpc_status": "INVALID_ARGUMENT", "message": "no"}, None),
    ],
)
def test_each_kind_of_difference_is_noticed(path: str, answer: dict[str, Any], kind: str | None) -> None:
    difference = judged(record(path, answer))
    assert (difference and difference.kind) == kind


def commit(*paths: str) -> dict[str, Any]:
    writes = [
        {"update": {"name": f"{NAMES}/documents/{path}", "fields": {}}, "currentDocument": {"exists": False}}
        for path in paths
    ]
    return {"method": "commit", "body": {"writes": writes}}


def test_another_order_of_documents_is_explained_only_by_an_order() -> None:
    """The entries that judging the second document first would give are explained; a wrong entry is not."""
    first = "evaluation error at L5:38 for 'create' @ L5"
    second = "Divide by zero error. for 'create' @ L6"
    other = "false for 'create' @ L5"
    question = {**record("", DENIED), "request": commit("d/a", "e/a")}
    asked = [f"\n{first}, {second}, {each}" for each in (other, second, "false for 'create' @ L6")]
    differences = [judged({**question, "message": message}) for message in asked]
    assert differences[0] is None
    assert [each and reason_of(each) for each in differences[1:]] == ["order of the documents of a commit", None]


RECORDED_ORDERS = [
    "c/c c/d c/a c/b c/g c/h c/e c/f",
    "c/d c/c c/b c/a c/h c/g c/f c/e",
    "d/h d/e d/c d/b d/g d/d d/a d/f",
    "e/a d/a b/a f/a g/a c/a h/a a/a",
    "c/a/s/h c/a/s/e c/a/s/d c/a/s/g c/a/s/f c/a/s/a c/a/s/c c/a/s/b",
    "users/ben c/a c/a/s/a e/1 users/ana d/a",
    "users/ana c/a/s/a e/1 d/a users/ben c/a",
]


@pytest.mark.parametrize("recorded", RECORDED_ORDERS)
def test_documents_come_in_few_orders(recorded: str) -> None:
    """At most 16 of the 40,320 orders of eight documents, and what the emulator was seen to do is among them."""
    order = [tuple(path.split("/")) for path in recorded.split()]
    possible = {tuple(each) for each in orders(sorted(order))}
    assert tuple(order) in possible
    assert len(possible) <= 16


def test_whatever_explains_a_difference_is_documented() -> None:
    page = (Path(__file__).parents[2] / "docs" / "differences.md").read_text()
    assert [name for name in EXPLANATIONS if f"| {name} |" not in page] == []


def test_a_tree_is_made_smaller_in_every_place() -> None:
    tree = parse_expression("f(a, [b])")
    assert not isinstance(tree, tuple)
    smaller = [print_expression(each) for each in smaller_trees(tree)]
    assert smaller[:2] == ["a", "[b]"]
    assert {"f(a)", "f([b])", "f(a, b)", "f(a, [])", "f(a, [1])", "f(null, [b])"} <= set(smaller)


def test_json_is_made_smaller_in_every_place() -> None:
    smaller = list(smaller_json({"a": [1, {"b": 2}], "c": 3}))
    expected = [{"c": 3}, {"a": [1, {"b": 2}]}, {"a": [{"b": 2}], "c": 3}, {"a": [1], "c": 3}, {"a": [1, {}], "c": 3}]
    assert smaller == expected


def test_a_difference_is_stored_once_and_can_be_replayed(tmp_path: Path) -> None:
    difference = judged(record("c/b", ALLOWED))
    assert difference is not None
    (added,) = found.store([difference, difference], tmp_path)
    stored = json.loads((tmp_path / "request.jsonl").read_text())
    assert stored["id"] == added
    assert format_of(stored) == "list"  # requests and queries have the same keys, and are replayed alike
    discrepancy = replay("request", stored)
    assert discrepancy is not None
    assert discrepancy.kind == "outcome"


@pytest.mark.parametrize("path", STORED, ids=lambda path: path.stem)
def test_what_was_once_found_stays_found(path: Path) -> None:
    """Every difference that the generator has found is answered as the emulator did."""
    records = [json.loads(line) for line in path.read_text().splitlines()]
    assert [each["id"] for each in records if replay(path.stem, each)] == []


@pytest.mark.parametrize(("required", "code"), [("", 0), ("1", 2)])
def test_without_an_emulator_the_command_says_so(required: str, code: int) -> None:
    """Its absence is a failure only where it is required."""
    command = [sys.executable, str(Path(found.__file__).parent), "--decisions", "1"]
    environ = {**os.environ, "FIRESTORE_EMULATOR_HOST": "127.0.0.1:9", "REQUIRE_OFFICIAL": required}
    done = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)  # noqa: S603 - ours
    assert done.returncode == code
    assert "127.0.0.1:9" in done.stderr
    assert "nothing compared" in done.stderr or required
