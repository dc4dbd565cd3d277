"""A commit of one write that generated code allows is answered at once: the same answer, only sooner."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from firewarden.rules import Commit, CompiledRules, Request, Write, auth_of, compile_rules, decide
from firewarden.rules.requests import DocumentPath
from firewarden.values import Timestamp

CLOSURES_ONLY = 1_000_000
STORED: Mapping[DocumentPath, Mapping[str, Any]] = {
    ("c", "old"): {"n": 1},
    **{("d", str(each)): {"n": each} for each in range(12)},
}


def rules(condition: str, *, warm_up: int) -> CompiledRules:
    return compile_rules(
        "rules_version = '2'; service cloud.firestore { match /databases/{db}/documents {"
        "function at(id) { return /databases/$(db)/documents/d/$(id); }"
        f"match /c/{{id}} {{ allow create, update, delete: if {condition}; }} }} }}",
        warm_up=warm_up,
    )


def is_allowed(rules: CompiledRules, *writes: Write) -> bool:
    request = Request(operation=Commit(writes=writes), time=Timestamp(0), auth=auth_of({"sub": "ana"}))
    return decide(rules, request, STORED.get).allowed


def gets(count: int) -> str:
    return " && ".join(f"get(at('{each}')).data.n == {each}" for each in range(count))


CREATE = Write(path=("c", "new"), data={"n": 2}, exists=False)
UPDATE = Write(path=("c", "old"), data={"n": 2}, mask=("n",), exists=True)
EITHER = Write(path=("c", "old"), data={"n": 2})
DELETE = Write(path=("c", "old"))
OWN = "/databases/$(db)/documents/c/$(id)"


@pytest.mark.parametrize(
    ("condition", "write", "allowed"),
    [
        (gets(10), CREATE, True),
        (gets(11), CREATE, False),
        (f"!exists({OWN}) && {gets(10)}", CREATE, True),
        (f"getAfter({OWN}).data.n == 2 && {gets(10)}", CREATE, True),
        (f"getAfter({OWN}).data.n == 1", CREATE, False),
        (f"!existsAfter({OWN}) && get({OWN}).data.n == 1", DELETE, True),
        # What was asked by `get` is known to `exists`; the other way round both are charged.
        (f"{gets(10)} && exists(at('9'))", UPDATE, True),
        (f"exists(at('9')) && {gets(9)} && get(at('9')).data.n == 9", UPDATE, False),
        ("resource.data.n == 1 && request.resource.data.n == 2 && request.method == 'update'", UPDATE, True),
        ("request.resource.data.n == 2 && resource.data.n == 1", EITHER, True),
        ("request.resource.data.absent == 1 || request.auth.uid == 'ana'", UPDATE, True),
        ("request.resource.data.absent == 1", UPDATE, False),
        ("request.auth.uid == 'eve'", UPDATE, False),
    ],
)
def test_the_answer_is_that_of_the_whole_way(condition: str, write: Write, *, allowed: bool) -> None:
    generated = rules(condition, warm_up=0)
    assert [is_allowed(generated, write) for _ in range(3)] == [allowed] * 3
    assert is_allowed(rules(condition, warm_up=CLOSURES_ONLY), write) is allowed


def test_a_later_block_allows_what_an_earlier_one_does_not() -> None:
    source = (
        "rules_version = '2'; service cloud.firestore { match /databases/{db}/documents {"
        "match /c/{id} { allow create: if false; allow create: if request.resource.data.n > 9; }"
        "match /{any=**} { allow write: if request.resource.data.n == 2; } } }"
    )
    compiled = compile_rules(source, warm_up=0)
    assert [is_allowed(compiled, CREATE) for _ in range(3)] == [True] * 3


def test_of_several_writes_each_must_be_allowed() -> None:
    compiled = rules("request.resource.data.n == 2", warm_up=0)
    other = Write(path=("c", "other"), data={"n": 3}, exists=False)
    assert [is_allowed(compiled, CREATE) for _ in range(3)] == [True] * 3
    assert not is_allowed(compiled, CREATE, other)


def test_a_commit_of_nothing_is_allowed() -> None:
    assert is_allowed(rules("false", warm_up=0))
