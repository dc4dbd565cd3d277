"""What is generated: the same for the same seed, all of the language, and mostly programs with a value."""

from __future__ import annotations

from collections import Counter
from random import Random

import pytest

from firewarden.language import parse
from firewarden.rules import Decision
from toolkit.tests.conformance.rules import constructs
from toolkit.tests.conformance.rules.batches import question_of
from toolkit.tests.conformance.rules.ours import Engine, reader_of, request_of
from toolkit.tests.conformance.rules.programs import Program, program
from toolkit.tests.conformance.rules.rulesets import ruleset
from toolkit.tests.conformance.rules.scenarios import Scenario, scenario
from toolkit.tests.conformance.rules.sentences import Grammar, Speaker, form_of

SEED = 7


def scenarios(count: int) -> list[Scenario]:
    random = Random(SEED)
    return [scenario(random, requests=40, query_share=0.5) for _ in range(count)]


def test_equal_seeds_give_equal_questions() -> None:
    assert scenarios(3) == scenarios(3)
    assert [program(Random(SEED)) for _ in range(3)] == [program(Random(SEED)) for _ in range(3)]


def test_every_construct_comes_up() -> None:
    """A new builtin or operator that is never generated fails here."""
    random, found = Random(SEED), Counter[str]()
    for _ in range(2500):
        found += constructs.in_program(program(random))
    for made in scenarios(60):
        found += constructs.in_ruleset(made.rules)
        for request, _ in made.requests:
            found += constructs.in_request(request)
    assert constructs.ALL - found.keys() == set()


def test_most_programs_have_a_value() -> None:
    """At least six of ten evaluate without an error, or the rest of the engine is hardly reached."""
    random = Random(SEED)
    decisions = [decision(program(random)) for _ in range(400)]
    erring = sum("Type error. Received: [" not in told and not told.startswith("false") for told in decisions if told)
    assert erring / len(decisions) < 0.4


def decision(made: Program) -> str:
    """What the denial of a program's request tells, after its line break; empty if it is allowed."""
    question = question_of(made)
    engine = Engine.of(question["rules"])
    if engine is None:
        return ""
    made_decision: Decision = engine.decide(request_of(question), reader_of({}))["closures"]
    return (made_decision.message or "").strip()


def test_most_rulesets_compile() -> None:
    random = Random(SEED)
    compiled = sum(parse(ruleset(random)).ruleset is not None for _ in range(100))
    assert compiled > 80


@pytest.mark.parametrize(
    ("text", "is_closed"),
    [
        ("1", True),
        ("-1", False),
        ("a.b(c, d)", True),
        ("a + b", False),
        ("'a b'", True),
        ("[a, b][0]", True),
        ("/a", False),
    ],
)
def test_what_binds_loosely_is_put_in_parentheses(text: str, is_closed: bool) -> None:
    grammar = Grammar.of({"whole": ("<part> is int",), "part": (text,)})
    said = Speaker(Random(SEED), grammar, slip=0, bare=0).say("whole", 1)
    assert form_of(text).is_closed is is_closed
    assert said == (f"{text} is int" if is_closed else f"({text}) is int")
