"""Random expressions with the functions they call: what stands in one `allow get`, asked of a missing document."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from toolkit.tests.conformance.rules.expressions import EXPRESSIONS
from toolkit.tests.conformance.rules.sentences import Grammar, Speaker

_CAPTURES = {
    "string": ("d", "db"),
    "path": ("/a/$(d)",),
    "document": ("/databases/$(db)/documents/e/$(d)", "/databases/$(db)/documents/e/y"),
}
_GRAMMAR = EXPRESSIONS.extended(_CAPTURES)
_PARAMETER_KINDS = ("bool", "int", "string", "list", "map", "strings", "float", "timestamp", "any", "path", "set")
_RESULT_KINDS = ("bool", "bool", "int", "string", "list", "map", "float")
_CONDITION_KINDS = ("bool", "bool", "bool", "any", "int", "string", "list", "map", "error", "set", "float", "timestamp")
_PARAMETERS, _LETS = ("p", "q", "r", "size", "data"), ("u", "v", "w", "x", "y", "z", "k", "l", "m", "n")
# What one of each costs in the budget of 1,000 nodes.
_COSTS = {"1": 1, "d": 1, "-1": 2, "[1]": 2, "d == 'x'": 3, "request.path": 2, "{'a': 1}.a": 4, "true && d == 'x'": 6}
_BUDGET_AROUND = (985, 1006)
_DEPTH_AROUND = (90, 101)


@dataclass(frozen=True, slots=True)
class Program:
    """An expression, and the source of the functions in its scope."""

    expression: str
    functions: str = ""


def program(random: Random) -> Program:
    """One program of any family."""
    chance = random.random()
    if chance < 0.004:
        return Program(near_budget(random))
    if chance < 0.006:
        return Program(deep(random))
    kind, depth = random.choice(_CONDITION_KINDS), random.choice((1, 2, 2, 3, 3, 4))
    if chance < 0.8:
        return Program(Speaker(random, _GRAMMAR).say(kind, depth))
    declared, calls, grammar = functions(random, _GRAMMAR, ("f", "g", "h")[: random.randint(1, 3)])
    grammar = grammar.extended({"called": (calls[-1], calls[-1], f"<bool> || {calls[-1]}", "<bool>", "<any>")})
    return Program(Speaker(random, grammar).say("called", depth), "\n".join(declared))


def functions(
    random: Random, grammar: Grammar, names: tuple[str, ...], *, lets_max: int = 3
) -> tuple[list[str], list[str], Grammar]:
    """Functions that may call those before them, the form of a call of each, and the grammar that calls them all."""
    declared, calls = [], []
    for name in names:
        kinds = random.choices(_PARAMETER_KINDS, k=random.choice((0, 1, 1, 2, 2, 3)))
        result = random.choice(_RESULT_KINDS)
        declared.append(_function(random, grammar, name, kinds, result, lets_max))
        calls.append(f"{name}({', '.join(f'<{kind}>' for kind in kinds)})")
        grammar = grammar.extended({result: (calls[-1],)}, weight=len(grammar.forms[result]) // 3)
    random.shuffle(declared)
    return declared, calls, grammar


def near_budget(random: Random) -> str:
    """A condition that costs about as much as one may."""
    target = random.randint(*_BUDGET_AROUND)
    rest, units = target - 4, []  # the list, size(), the comparison and the zero
    for unit in _units(random):
        if _COSTS[unit] > rest:
            break
        rest -= _COSTS[unit]
        units.append(unit)
    return f"[{', '.join(units)}].size() >= 0"


def deep(random: Random) -> str:
    """An expression about as deep as one may be."""
    depth = random.randint(*_DEPTH_AROUND)
    opening, closing = random.choice((("(", ")"), ("!(", ")"), ("[", "]")))
    return f"{opening * (depth // len(opening))}true{closing * (depth // len(opening))}"


def _units(random: Random) -> Iterator[str]:
    favourite = random.choice(tuple(_COSTS))
    while True:
        yield favourite if random.random() < 0.8 else random.choice(tuple(_COSTS))


def _function(random: Random, grammar: Grammar, name: str, kinds: list[str], result: str, lets_max: int) -> str:
    parameters = random.sample(_PARAMETERS, len(kinds))
    inner = grammar
    for parameter, kind in zip(parameters, kinds, strict=True):
        inner = _with_word(inner, kind, parameter)
    lets = []
    for let in random.sample(_LETS, min(lets_max, random.choice((0, 0, 0, 1, 1, 2, 3)))):
        kind = random.choice(_PARAMETER_KINDS)
        lets.append(f" let {let} = {Speaker(random, inner).say(kind, random.choice((0, 1, 2)))};")
        inner = _with_word(inner, kind, let)
    body = Speaker(random, inner).say(result, random.choice((1, 2, 3)))
    return f"function {name}({', '.join(parameters)}) {{{''.join(lets)} return {body}; }}"


def _with_word(grammar: Grammar, kind: str, word: str) -> Grammar:
    kind = "string" if kind == "any" else kind
    return grammar.extended({kind: (word,)}, weight=max(2, len(grammar.words[kind]) // 2))
