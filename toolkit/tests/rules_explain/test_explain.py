"""An explanation agrees with the decision it explains, and tells nothing it should not."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from firewarden.rules import (
    OFFICIAL_1_19_9,
    PRODUCTION,
    Commit,
    Compatibility,
    Either,
    Filter,
    Get,
    List,
    Query,
    Request,
    Write,
    auth_of,
    compile_rules,
    decide,
)
from firewarden.rules.compiler.code import EXPRESSIONS_MAX
from firewarden.rules.explain import Explanation, explain
from firewarden.rules.recordings import requests, wire
from firewarden.rules.recordings.decisions import concerns_rules
from firewarden.values import Timestamp

VECTORS = Path(os.environ.get("FIREWARDEN_VECTORS") or Path(__file__).parents[1] / "vectors")
NOW = Timestamp(1_777_629_600_000_000_000)


def records(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (VECTORS / f"{name}.jsonl").read_text().splitlines()]


def is_decided(record: Mapping[str, Any]) -> bool:
    """Whether rules decided: of a plain caller, about what compiles."""
    return (
        record["outcome"] != "compile_error"
        and not isinstance(record["auth"], str)
        and concerns_rules(record)
        and requests.admin_only(record["request"]) is None
    )


@pytest.mark.parametrize("name", ["request", "list"])
def test_the_decision_is_that_of_decide(name: str) -> None:
    """Of every recorded request, and all three forms of the explanation can be made."""
    explained = 0
    for record in filter(is_decided, records(name)):
        rules = compile_rules(record["rules"], compatibility=OFFICIAL_1_19_9)
        documents = {tuple(path.split("/")): wire.fields(each) for path, each in record["documents"].items()}
        request = requests.request(record["request"], record["auth"], NOW)
        explanation = explain(rules, request, documents.get)
        decision = decide(rules, request, documents.get)
        assert (explanation.decision.allowed, explanation.decision.message) == (decision.allowed, decision.message)
        assert (explanation.denied is None) == decision.allowed or decision.crashed
        assert explanation.text()
        assert explanation.text(verbose=True, color=True)
        assert json.loads(json.dumps(explanation.to_json()))["allowed"] == decision.allowed
        explained += 1
    assert explained > 30


def explained(
    body: str,
    operation: Any,
    documents: Mapping[tuple[str, ...], Any] | None = None,
    compatibility: Compatibility = PRODUCTION,
) -> Explanation:
    """The explanation of a request by ana under one match block's content."""
    head = "rules_version = '2'; service cloud.firestore { match /databases/{database}/documents {"
    rules = compile_rules(f"{head}\n{body}\n}} }}", compatibility=compatibility)
    claims = {"sub": "ana", "email": "ana@mail.example"}
    request = Request(operation=operation, time=NOW, auth=auth_of(claims))
    return explain(rules, request, (documents or {}).get)


def test_of_a_commit_the_refused_write_is_named() -> None:
    writes = tuple(Write(path=("c", name), data={"n": number}) for number, name in enumerate("abc"))
    text = explained("match /c/{id} { allow write: if request.resource.data.n < 1; }", Commit(writes=writes)).text()
    assert text.splitlines()[0] == "DENIED  create c/b as ana, document 2 of a commit of 3 writes"


def test_all_parts_are_told_with_v() -> None:
    operation = Get(paths=(("c", "a"), ("d", "a")))
    text = explained("match /c/{id} { allow get; } match /d/{id} { allow get: if false; }", operation).text(
        verbose=True
    )
    assert [line for line in text.splitlines() if line[:6] in ("ALLOWE", "DENIED")] == [
        "ALLOWED  get c/a as ana",
        "DENIED  get d/a as ana",
    ]


