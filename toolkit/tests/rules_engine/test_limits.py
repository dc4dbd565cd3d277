"""Budgets end an evaluation, and nothing absorbs that."""

from collections.abc import Callable

import pytest

from firewarden.rules import Decision, Get, Request, compile_rules, decide
from firewarden.rules.compiler.code import TOO_MANY_EXPRESSIONS
from firewarden.rules.memory import TOO_LARGE
from firewarden.values import Timestamp

Ask = Callable[..., Decision]
REQUEST = Request(operation=Get(paths=(("c", "a"),)), time=Timestamp(0))


def test_a_thousand_expressions_may_be_evaluated(ask: Ask) -> None:
    """A list of 997 literals, its size() and the comparison with a literal are 1,000."""
    body = "match /c/{{id}} {{ allow get: if [{}].size() > 0; }}"
    assert ask(body.format(", ".join(["1"] * 996))).allowed
    denied = ask(body.format(", ".join(["1"] * 997)))
    assert TOO_MANY_EXPRESSIONS in str(denied.message)


@pytest.mark.parametrize("condition", ["{} || true", "true || {}", "!({} && false)"])
def test_only_what_is_evaluated_counts(condition: str, ask: Ask) -> None:
    many = f"[{', '.join(['1'] * 1001)}].size() == 0"
    allowed = ask(f"match /c/{{id}} {{ allow get: if {condition.format(many)}; }}").allowed
    assert allowed is condition.startswith("true")


@pytest.mark.parametrize("literal", ["[{0}, {0}, {1}]", "{{'a': {0}, 'b': {0}, 'c': {1}}}", "[[{0}, {0}], {1}]"])
@pytest.mark.parametrize("warm_up", [0, 10**9])
def test_no_list_or_map_may_reach_two_megabytes(literal: str, warm_up: int, ask: Ask) -> None:
    """With documents of nearly a megabyte as with small ones: all that is in it counts."""
    documents = {("c", "a"): {"large": "x" * 700_000, "small": "x"}}
    body = "match /c/{{id}} {{ allow get: if {}.size() > 0; }}"
    for last, is_within in (("small", True), ("large", False)):
        value = literal.format("resource.data.large", f"resource.data.{last}")
        decision = ask(body.format(value), documents=documents, warm_up=warm_up)
        assert decision.allowed is is_within
        assert is_within or TOO_LARGE in str(decision.message)


def test_an_earlier_allow_keeps_its_outcome(ask: Ask) -> None:
    """All allows of a request share one budget; those reached after it is used up are denied."""
    many = f"[{', '.join(['1'] * 1001)}].size() == 0"
    body = "match /c/{{id}} {{ allow get: if {}; allow get: if {}; }}"
    assert ask(body.format("true", many)).allowed
    assert not ask(body.format(many, "true")).allowed


def test_a_function_costs_what_its_body_costs_each_time() -> None:
    calls = " && ".join(["f()"] * 98)

    def asked(length: int) -> Decision:
        items = ", ".join(["1"] * length)
        source = (
            f"function f() {{ return [{items}].size() > 0; }} service cloud.firestore {{"
            f" match /databases/{{db}}/documents/c/{{id}} {{ allow get: if {calls}; }} }}"
        )
        return decide(compile_rules(source), REQUEST, lambda _: None)

    # 97 operators at 2, 98 calls at 1 + 4 + the items.
    assert asked(3).allowed
    assert TOO_MANY_EXPRESSIONS in str(asked(4).message)


@pytest.mark.parametrize(
    ("doublings", "allowed"),
    [(20, True), (21, False)],
)
def test_no_value_may_reach_two_megabytes(doublings: int, allowed: bool, ask: Ask) -> None:
    """Also where it is not used, and whatever else the condition says."""
    lets = "".join(f"let d{i + 1} = d{i} + d{i};" for i in range(min(doublings, 10)))
    rest = "".join(f"let d{i + 1} = d{i} + d{i};" for i in range(10, 20))
    more = "let more = d20 + d20;" if doublings > 20 else ""
    functions = (
        f"function first(d0) {{ {lets} return d10; }}"
        f"function second(d10) {{ {rest} return d20; }}"
        f"function third(d20) {{ {more} return true; }}"
    )
    decision = ask(f"{functions} match /c/{{id}} {{ allow get: if true || third(1); allow get: if false; }}")
    assert decision.allowed
    decision = ask(f"{functions} match /c/{{id}} {{ allow get: if third(second(first('a'))) || true; }}")
    assert decision.allowed is allowed
    assert allowed or TOO_LARGE in str(decision.message)
