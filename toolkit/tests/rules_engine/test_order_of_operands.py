"""Operands are evaluated from the last to the first: it decides which lookup is one too many.

Recorded from Google's emulator 1.19.9: eleven documents exist and ten may be read, so the one that is evaluated last
is the only one that cannot be read afterwards either.
"""

from typing import Any

import pytest

from firewarden.rules import Get, Request, compile_rules, decide
from firewarden.values import Timestamp

DOCUMENTS: dict[tuple[str, ...], dict[str, Any]] = {**{("p", f"x{number}"): {} for number in range(11)}, ("c", "a"): {}}


def _exists(number: int) -> str:
    return f"exists(/databases/$(database)/documents/p/x{number})"


def _list(*numbers: int) -> str:
    return f"[{', '.join(map(_exists, numbers))}]"


A, B = _list(0, 1, 2, 3, 4, 5), _list(6, 7, 8, 9, 10)
RECORDED = [
    (f"{A} == {B}", 0),
    (f"{A} in {B}", 6),
    (f"{A}.hasAll({B}) && false", 0),
    (f"{A}.concat({B}) == 1", 0),
    (f"{{'a': {A}, 'b': {B}}} == 1", 0),
    (f"{{string({A}.size()): {B}}} == 1", 0),
    (f"same({A}, {B})", 0),
    (f"none({A}, {B}) == 2", 0),
    (f"{A}[{B}.size()] == 1", 0),
    (f"/a/$({A}.size())/$({B}.size()) == 1", 0),
    (f"{A}.size() + {B}.size() == 100", 0),
    (f"{A}.size() < {B}.size()", 0),
    (f"{A}.size() == 6 ? {B}.size() == 1 : false", 6),
    (f"{A}.size() == 6 && {B}.size() == 1", 6),
    (f"math.pow({A}.size(), {B}.size()) == 1.0", 0),
    (f"{{'a': 1}}.get(string({A}.size()), {B}.size()) == 9", 0),
    (f"{{'a': {A}}}.get('b', {B}.size()) == 9", 0),
    (f"[1, 2, 3][{A}.size() - 6:{B}.size()] == 1", 0),
    (f"{A}[0:{B}.size()] == 1", 0),
    (f"string({A}.size()).replace('a', string({B}.size())) == 'x'", 0),
    (f"debug({A}) == {B}", 0),
    (f"[{A}, {B}].size() == 9", 0),
    ("lets(database)", 6),
    ("body(" + A.replace("$(database)", "(default)") + ")", 6),
]
FUNCTIONS = f"""
    function same(a, b) {{ return a == b; }}
    function none(a, b) {{ return 1; }}
    function lets(database) {{ let a = {A}; let b = {B}; return a == b; }}
    function body(x) {{ return {B.replace("$(database)", "(default)")} == x; }}
"""


@pytest.mark.parametrize("warm_up", [0, 1_000], ids=["generated", "closures"])
@pytest.mark.parametrize(("condition", "last"), RECORDED, ids=lambda value: str(value)[:40])
def test_only_the_last_evaluated_lookup_is_too_much(condition: str, last: int, warm_up: int) -> None:
    unreadable = [number for number in range(11) if not _is_allowed(f"({condition}) || {_exists(number)}", warm_up)]
    assert unreadable == [last]


def _is_allowed(condition: str, warm_up: int) -> bool:
    source = (
        "rules_version = '2';\nservice cloud.firestore {\n  match /databases/{database}/documents {"
        f"{FUNCTIONS}    match /c/{{id}} {{ allow get: if {condition}; }}\n  }}\n}}\n"
    )
    rules = compile_rules(source, warm_up=warm_up)
    request = Request(operation=Get(paths=(("c", "a"),)), time=Timestamp(0))
    return decide(rules, request, DOCUMENTS.get).allowed