def test_a_limit_that_ended_a_condition_is_told() -> None:
    """1,000 evaluations; there is no deciding clause then, and the text says what to do."""
    condition = f"[{', '.join('1' for _ in range(1500))}].size() >= 0"
    for operation in (Get(paths=(("c", "a"),)), List(query=Query(collection="c"))):
        text = explained(f"match /c/{{id}} {{ allow read: if {condition}; }}", operation).text()
        assert "the condition needs more than 1000 evaluations" in text
        assert "look a document up once" in text


@pytest.mark.parametrize("verbose", [False, True])
def test_nothing_is_looked_into_below_a_too_complex_expression(*, verbose: bool) -> None:
    """What was evaluated before the budget was used up is told no more than what comes after it."""
    many = f"[{', '.join('1' for _ in range(1500))}].size() >= 0"
    body = f"allow get: if resource.data.n == 3 && {many}; allow get: if resource.data.n == 5;"
    explanation = explained(f"match /c/{{id}} {{ {body} }}", Get(paths=(("c", "a"),)), {("c", "a"): {"n": 3}})
    (part,) = explanation.parts
    assert [allow.trace for allow in part.allows] == [None, None]
    assert part.usage.expressions == EXPRESSIONS_MAX
    text = explanation.text(verbose=verbose)
    assert text.count("the condition needs more than 1000 evaluations") == 2
    assert "resource.data.n" not in text
    assert [allow["trace"] for allow in explanation.to_json()["parts"][0]["allows"]] == [None, None]


def test_too_many_lookups_are_told() -> None:
    """The eleventh document of one condition is refused."""
    asked = " || ".join(f"exists(/databases/$(database)/documents/c/d{number})" for number in range(11))
    explanation = explained(f"match /c/{{id}} {{ allow get: if {asked}; }}", Get(paths=(("c", "a"),)))
    assert "no more documents may be read" in explanation.text()
    assert "    exists c/d10: refused" in explanation.text(verbose=True)
    assert explanation.to_json()["parts"][0]["lookups"][10] == {
        "function": "exists",
        "path": "c/d10",
        "found": False,
        "refused": True,
    }


def test_what_a_condition_did_not_read_of_a_token_is_told_nowhere() -> None:
    """Neither by text nor JSON, however it is handed around."""
    body = """function f(caller) { return caller.token.sub == 'ben'; }
    match /c/{id} { allow get: if f(request.auth) || request == null || [request.auth.token] == []; }"""
    explanation = explained(body, Get(paths=(("c", "a"),)))
    for told in (explanation.text(), explanation.text(verbose=True), json.dumps(explanation.to_json())):
        assert "mail.example" not in told
        assert "caller.token.sub" in told


def test_alternatives_of_a_query_are_told_apart_and_nothing_is_proposed_for_them() -> None:
    either = Either(filters=tuple(Filter(field="a", operator="==", value=each) for each in (1, 2)))
    query = Query(collection="c", where=either)
    explanation = explained("match /c/{id} { allow list: if resource.data.a == 1; }", List(query=query))
    text = explanation.text()
    assert text.startswith("DENIED  list c/* as ana, alternative 2 of 2\n")
    assert text.endswith("The alternatives of the query\n   1 allowed  a == 1\n   2 denied   a == 2")
    assert [part["alternative"] for part in explanation.to_json()["parts"]] == ["a == 1", "a == 2"]
    assert explanation.suggestion is None


def test_every_alternative_is_asked_and_they_share_their_lookups() -> None:
    either = Either(filters=tuple(Filter(field="a", operator="==", value=each) for each in ("x", "y", "z")))
    body = "match /c/{id} { allow list: if exists(/databases/$(database)/documents/c/$(resource.data.a)); }"
    explanation = explained(body, List(query=Query(collection="c", where=either)), {("c", "y"): {}})
    assert [(part.allowed, part.usage.lookups, part.usage.lookups_max) for part in explanation.parts] == [
        (False, 1, 10),
        (True, 2, 10),
        (False, 3, 10),
    ]


