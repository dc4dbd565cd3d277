"""Reading documents: which allows are asked, what conditions see, and how denials are told."""

from collections.abc import Callable
from typing import Any

import pytest

from firewarden.rules import OFFICIAL_1_19_9, Decision, Get, Request, compile_rules, decide
from firewarden.values import Timestamp

Ask = Callable[..., Decision]
STORED: dict[tuple[str, ...], dict[str, Any]] = {("c", "a"): {"x": 1, "owner": "ana"}}


@pytest.mark.parametrize(
    ("body", "allowed"),
    [
        ("match /c/{id} { allow get; }", True),
        ("match /c/{id} { allow read: if true; }", True),
        ("match /c/{id} { allow list: if true; }", False),
        ("match /c/{id} { allow GET: if true; }", True),
        ("match /c/a { allow get; }", True),
        ("match /c/b { allow get; }", False),
        ("match /c/{id}/s/{sub} { allow get; }", False),
        ("match /c { allow get; }", False),
        ("match /{all=**} { allow get: if all == /c/a; }", True),
        ("match /c/{id} { match /{rest=**} { allow get: if string(rest) == '/'; } }", True),
        ("match /{first=**}/c/{id} { allow get: if id == 'a'; }", True),
        ("match /{first=**}/a { allow get: if string(first) == '/c'; }", True),
        ("match /c/{rest=**}/d/{id} { allow get; }", False),
        ("match /{rest=**}/c/a/d/{id} { allow get; }", False),
        ("match /c/{id} { allow get: if false; allow get: if true; }", True),
        ("match /c/{id} { allow get: if 1 / 0 == 1; } match /{c}/{id} { allow get; }", True),
        ("match /c/{id} { allow get: if 1; }", False),
        ("match /c/{id} { allow get: if resource.data.owner == request.auth.uid; }", True),
        ("match /c/{id} { allow get: if resource.id == id && resource.__name__ == request.path; }", True),
        (
            "match /c/{id} { allow get: if request.keys().hasAll(['auth', 'fields', 'headers', 'path', 'time']); }",
            True,
        ),
        ("match /c/{id} { allow get: if 'resource' in request || 'query' in request; }", False),
    ],
)
def test_a_document_is_read_if_some_allow_is_true(body: str, allowed: bool, ask: Ask) -> None:
    assert ask(body, documents=STORED).allowed is allowed


def test_version_1_wants_a_segment_for_a_glob() -> None:
    rules = compile_rules(
        "service cloud.firestore { match /databases/{db}/documents/c/{id} { allow get: if false; "
        "match /{rest=**} { allow get; } } }"
    )
    below = Request(operation=Get(paths=(("c", "a", "s", "b"),)), time=Timestamp(0))
    itself = Request(operation=Get(paths=(("c", "a"),)), time=Timestamp(0))
    assert [decide(rules, each, STORED.get).allowed for each in (below, itself)] == [True, False]


@pytest.mark.parametrize(
    ("condition", "message"),
    [
        ("false", "\nfalse for 'get' @ L3"),
        ("resource.data.x == 2", "\nevaluation error at L3:31 for 'get' @ L3, false for 'get' @ L3"),
        ("1 / 0 == 1", "\nDivide by zero error. for 'get' @ L3, Divide by zero error. for 'get' @ L3"),
    ],
)
def test_the_official_message_tells_both_passes(condition: str, message: str, ask: Ask) -> None:
    body = f"match /c/{{id}} {{ allow get: if {condition}; }}"
    assert ask(body, documents=STORED, compatibility=OFFICIAL_1_19_9).message == message


def test_production_tells_the_pass_that_decided(ask: Ask) -> None:
    decision = ask("match /c/{id} { allow get: if resource.data.x == 2; }", documents=STORED)
    assert decision.message == "\nfalse for 'get' @ L3"
    assert [reason.outcome for reason in decision.reasons] == [False]


def test_nothing_that_matches_is_told_apart(ask: Ask) -> None:
    assert ask("match /d/{id} { allow get; }").message == "No matching allow statements"


