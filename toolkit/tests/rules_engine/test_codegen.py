"""Generated functions give the closures' answers, or none: on recorded expressions, requests and the budget."""

import json
import os
from pathlib import Path

import pytest

from firewarden.rules import Commit, Get, Request, RulesetInvalid, Write, auth_of, compile_rules, decide
from firewarden.rules.codegen import SURPRISES
from firewarden.rules.compiled import CompiledAllow, CompiledRules
from firewarden.rules.compiler.code import Evaluation
from firewarden.rules.environment import Document
from firewarden.rules.lookups import Documents, Lookups
from firewarden.rules.outcomes import EvalError, LimitReached, RequestCrashed
from firewarden.rules.recordings.recorder import CALLER, NOW, nothing_stored
from firewarden.rules.requests import DocumentPath
from firewarden.values import Path as RulesPath
from firewarden.values import Timestamp

FOLDER = Path(os.environ.get("FIREWARDEN_VECTORS") or Path(__file__).parents[1] / "vectors")
GATHER = Path(__file__).parents[3] / "firestore.rules"
HEAD = "rules_version = '2';\nservice cloud.firestore {\nmatch /databases/{db}/documents {\nmatch /e/{d} {\n"
WHOLE = ("databases", "(default)", "documents", "e", "x")
# Each way to stand in a condition: alone, compared, negated, on either side of what absorbs it, chosen, handed on.
SHAPES = (
    "{0}",
    "({0}) == ({0})",
    "!(({0}) != null)",
    "({0}) is int || ({0}) is string || true",
    "false || ({0}) == null || d == 'x'",
    "(d == 'x' ? ({0}) : 1) != 5",
    "same({0})",
    "twice({0})",
)
FUNCTIONS = (
    "function same(it) { return it == it; }\n"
    "function twice(it) { let one = it; let other = [it]; return one == other[0] && other.size() == 1; }\n"
)


def expressions() -> list[dict[str, str]]:
    return [json.loads(line) for line in (FOLDER / "expr.jsonl").read_text().splitlines()]


def evaluation_of(rules: CompiledRules) -> Evaluation:
    """A get of a document that does not exist, with everything known."""
    documents = Documents(nothing_stored, {}, "(default)", rules.compatibility)
    seen = {
        "auth": CALLER,
        "fields": None,
        "headers": {},
        "inTransaction": False,
        "method": "get",
        "path": RulesPath(WHOLE),
        "time": NOW,
    }
    return Evaluation(lambda: (seen, None), Lookups(documents, ("e", "x")), auth=CALLER, time=NOW, knowledge="full")


def by_closures(allow: CompiledAllow, evaluation: Evaluation) -> object:
    try:
        evaluation.charge(allow.code.cost)
        value = allow.code.run(evaluation, [])
    except (LimitReached, RequestCrashed) as ended:
        return ended
    return value.text if isinstance(value, EvalError) else value


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("proving", [False, True])
def test_recorded_expressions_in_every_shape(shape: str, *, proving: bool) -> None:
    """With and without a budget, and where values may be promises; a good part must be answered at all."""
    answered = asked = 0
    for record in expressions():
        source = f"{HEAD}{record.get('functions', '')}\n{FUNCTIONS}allow get: if {shape.format(record['expr'])};}}}}}}"
        try:
            rules = compile_rules(source)
        except RulesetInvalid:
            continue  # in some shapes an expression is one that the compiler refuses
        ((allow,),) = rules.blocks[0].allows.values()
        expected = evaluation_of(rules)
        expected.captures = ["(default)", "x"]
        outcome = by_closures(allow, expected)
        asked += outcome is True or outcome is False
        for counting in (False, True):
            evaluation = evaluation_of(rules)
            evaluation.captures = ["(default)", "x"]
            evaluation.knowledge = "promises" if proving else "full"
            answer = allow.quick(evaluation, counting=counting, warm_up=0)
            if answer is not None:
                assert answer is outcome, (source, answer, outcome)
                assert not counting or evaluation.spent == expected.spent, source
                answered += 1
    assert answered > asked / 2, (answered, asked)


EVENT = {
    "title": "Picnic",
    "startAt": Timestamp(NOW.nanos + 3600 * 10**9),
    "visibility": "public",
    "createdBy": "root",
    "createdAt": NOW,
    "updatedAt": NOW,
    "lastEndAt": Timestamp(NOW.nanos + 7200 * 10**9),
}
STORED: dict[DocumentPath, Document] = {("events", "e1"): EVENT, ("users", "ana"): {"name": "Ana"}}


def rsvp_create() -> Request:
    entry = {"status": "going", "changedAt": NOW, "changedBy": "ana"}
    rsvp = {"status": "going", "statusHistory": [entry], "createdAt": NOW, "updatedAt": NOW}
    write = Write(path=("events", "e1", "rsvps", "ana"), data=rsvp, exists=False)
    return Request(operation=Commit(writes=(write,)), time=NOW, auth=auth_of({"sub": "ana", "role": "member"}))


def test_the_usual_request_never_needs_the_closures(monkeypatch: pytest.MonkeyPatch) -> None:
    """What must be fast is: with an answer of the closures made impossible, an RSVP is still allowed."""
    rules = compile_rules(GATHER.read_text(), warm_up=0)
    assert decide(rules, rsvp_create(), STORED.get).allowed
    monkeypatch.setattr("firewarden.rules.judging._outcome", lambda *_: pytest.fail("the closures were asked"))
    assert decide(rules, rsvp_create(), STORED.get).allowed


def test_the_budget_is_the_same_near_its_end() -> None:
    """Conditions of 990 to 1,010 nodes, over two allows, by both ways."""
    for links in range(240, 256):
        chain = " && ".join(["d == 'x'"] * 90)
        more = " && ".join(["d == 'x'"] * (links - 90 * 2))
        source = (
            f"{HEAD}function a() {{ return {chain}; }} function b() {{ return {chain}; }}\n"
            f"function c() {{ return {more}; }}\nallow get: if a() && b() && !c(); allow get: if c();}}}}}}"
        )
        request = Request(operation=Get(paths=(("e", "x"),)), time=NOW)
        quick, slow = (decide(compile_rules(source, warm_up=most), request, nothing_stored) for most in (0, 99))
        assert (quick.allowed, quick.message) == (slow.allowed, slow.message)


def test_a_function_is_generated_only_for_what_is_asked_often() -> None:
    rules = compile_rules(f"{HEAD}allow get: if d == 'x';}}}}}}", warm_up=3)
    ((allow,),) = rules.blocks[0].allows.values()
    evaluation = evaluation_of(rules)
    evaluation.captures = ["(default)", "x"]
    answers = [allow.quick(evaluation, counting=False, warm_up=3) for _ in range(5)]
    assert answers == [None, None, None, True, True]


def test_what_a_surprise_is() -> None:
    """Nothing that a person interrupts with, and no assertion, is taken for one."""
    assert not any(issubclass(each, (KeyboardInterrupt, AssertionError, NameError)) for each in SURPRISES)
