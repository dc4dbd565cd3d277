"""What generated functions answer, or leave to the closures: either way it is the official answer.

All answers were recorded from Google's emulator 1.19.9: whether a get is allowed under the condition.
"""

from typing import Any

import pytest

from firewarden.rules import Get, Request, auth_of, compile_rules, decide
from firewarden.rules.codegen import program, writer
from firewarden.values import Timestamp

STORED: dict[tuple[str, ...], dict[str, Any]] = {
    ("c", "a"): {
        "roles": {"ana": True},
        "n": 5,
        "s": "abc",
        "next": "a",
        "list": [1],
        "resource": {"data": {"x": 1}},
    },
    ("c", "b"): {"ok": True},
}
HERE = "/databases/$(db)/documents"
NEVER_GENERATED, GENERATED = 10**9, 0


def is_allowed(condition: str, *, warm_up: int, document: str = "a", functions: str = "") -> bool:
    source = (
        "rules_version = '2'; service cloud.firestore { match /databases/{db}/documents { match /c/{d} {\n"
        f"function one(it) {{ return it; }} {functions} allow get: if {condition}; }} }} }}"
    )
    request = Request(operation=Get(paths=(("c", document),)), time=Timestamp(0), auth=auth_of({"sub": "ana"}))
    return decide(compile_rules(source, warm_up=warm_up), request, STORED.get).allowed


MAPS_AND_LISTS = {
    "request.auth.uid in resource.data.roles": True,
    "request.auth.uid in resource.data.list": False,
    "resource.data.roles[request.auth.uid]": True,
    "{request.auth.uid: 1}.size() == 1": True,
    "resource.data.roles.keys().hasOnly([request.auth.uid])": True,
    "resource.data.roles.get('ana', false)": True,
    "resource.data.roles.get(request.auth.uid, false)": True,
    "resource.data.roles.get(['ana'], false)": True,
    "resource.data.list.get('a', true)": False,
    "resource.data.list.get('a', true) || true": True,
    "resource.data.resource.data.x == 1": True,
}
MATCHES = {
    "d.matches('[a-c]')": True,
    "d.matches('[b-c]')": False,
    "resource.data.s.matches('a.c')": True,
    "resource.data.s.matches(resource.data.s)": True,
    "resource.data.s.lower().matches('abc')": True,
    "resource.data.n.matches('5')": False,
    "resource.data.n.matches('5') || true": True,
    "resource.data.nope.matches('a') || true": True,
}
CALLS = {
    "one(1, 2) == 1": False,
    "one(1, 2) || true": True,
    f"exists({HERE}/c/a, 1) || true": True,
    f"get({HERE}/c/a, 1).data.n == 5": False,
    f"get({HERE}/c/a, 1).data.n == 5 || true": True,
}
LOOKUPS = {
    f"exists({HERE}/c/$(resource.data.next))": True,
    f"exists({HERE}/$(resource.data.next == 'a' ? 'c' : 'd')/b)": True,
    f"get({HERE}/c/$(get({HERE}/c/a).data.next)).data.n == 5": True,
    f"exists({HERE}/c/$(resource.data.n))": False,
    f"exists({HERE}/c/$(resource.data.n)) || true": True,
    f"exists({HERE}/c/$(resource.data.nope)) || true": True,
    f"exists({HERE}/c/{{x}})": False,
    f"exists({HERE}/c/{{x}}) || true": True,
    f"exists({HERE}/$('')/a)": False,
    f"exists({HERE}/$('')/a) || true": True,
    "exists(/databases/$(resource.data.next)/documents/c/a)": False,
    "exists(/databases/$(resource.data.next)/documents/c/a) || true": True,
    "exists(/a/b/c/d/e)": False,
    "exists(/a/b/c/d/e) || true": True,
    "/a/{x} == /a/{x}": False,
}


@pytest.mark.parametrize("warm_up", [GENERATED, NEVER_GENERATED])
@pytest.mark.parametrize(("condition", "allowed"), [*(MAPS_AND_LISTS | MATCHES | CALLS | LOOKUPS).items()])
def test_of_a_document_that_exists(condition: str, allowed: bool, warm_up: int) -> None:
    assert is_allowed(condition, warm_up=warm_up) is allowed


@pytest.mark.parametrize("warm_up", [GENERATED, NEVER_GENERATED])
@pytest.mark.parametrize(
    ("condition", "allowed"),
    [
        ("resource == null", True),
        ("resource.data == null", False),
        ("resource.data == null || true", True),
        ("resource.data.x == 1 || true", True),
        ("'data' in resource", False),
        ("'data' in resource || true", True),
    ],
)
def test_of_one_that_does_not(condition: str, allowed: bool, warm_up: int) -> None:
    assert is_allowed(condition, warm_up=warm_up, document="none") is allowed


def test_what_would_take_longer_to_generate_than_it_saves_is_left_to_the_closures() -> None:
    many = ", ".join(["d"] * writer.PIECES_MAX)
    assert is_allowed(f"true || [{many}].size() > 0", warm_up=GENERATED)


def test_what_python_cannot_compile_is_left_to_the_closures(monkeypatch: pytest.MonkeyPatch) -> None:
    """Functions stand in place of their calls: together they are nested deeper than any alone."""
    made: list[object] = []

    def noted(source: str, names: dict[str, Any], make: Any = program._function) -> Any:
        made.append(make(source, names))
        return made[-1]

    monkeypatch.setattr(program, "_function", noted)
    nots, depth = 20, 20
    calls = [f"f{number + 1}(x)" for number in range(depth - 1)] + ["x == d"]
    functions = [
        f"function f{number}(x) {{ return {'!(' * nots}{call}{')' * nots}; }}" for number, call in enumerate(calls)
    ]
    assert is_allowed("f0('a')", warm_up=GENERATED, functions="".join(functions))
    assert made == [None]
