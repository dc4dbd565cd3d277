"""What inputs are fed to: everything a rules file meets, from the lexer to decisions. Its answer is one word."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

from firewarden.language import ast, parse, parse_expression, print_expression, print_ruleset, render
from firewarden.rules import CompiledRules, RulesetInvalid, compile_rules, decide
from firewarden.rules.checking import parse_rules
from firewarden.rules.compatibility import PRESETS
from firewarden.rules.evaluating import evaluate
from firewarden.rules.explain import explain
from firewarden.rules.explain.report import as_json
from firewarden.rules.outcomes import EvalError
from toolkit.tests.fuzz.rules.inputs import Input
from toolkit.tests.fuzz.rules.surroundings import EXPRESSION_SURROUNDINGS, STORED, requests

_NEVER = 1_000_000_000  # evaluations before code is generated
_REQUESTS = tuple(requests())
_HEAD = "rules_version = '2';\nservice cloud.firestore {\nmatch /databases/{database}/documents {\nmatch /c/{id} {\n"


def feed(given: Input) -> str:
    """What became of an input; raises only if something is wrong with us."""
    return _FEED[given.what](given.text)


def _source(text: str) -> str:
    ruleset = _parsed(text)
    if ruleset is None:
        return "refused"
    printed = print_ruleset(ruleset)
    again = parse(printed).ruleset
    assert again is not None, "printed, it is refused"
    assert print_ruleset(again) == printed, "printed, it is another ruleset"
    _decide(ruleset)
    return "decided"


def _condition(text: str) -> str:
    ruleset = _parsed(f"{_HEAD}allow read, write: if {text}\n;}}}}}}")
    if ruleset is None:
        return "refused"
    _decide(ruleset)
    return "decided"


def _expression(text: str) -> str:
    tree = parse_expression(text)
    if isinstance(tree, tuple):
        assert tree, "refused without a word"
        return "refused"
    printed = print_expression(tree)
    again = parse_expression(printed)
    assert not isinstance(again, tuple), "printed, it is refused"
    assert print_expression(again) == printed, "printed, it is another expression"
    try:
        value = evaluate(text, EXPRESSION_SURROUNDINGS)
    except RulesetInvalid:
        return "not compiled"
    return "error" if isinstance(value, EvalError) else "value"


def _parsed(text: str) -> ast.Ruleset | None:
    parsed = parse_rules(text)
    for each in parsed.diagnostics:
        assert render(each, text), "nothing to show"
    assert all(issue.description for issue in parsed.official), "an issue without words"
    assert parsed.ruleset is not None or parsed.diagnostics, "refused without a word"
    return parsed.ruleset


def _decide(ruleset: ast.Ruleset) -> None:
    """Closures and generated code decide alike, and what is decided can be explained."""
    for compatibility in PRESETS.values():
        slow = compile_rules(ruleset, compatibility=compatibility, warm_up=_NEVER)
        quick = compile_rules(ruleset, compatibility=compatibility, warm_up=0)
        for request in _REQUESTS:
            decision = decide(slow, request, STORED.get)
            assert decision.crashed or decision.allowed is (decision.message is None)
            other = decide(quick, request, STORED.get)
            assert (other.allowed, other.message) == (decision.allowed, decision.message), "generated code differs"
    _explain(slow)


def _explain(rules: CompiledRules) -> None:
    for request in _REQUESTS[2:4]:
        explanation = explain(rules, request, STORED.get)
        assert explanation.text(), "nothing to tell"
        json.dumps(as_json(explanation))


_FEED: Mapping[str, Callable[[str], str]] = {"source": _source, "condition": _condition, "expression": _expression}