def test_an_allowed_request_has_no_message(ask: Ask) -> None:
    assert ask("match /c/{id} { allow get; }").message is None


@pytest.mark.parametrize(
    ("condition", "production", "official"),
    [
        ("get(/databases/$(database)/documents/c/b) == null", True, False),
        ("get(request.path) == null", False, False),
        ("exists(/databases/$(database)/documents/c/b)", False, False),
        ("exists(/databases/$(database)/documents/c/a)", True, True),
        ("get(/databases/$(database)/documents/c/a).data.x == 1", True, True),
        ("existsAfter(/databases/$(database)/documents/c/a)", True, True),
        ("getAfter(/databases/$(database)/documents/c/a).id == 'a'", True, True),
        ("exists(/databases/other/documents/c/a) || true", True, True),
        ("exists(/databases/other/documents/c/a)", False, False),
        ("exists(/databases/$(database)/documents/c) == false", False, False),
        ("exists(1) || exists(1, 2) || exists(nope)", False, False),
    ],
)
def test_lookups(condition: str, production: bool, official: bool, ask: Ask) -> None:
    """Missing documents are null in production and an error in the official emulator; the target is known."""
    body = f"match /c/{{id}} {{ allow get: if {condition}; }}"
    assert ask(body, documents=STORED).allowed is production
    assert ask(body, documents=STORED, compatibility=OFFICIAL_1_19_9).allowed is official


@pytest.mark.parametrize(("distinct", "allowed"), [(10, True), (11, False)])
def test_ten_documents_may_be_looked_up(distinct: int, allowed: bool, ask: Ask) -> None:
    """The same again, the target, and what lazy operators skip are free."""
    paths = [f"/databases/$(database)/documents/c/b{number}" for number in range(distinct)]
    calls = [f"!exists({path})" for path in (*paths, *paths)]
    free = "exists(request.path) && (true || exists(/databases/$(database)/documents/c/more))"
    body = f"match /c/{{id}} {{ allow get: if {' && '.join([*calls, free])}; }}"
    assert ask(body, documents=STORED).allowed is allowed


def test_every_document_is_read_once() -> None:
    asked = []

    def read(path: tuple[str, ...]) -> dict[str, Any]:
        asked.append(path)
        return {"x": 1}

    rules = compile_rules(
        "service cloud.firestore { match /databases/{db}/documents/c/{id} { allow get: if "
        "get(/databases/$(db)/documents/c/b).data.x == resource.data.x && exists(/databases/$(db)/documents/c/b) "
        "&& false; } }"
    )
    decide(rules, Request(operation=Get(paths=(("c", "a"),)), time=Timestamp(0)), read)
    assert sorted(asked) == [("c", "a"), ("c", "b")]


def test_all_of_several_documents_must_be_allowed() -> None:
    rules = compile_rules(
        "service cloud.firestore { match /databases/{db}/documents/c/{id} { allow get: if id == 'a'; } }"
    )

    def allowed(*ids: str) -> bool:
        request = Request(operation=Get(paths=tuple(("c", each) for each in ids)), time=Timestamp(0))
        return decide(rules, request, STORED.get).allowed

    assert (allowed("a", "a"), allowed("a", "b")) == (True, False)


def test_a_failing_engine_is_told() -> None:
    """`$2` without a second group fails the official emulator's whole request, and denies in production."""
    source = (
        "service cloud.firestore { match /databases/{db}/documents/c/{id} { "
        "allow get: if 'a'.replace('(a)', '$2') == 'a'; } }"
    )
    request = Request(operation=Get(paths=(("c", "a"),)), time=Timestamp(0))
    official = decide(compile_rules(source, compatibility=OFFICIAL_1_19_9), request, STORED.get)
    production = decide(compile_rules(source), request, STORED.get)
    assert (official.allowed, official.crashed, official.message) == (False, True, None)
    assert (production.allowed, production.crashed) == (False, False)
    assert "No group 2" in str(production.message)
