"""Writing documents: methods, what will be stored, and commits of several writes."""

from typing import Any

import pytest

from firewarden.rules import Commit, Decision, Request, Transform, Write, auth_of, compile_rules, decide
from firewarden.rules.writes import Results
from firewarden.values import Timestamp

NOW = Timestamp(1_700_000_000_000_000_000)
STORED: dict[tuple[str, ...], dict[str, Any]] = {
    ("c", "a"): {"x": 1, "m": {"k": 1}, "l": [1, 2]},
    ("d", "k"): {"n": 5},
}
A, NEW = ("c", "a"), ("c", "n")


def commit(condition: str, *writes: Write, methods: str = "write") -> Decision:
    rules = compile_rules(
        "rules_version = '2'; service cloud.firestore { match /databases/{db}/documents {"
        f" match /c/{{id}} {{ allow {methods}: if {condition}; }} match /d/{{id}} {{ allow write; }} }} }}"
    )
    request = Request(operation=Commit(writes=writes), time=NOW, auth=auth_of({"sub": "ana"}))
    return decide(rules, request, STORED.get)


@pytest.mark.parametrize(
    ("write", "method"),
    [
        (Write(path=NEW, data={}), "create"),
        (Write(path=A, data={}), "update"),
        (Write(path=A, data={}, exists=False), "create"),
        (Write(path=NEW, data={}, exists=True), "update"),
        (Write(path=NEW, data={}, update_time=NOW), "update"),
        (Write(path=A, data={}, update_time=Timestamp(0)), "create"),
        (Write(path=A, data={}, exists=True), "update"),
        (Write(path=A, data={}, mask=("x",)), "update"),
        (Write(path=A), "delete"),
        (Write(path=NEW), "delete"),
        (Write(path=A, verify=True), "get"),
    ],
)
def test_the_method_of_a_write(write: Write, method: str) -> None:
    """Preconditions tell create from update; without one it is whether the document exists."""
    assert commit("true", write, methods=method).allowed
    others = ", ".join({"create", "update", "delete", "get"} - {method})
    assert not commit("true", write, methods=others).allowed
    assert commit(f"request.method == '{method}'", write, methods="read, write").allowed


@pytest.mark.parametrize(
    ("condition", "write"),
    [
        ("request.resource.data == {'y': 2}", Write(path=A, data={"y": 2})),
        ("request.resource.data.keys() == ['l', 'm', 'x', 'y']", Write(path=A, data={"y": 2}, mask=("y",))),
        ("!('x' in request.resource.data)", Write(path=A, data={}, mask=("x",))),
        ("request.resource.data.m == {'k': 1, 'j': 2}", Write(path=A, data={"m": {"j": 2}}, mask=("m.j",))),
        ("request.resource.data.m == {}", Write(path=A, data={}, mask=("m.k",))),
        ("request.resource.data['p.q'] == 1", Write(path=A, data={"p.q": 1}, mask=("`p.q`",))),
        ("request.resource == null && resource.data.x == 1", Write(path=A)),
        ("resource == null", Write(path=NEW, data={})),
        ("request.resource.id == id && request.resource.__name__ == request.path", Write(path=NEW, data={})),
        (
            "request.writeFields == ['x'] && request.transforms == null",
            Write(path=A, data={"x": 1}, mask=("x",)),
        ),
        ("request.inTransaction && !request.autoId", Write(path=NEW, data={}, exists=False)),
        ("getAfter(request.path) == request.resource", Write(path=A, data={"x": 9})),
        ("get(request.path).data.x == 1 && existsAfter(request.path)", Write(path=A, data={"x": 9})),
        ("!existsAfter(request.path) && getAfter(request.path) == null", Write(path=A)),
        ("!('resource' in request)", Write(path=A, verify=True)),
    ],
)
def test_what_conditions_see_of_a_write(condition: str, write: Write) -> None:
    assert commit(condition, write, methods="get, write").allowed


@pytest.mark.parametrize(
    ("field", "kind", "operand", "expected"),
    [
        ("t", "server_time", None, "request.time"),
        ("x", "increment", 2, "3"),
        ("x", "increment", 0.5, "1.5"),
        ("m", "increment", 2, "2"),
        ("x", "increment", 9223372036854775807, "9223372036854775807"),
        ("x", "maximum", 5, "5"),
        ("x", "maximum", 0, "1"),
        ("x", "minimum", 0, "0"),
        ("x", "minimum", 5, "1"),
        ("m", "minimum", 5, "5"),
        ("l", "array_union", [2, 3, 3], "[1, 2, 3]"),
        ("x", "array_union", [1], "[1]"),
        ("l", "array_remove", [1, 4], "[2]"),
        ("x", "array_remove", [1], "[]"),
    ],
)
def test_transforms_show_their_result(field: str, kind: Any, operand: Any, expected: str) -> None:
    transform = Transform(field=field, kind=kind, operand=operand)
    write = Write(path=A, data={}, mask=(), transforms=(transform,))
    assert commit(f"request.resource.data.{field} == {expected}", write).allowed


