"""What an outcome means in plain words, with what to do about it: errors, and tests that came to false."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from firewarden.language import ast, print_expression
from firewarden.rules.constraint import Constraint
from firewarden.rules.equality import same_element, set_key
from firewarden.rules.explain.model import Step
from firewarden.rules.kinds import RuleSet, Value, type_name
from firewarden.rules.notation import written
from firewarden.rules.outcomes import EvalError, Refusal
from firewarden.values import Path

_NAMES_MAX = 200  # characters of the elements that are told


@dataclass(frozen=True, slots=True)
class Words:
    """What went wrong, and what to do; either may be empty."""

    meaning: str = ""
    advice: str = ""


NOTHING = Words()


def in_words(step: Step, *, lets: Sequence[Step] = (), of_query: bool = False) -> Words:
    """The outcome of a step as one would tell a colleague; of a query, `resource.data` is what filters promise.

    A variable that is among the `lets` is told as what it was set to.
    """
    step = _with_lets(step, {each.let: each for each in lets})
    error = step.outcome
    if not isinstance(error, EvalError):
        return _of_false(step) if error is False else NOTHING
    if error.text is None:
        return Words("no filter of the query proves this" if of_query else "this cannot be known here")
    if of_query and (found := _UNDEFINED.search(error.text)):
        return _unfiltered(found[1])
    if of_query and isinstance(step.node, ast.Variable):
        return Words(f"the query leaves `{step.node.name}` open: it asks for documents with any id")
    return _of_text(error.text, step)


def _with_lets(step: Step, lets: Mapping[str, Step]) -> Step:
    known = [lets.get(each.node.name) if isinstance(each.node, ast.Variable) else None for each in step.children]
    return replace(step, children=tuple(let or each for let, each in zip(known, step.children, strict=True)))


def limit_in_words(error: EvalError) -> Words:
    """The words for an error that ended a condition as a whole."""
    found = _LIMIT.search(error.text or "")
    return _limit(found) if found else NOTHING


def _of_text(text: str, step: Step) -> Words:
    for pattern, say in _SAYINGS:
        if found := pattern.search(text):
            return say(found, step)
    found = _LIMIT.search(text)
    return _limit(found) if found else NOTHING


def _of_false(step: Step) -> Words:
    node, parts = step.node, step.children
    if isinstance(node, ast.Is) and parts:
        return Words(f"`{print_expression(node.operand)}` is of type {type_name(parts[0].outcome)}")
    if isinstance(node, ast.MethodCall) and node.method.text in ("hasOnly", "hasAll") and len(parts) == 2:
        return _difference(node.method.text, *(_elements(each.outcome) for each in parts))
    if isinstance(node, ast.Call) and parts and isinstance(parts[0].outcome, Path):
        return Words(f"there is no document {_document(parts[0].outcome)}")
    return NOTHING


def _difference(method: str, has: list[Value], asked: list[Value]) -> Words:
    less, more = (asked, has) if method == "hasOnly" else (has, asked)
    names = written(_without(more, less), longest=_NAMES_MAX)
    return Words(f"not among them: {names}" if method == "hasOnly" else f"missing: {names}")


def _without(elements: list[Value], others: list[Value]) -> list[Value]:
    try:
        known = {set_key(each) for each in others}
        return [each for each in elements if set_key(each) not in known]
    except Refusal:
        # What a query promises has no key; it is compared one by one, as the engine does.
        return [each for each in elements if not any(same_element(each, other) for other in others)]


def _elements(value: Value) -> list[Value]:
    # INVARIANT: what has these methods, and what they take, is a list or a set; all else is an error, not false.
    return list(value.elements.values() if isinstance(value, RuleSet) else value)


def _unfiltered(field: str) -> Words:
    return Words(
        f"no filter of the query says anything about `{field}`",
        "A query is allowed only if its filters prove the condition for every document that they let through.",
    )


def _undefined(found: re.Match[str], step: Step) -> Words:
    name = found[1]
    if not isinstance(step.node, ast.Member):
        return Words(f"there is no field `{name}`")
    receiver = print_expression(step.node.receiver)
    if receiver == "request.auth.token":
        return Words(f"the token has no claim `{name}`", f"If it may be absent, read {receiver}.get('{name}', null).")
    return Words(
        f"there is no field `{name}` in `{receiver}`",
        f"If it may be absent, read {receiver}.get('{name}', null); else write it.",
    )


def _null(_: re.Match[str], step: Step) -> Words:
    inner = next(iter(step.children), step)
    if isinstance(inner.node, ast.Call) and inner.children and isinstance(inner.children[0].outcome, Path):
        missing = _document(inner.children[0].outcome)
        return Words(f"there is no document {missing}, so {inner.node.function.text}() is null", _GIVE.format(missing))
    text = print_expression(inner.node)
    meaning, advice = _KNOWN_NULLS.get(text, (f"`{text}` is null", f"Ask `{text} != null &&` first."))
    return Words(meaning, advice)


_GIVE = "Ask exists() first, or give the test the document {}."
_KNOWN_NULLS = {
    "request.auth": ("`request.auth` is null: the caller is not signed in", "Ask `request.auth != null &&` first."),
    "resource": ("`resource` is null: the document does not exist", "Ask `resource != null &&` first."),
    "request.resource": ("`request.resource` is null: this is a delete", "Allow delete by a condition of its own."),
}


def _document(path: Path) -> str:
    return "/".join(map(str, path.segments[3:]))


def _lookup(found: re.Match[str], _: Step) -> Words:
    segments = re.findall(r'simple: "((?:[^"\\]|\\.)*)"', found[0])
    path = "/".join(segments[3:] if segments[2:3] == ["documents"] else segments)
    if found[1] in ("get", "value", "getAfter"):
        return Words(
            f"there is no document {path}, or no more documents may be read",
            "Ask exists() first, or store the document before the test.",
        )
    return Words(f"no more documents may be read, or {path} is no path of a document")


def _wrong_type(_: re.Match[str], step: Step) -> Words:
    if any(isinstance(each.outcome, Constraint) for each in step.children):
        return Words("a filter promises something about the field, not its value: nothing can be computed with it")
    types = ", ".join(
        f"`{print_expression(each.node)}` is of type {type_name(each.outcome)}"
        for each in step.children
        if not each.is_error
    )
    return Words(types, "Check the type first: `value is string &&`." if types else "")


def _limit(found: re.Match[str]) -> Words:
    return Words(
        f"the condition needs more than {found[1]} evaluations",
        "Ask what is cheap and decisive first; look a document up once and hand it to functions.",
    )


_Say = Callable[[re.Match[str], Step], Words]
_UNDEFINED = re.compile(r"Property (.+) is undefined on object")
_LIMIT = re.compile(r"maximum of (\d+) expressions")
_SAYINGS: tuple[tuple[re.Pattern[str], _Say], ...] = (
    (_UNDEFINED, _undefined),
    (re.compile(r"Null value error"), _null),
    (re.compile(r"Service call error\. Function: \[(\w+)\].*", re.DOTALL), _lookup),
    (re.compile(r"Unsupported operation error|type error|Function not found", re.IGNORECASE), _wrong_type),
)