def test_what_was_spent_is_what_the_emulator_was_measured_to_spend() -> None:
    """Each recorded construct, as often as fits into the budget, spends what is measured for one."""
    for record in records("limits"):
        body = f"{record['functions']} match /c/{{d}} {{ allow get: if [{record['unit']}].size() >= 0; }}"
        used = explained(body, Get(paths=(("c", "a"),)), compatibility=OFFICIAL_1_19_9).parts[0].usage.expressions
        assert used == record["cost"] + _SPENT_AROUND, record["unit"]


_SPENT_AROUND = 4  # the list, its size(), the comparison and the zero


def test_a_write_that_only_verifies_looks_nothing_up() -> None:
    write = Write(path=("c", "a"), verify=True, exists=True)
    explanation = explained("match /c/{id} { allow get: if request.auth != null; }", Commit(writes=(write,)))
    assert explanation.parts[0].usage.lookups == 0


def test_a_let_is_told_by_its_name() -> None:
    """Where it is used, and in the whole."""
    body = """function f() { let n = resource.data.n + 1; return n > 5; }
    match /c/{id} { allow get: if f(); }"""
    explanation = explained(body, Get(paths=(("c", "a"),)), {("c", "a"): {"n": 3}})
    assert "          n is 4, set to resource.data.n + 1 in L2\n" in explanation.text()
    assert "      let n = resource.data.n + 1 → 4\n" in explanation.text(verbose=True)
    (allow,) = explanation.to_json()["parts"][0]["allows"]
    assert [step["let"] for step in allow["trace"]["steps"]] == ["n", None]


def test_a_query_that_names_its_document_is_explained_like_a_get() -> None:
    name = Filter(field="__name__", operator="==", value=wire_path("c/a"))
    body = "match /c/{id} { allow list: if resource.data.a == 1; }"
    explanation = explained(body, List(query=Query(collection="c", where=name)), {("c", "a"): {"a": 2}})
    assert "resource.data.a is 2" in explanation.text()
    assert explanation.suggestion is None


def test_rules_without_a_source_are_explained_as_they_are_printed() -> None:
    rules = compile_rules("service cloud.firestore { match /databases/{d}/documents/c/{i} { allow get:if 1==2; } }")
    request = Request(operation=Get(paths=(("c", "a"),)), time=NOW)
    nothing: dict[tuple[str, ...], Any] = {}
    assert "DENIED  get c/a as guest" in explain(compile_rules(rules.ruleset), request, nothing.get).text()


def test_a_failing_engine_is_told() -> None:
    """`$2` without a second group fails the official emulator's whole request."""
    body = "match /c/{id} { allow get: if 'a'.replace('(a)', '$2') == {'a': 1}; }"
    explanation = explained(body, Get(paths=(("c", "a"),)), compatibility=OFFICIAL_1_19_9)
    assert explanation.text() == "DENIED  the rules engine itself fails on this request"
    assert explanation.denied is None


def test_a_proposed_time_is_written_as_the_rules_show_it() -> None:
    body = "match /c/{id} { allow list: if resource.data.at < request.time || {'a': resource.data.at} == null; }"
    text = explained(body, List(query=Query(collection="c"))).text()
    assert """.where("at", "<", timestamp '2026-05-01T10:00:00Z')""" in text


def wire_path(path: str) -> Any:
    return wire.value({"referenceValue": f"projects/p/databases/(default)/documents/{path}"})


def test_what_a_query_promises_has_no_key_and_is_missing_nevertheless() -> None:
    """Found by fuzzing: a promise inside a list can be compared with each element, but not hashed."""
    rules = compile_rules(
        "service cloud.firestore { match /databases/{db}/documents { match /c/{id} {"
        " allow list: if [[]].hasAll([[resource.data.l]]); } } }"
    )
    where = Filter(field="l", operator="array-contains", value=1)
    request = Request(operation=List(query=Query(collection="c", where=where)), time=Timestamp(0))
    assert "missing: [[anything contains 1]]" in explain(rules, request, lambda _: None).text()