PLUS = Transform(field="v", kind="increment", operand=5)


@pytest.mark.parametrize(
    ("condition", "writes"),
    [
        (
            "request.resource.data == {'v': 1, 'w': 2}",
            (Write(path=NEW, data={"v": 1}), Write(path=NEW, data={"w": 2}, mask=("w",))),
        ),
        ("request.resource.data == {'v': 2}", (Write(path=NEW, data={"v": 1}), Write(path=NEW, data={"v": 2}))),
        ("request.method == 'delete'", (Write(path=A, data={"v": 1}), Write(path=A))),
        (
            "request.method == 'update' && request.resource.data == {'v': 1}",
            (Write(path=A), Write(path=A, data={"v": 1}, exists=False)),
        ),
        (
            "request.resource.data.x == 7 && request.resource.data.y == 8",
            (Write(path=A, data={"x": 7}, mask=("x",)), Write(path=A, data={"y": 8}, mask=("y",))),
        ),
        # A transform that a later write overwrites has no effect, but is still listed.
        (
            "request.resource.data == {'v': 2} && request.transforms == ['v']",
            (Write(path=NEW, data={"v": 1}, transforms=(PLUS,)), Write(path=NEW, data={"v": 2})),
        ),
        (
            "request.resource.data == {'v': 2} && request.transforms == ['v']",
            (Write(path=NEW, data={}, transforms=(PLUS,)), Write(path=NEW, data={"v": 2}, mask=("v",))),
        ),
        (
            "request.resource.data == {'v': 5, 'w': 2} && request.transforms == ['v']",
            (Write(path=NEW, data={}, transforms=(PLUS,)), Write(path=NEW, data={"w": 2}, mask=("w",))),
        ),
        (
            "request.resource.data.v == 6",
            (Write(path=NEW, data={}), Write(path=NEW, data={"v": 1}, transforms=(PLUS,))),
        ),
        ("request.resource.data == {'v': 5}", (Write(path=A), Write(path=A, data={}, mask=(), transforms=(PLUS,)))),
    ],
)
def test_several_writes_of_a_document_are_judged_as_one(condition: str, writes: tuple[Write, ...]) -> None:
    assert commit(condition, *writes).allowed


def test_get_sees_before_and_get_after_sees_the_whole_commit() -> None:
    companion = Write(path=("d", "k"), data={"n": 6}, mask=("n",))
    condition = (
        "get(/databases/$(db)/documents/d/k).data.n == 5 && getAfter(/databases/$(db)/documents/d/k).data.n == 6"
    )
    assert commit(condition, Write(path=NEW, data={}), companion).allowed
    assert not commit(condition, Write(path=NEW, data={})).allowed


def test_one_denied_write_denies_the_commit() -> None:
    allowed, denied = Write(path=NEW, data={"v": 1}), Write(path=("c", "o"), data={"v": 2})
    assert commit("request.resource.data.v == 1", allowed).allowed
    assert not commit("request.resource.data.v == 1", allowed, denied).allowed
    assert not commit("request.resource.data.v == 1", denied, allowed).allowed


@pytest.mark.parametrize(("documents", "allowed"), [(20, True), (21, False)])
def test_twenty_lookups_for_a_commit(documents: int, allowed: bool) -> None:
    writes = [Write(path=("c", f"n{number}"), data={}) for number in range(documents)]
    assert commit("!exists(/databases/$(db)/documents/q/$(id))", *writes).allowed is allowed


def test_a_commit_without_writes_needs_no_rule() -> None:
    assert commit("false").allowed


def test_a_write_whose_condition_might_use_up_the_budget_is_asked_like_others() -> None:
    many = f"[{', '.join(['1'] * 1001)}].size() > 0"
    write = Write(path=NEW, data={}, exists=False)
    assert commit(f"true || {many}", write).allowed
    assert not commit(f"false || {many}", write).allowed


def test_a_write_is_allowed_by_whichever_block_is_about_it() -> None:
    """Asked often, and without the others."""
    rules = compile_rules(
        "rules_version = '2'; service cloud.firestore { match /databases/{db}/documents {"
        " match /c/a { allow create: if db == 'b'; } match /c/{id} { allow create: if id == 'n'; } } }",
        warm_up=0,
    )
    for path, allowed in ((NEW, True), (A, False)) * 3:
        request = Request(operation=Commit(writes=(Write(path=path, data={}, exists=False),)), time=NOW)
        assert decide(rules, request, STORED.get).allowed is allowed


def test_what_a_commit_leaves_is_all_that_it_does_not_only_verify() -> None:
    writes: dict[tuple[str, ...], Write] = {
        A: Write(path=A, data={"y": 2}, mask=("y",)),
        NEW: Write(path=NEW),
        ("d", "k"): Write(path=A, verify=True),
    }
    results = Results(writes, Request(operation=Commit(writes=tuple(writes.values())), time=NOW), STORED.get)
    assert dict(results) == {A: {**STORED[A], "y": 2}, NEW: None}
    assert len(results) == 2
