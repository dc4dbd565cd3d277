"""Our reports beside those of Google's emulator on the same rules and requests.

Structure and values are equal. Counts are, too, but for what the emulator counts more than once: every evaluation again
with every further allow of the request, and what is no plain answer in a pass without documents besides.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from toolkit.tests.coverage.scenes import SCENES, Json, asked, put_rules, recorded, report

OFFICIAL = {each["scene"]: each for each in recorded()}
_COMPOSITE = frozenset({"mapValue", "listValue", "constraintValue"})


def expressions(told: Any) -> Iterator[Json]:
    """Every expression of a report."""
    for each in told:
        yield each
        yield from expressions(each.get("children", ()))


def structure(told: Any) -> list[Any]:
    """Where expressions stand, and what is inside them."""
    return [(each["sourcePosition"], structure(each.get("children", ()))) for each in told]


def kind(value: Json) -> str:
    return next(iter(value), "skipped")


def kinds(expression: Json) -> Counter[str]:
    """How often an expression had a value of each type."""
    found: Counter[str] = Counter()
    for each in expression.get("values", ()):
        found[kind(each["value"])] += each["count"]
    return found


def simple(expression: Json) -> dict[str, int]:
    """The values that hold no others, which are told one by one."""
    told = (each for each in expression.get("values", ()) if kind(each["value"]) not in _COMPOSITE)
    return {repr(sorted_keys(each["value"])): each["count"] for each in told}


def sorted_keys(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: sorted_keys(value[key]) for key in sorted(value)}
    return value


def times(counts: Any, factor: int) -> Any:
    return {key: count * factor for key, count in counts.items()}


@pytest.mark.parametrize(("scene", "factor"), [("once", 1), ("errors", 2)])
def test_the_report_is_the_official_one(http: httpx.Client, scene: str, factor: int) -> None:
    """An error is no plain answer: the emulator counts it in both passes."""
    ours, official = asked(http, "demo-a", scene), OFFICIAL[scene]
    assert ours["rules"] == official["rules"]
    assert structure(ours["report"]) == structure(official["report"])
    pairs = list(zip(expressions(ours["report"]), expressions(official["report"]), strict=True))
    assert [times(kinds(our), factor) for our, _ in pairs] == [kinds(their) for _, their in pairs]
    assert [times(simple(our), factor) for our, _ in pairs] == [simple(their) for _, their in pairs]
    small = [each for our, _ in pairs for each in our.get("values", ()) if kind(each["value"]) in _COMPOSITE]
    theirs = [each["value"] for _, their in pairs for each in their.get("values", ())]
    assert [each for each in small if not each.get("more") and each["value"] not in theirs] == []
    assert any(not each.get("more") for each in small)


def test_what_the_emulator_repeats_is_counted_once(http: httpx.Client) -> None:
    """Of four allows that one request asks, it counts the first four times, the second three times, and so on."""
    ours, official = asked(http, "demo-a", "repeated"), OFFICIAL["repeated"]
    assert structure(ours["report"]) == structure(official["report"])
    assert [sum(kinds(each).values()) for each in ours["report"][1:]] == [1, 1, 1, 1]
    assert [sum(kinds(each).values()) for each in official["report"][1:]] == [4, 3, 2, 1]


def test_only_the_pass_with_documents_is_counted(http: httpx.Client) -> None:
    """The emulator's pass without them leaves an unknown outcome beside the true one."""
    ours, official = asked(http, "demo-a", "twice"), OFFICIAL["twice"]
    assert structure(ours["report"]) == structure(official["report"])
    assert ours["report"][0]["values"] == [{"value": {"boolValue": True}, "count": 1}]
    assert official["report"][0]["values"] == [
        {"value": {"undefined": {}}, "count": 1},
        {"value": {"boolValue": True}, "count": 1},
    ]


@pytest.mark.official_firestore(reason="Google's own report is asked for")
@pytest.mark.parametrize("scene", SCENES)
def test_the_recording_is_what_the_emulator_says(official_firestore_server: Any, scene: str) -> None:
    """Times are others today; nothing else is."""
    with httpx.Client(base_url=f"http://{official_firestore_server.host}", trust_env=False, timeout=60) as client:
        today = asked(client, f"demo-coverage-{scene}", scene)
    assert structure(today["report"]) == structure(OFFICIAL[scene]["report"])
    pairs = zip(expressions(today["report"]), expressions(OFFICIAL[scene]["report"]), strict=True)
    assert [kinds(one) for one, _ in pairs] == [kinds(each) for each in expressions(OFFICIAL[scene]["report"])]


ODD = (
    "{a: b, c: d, 'e': f} == [1, 2,] && [x,] == {a: b,} && (a)[:] == (b)[1:] && a[(b)] && (a == b) ? (c) : /**/ ((d))",
    "!((true)) && -((x)) == 1 && -((5)) == 1 && (-5) == 1 && ('x') in (['y']) && (('x')) in a",
    "/a/b == /databases/(default)/documents/%20x/$('y')/$((x)) && f( a , b ) && math . abs( x )",
    "((true) ? (1) : ((2))) == (3) && (x is string) && ( 'a' ) . size ( ) > ( 1 )",
    "-9223372036854775808 < 1 && - 5 == 1 && b'ab' == b'c' && a.get(['x', 'y'], 0) && [] == [[], {}]",
    "(a.b).c && (a).b() && !a && !(!b) && a.b.c.d[e].f(g) && get(path('a')).data[request]",
)


@pytest.mark.official_firestore(reason="Google's own report is asked for")
def test_expressions_stand_where_the_emulator_says(http: httpx.Client, official_firestore_server: Any) -> None:
    """Parentheses, literals and brackets are left out of a position in odd ways."""
    conditions = "\n".join(f"allow get: if {each};" for each in ODD)
    functions = "function g(a, b) { let x = (a); let y = ((b)); return ((x && (true))); } function i() { return 1; }"
    block = f"match /a/{{id}} {{ {conditions}\nmatch /c/{{d}} {{ allow list: if d; }}\n{functions} }}"
    text = f"rules_version = '2';\nservice cloud.firestore {{ match /databases/{{d}}/documents {{ {block} }} }}"
    with httpx.Client(base_url=f"http://{official_firestore_server.host}", trust_env=False, timeout=60) as client:
        assert put_rules(client, "demo-coverage-odd", text)
        official = report(client, "demo-coverage-odd")
    assert put_rules(http, "demo-coverage-odd", text)
    assert report(http, "demo-coverage-odd") == official
