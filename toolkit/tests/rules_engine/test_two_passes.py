"""What the first pass, which reads no document, settles, and what only the second finds out.

All answers are those of Google's emulator 1.19.9.
"""

from typing import Any

import pytest

from firewarden.rules import (
    OFFICIAL_1_19_9,
    PRODUCTION,
    Commit,
    Decision,
    Filter,
    Get,
    List,
    Query,
    Request,
    Write,
    compile_rules,
    decide,
)
from firewarden.values import Path, Timestamp

STORED: dict[tuple[str, ...], dict[str, Any]] = {("c", "a"): {"x": 1, "s": "abc"}, ("d", "k"): {"n": 5}}
HERE = "/databases/$(db)/documents"
GENERATED, NEVER_GENERATED = 0, 10**9
# Has no group of that name: the emulator fails where it meets this.
FAILS = ".replace('(?P<x>b)', '${y}') == 'a'"


def asked(body: str, operation: Get | List | Commit, **options: Any) -> Decision:
    source = f"rules_version = '2'; service cloud.firestore {{ match /databases/{{db}}/documents {{\n{body}\n}} }}"
    rules = compile_rules(source, **{"compatibility": OFFICIAL_1_19_9, **options})
    return decide(rules, Request(operation=operation, time=Timestamp(0)), STORED.get)


def test_what_the_first_pass_allows_spends_no_lookups() -> None:
    """Two documents ask for ten others each, and are allowed anyway; the third has its one lookup left."""
    ten = " || ".join(f"exists({HERE}/e/$(d + '{number}'))" for number in range(10))
    body = (
        f"match /c/{{d}} {{ allow write: if {ten} || true; }}\nmatch /f/{{d}} {{ allow write: if exists({HERE}/d/k); }}"
    )
    writes = tuple(Write(path=path, data={}) for path in (("c", "a"), ("c", "b"), ("f", "a")))
    assert asked(body, Commit(writes=writes)).allowed
    assert not asked(body.replace(" || true", ""), Commit(writes=writes)).allowed


GET = Get(paths=(("c", "a"),))


@pytest.mark.parametrize(
    ("condition", "allowed", "message"),
    [
        (f"resource.data.s{FAILS} || true", True, None),
        (f"resource.data.s{FAILS} && false", False, "\nfalse for 'get' @ L2"),
        (f"resource.data.s{FAILS}", False, "\nevaluation error at L2:30 for 'get' @ L2"),
    ],
)
def test_a_failure_in_the_second_pass_is_a_denial_without_a_reason(
    condition: str, allowed: bool, message: str | None
) -> None:
    """Unless the first pass has decided."""
    decision = asked(f"match /c/{{d}} {{ allow get: if {condition}; }}", GET)
    assert (decision.allowed, decision.crashed, decision.message) == (allowed, False, message)


@pytest.mark.parametrize("condition", [f"'abc'{FAILS}", f"'abc'{FAILS} || true", "'abc'.replace('(b)', '$2') == 'a'"])
def test_a_failure_in_the_first_pass_is_no_decision(condition: str) -> None:
    decision = asked(f"match /c/{{d}} {{ allow get: if {condition}; }}", GET)
    assert (decision.allowed, decision.crashed, decision.message) == (False, True, None)


def test_in_production_such_a_failure_is_an_error_like_others() -> None:
    body = f"match /c/{{d}} {{ allow get: if 'abc'{FAILS}; allow get: if resource.data.x == 1; }}"
    assert asked(body, GET, compatibility=PRODUCTION).allowed


@pytest.mark.parametrize(
    ("condition", "message"),
    [
        ("true", None),
        ("resource.data.x == 1", None),
        ("request.resource.data.x == 1", None),
        (f"getAfter({HERE}/c/a).data.x == 1", None),
        (f"get({HERE}/d/k).data.n == 5", None),
        ("resource.data.x == 2 || true", None),
        ("resource.data.x == 2", "\nevaluation error at L2:30 for 'get' @ L2, false for 'get' @ L2"),
    ],
)
def test_a_document_that_is_only_verified_is_read(condition: str, message: str | None) -> None:
    """It is what it was, before and after."""
    verified = Commit(writes=(Write(path=("c", "a"), verify=True, exists=True),))
    decision = asked(f"match /c/{{d}} {{ allow get: if {condition}; }}", verified)
    assert (decision.allowed, decision.message) == (message is None, message)


def named(document: str, condition: str, warm_up: int) -> bool:
    name = Path(("databases", "(default)", "documents", "c", document))
    query = Query(collection="c", where=Filter(field="__name__", operator="==", value=name))
    body = f"match /c/{{d}} {{ allow list: if {condition}; }}"
    return asked(body, List(query=query), warm_up=warm_up).allowed


@pytest.mark.parametrize("warm_up", [GENERATED, NEVER_GENERATED])
@pytest.mark.parametrize(
    ("condition", "allowed"),
    [
        (f"exists({HERE}/d/k)", True),
        (f"get({HERE}/d/k).data.n == 5", True),
        (f"exists({HERE}/c/a)", True),
        (f"get({HERE}/c/a).data.x == 1", True),
        (f"existsAfter({HERE}/c/a)", False),
        (f"existsAfter({HERE}/c/a) || true", True),
        (f"getAfter({HERE}/c/a).data.x == 1", False),
        (f"getAfter({HERE}/c/a).data.x == 1 || true", True),
    ],
)
def test_of_a_document_that_a_query_names_nothing_is_known_after(condition: str, allowed: bool, warm_up: int) -> None:
    assert named("a", condition, warm_up) is allowed


@pytest.mark.parametrize("warm_up", [GENERATED, NEVER_GENERATED])
@pytest.mark.parametrize(
    "condition", ["resource == null", "'data' in resource", "d in resource", "resource.data.x == 1"]
)
def test_a_missing_document_that_a_query_names_is_an_error_wherever_it_is_read(condition: str, warm_up: int) -> None:
    assert not named("none", condition, warm_up)
    assert named("none", f"{condition} || true", warm_up)
