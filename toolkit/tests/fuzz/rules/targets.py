"""What inputs are fed to: everything a rules file meets, from the lexer to decisions. Its answer is one word."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from firewarden.language import parse, parse_expression, print_expression, print_ruleset, render
from firewarden.rules import (
    Both,
    Commit,
    Either,
    Filter,
    Get,
    List,
    Query,
    Request,
    RulesetInvalid,
    Transform,
    Write,
    auth_of,
    compile_rules,
    decide,
)
from firewarden.rules.checking import parse_rules
from firewarden.rules.compatibility import PRESETS
from firewarden.rules.evaluating import Surroundings, evaluate
from firewarden.rules.outcomes import EvalError
from firewarden.values import LatLng, Path, Timestamp, Vector
from toolkit.tests.fuzz.rules.inputs import Input

_NOW = Timestamp(1_790_000_000_123_456_000)
_AUTH = auth_of({"sub": "ana", "role": "admin", "groups": ["a", "b"], "level": 3})
_DATA: Mapping[str, Any] = {
    "n": 1,
    "s": "text",
    "f": 1.5,
    "b": b"\x00\xff",
    "t": _NOW,
    "l": [1, "a", None],
    "m": {"k": {"a": 1}},
    "p": LatLng(1.0, 2.0),
    "r": Path(("databases", "(default)", "documents", "c", "a")),
    "v": Vector((1.0,)),
}
_STORED: Mapping[tuple[str, ...], Mapping[str, Any]] = {("c", "a"): _DATA, ("users", "ana"): {"role": "admin"}}
_OPERATIONS = (
    Get(paths=(("c", "a"), ("c", "none"))),
    Commit(
        writes=(
            Write(path=("c", "new"), data=_DATA, exists=False),
            Write(
                path=("c", "a"),
                data={"n": 2},
                mask=("n", "m.k"),
                transforms=(Transform(field="t", kind="server_time"),),
            ),
            Write(path=("c", "b")),
        )
    ),
    List(
        query=Query(
            collection="c",
            where=Both(
                filters=(
                    Filter(field="n", operator="==", value=1),
                    Either(
                        filters=(
                            Filter(field="s", operator="in", value=["a", "b"]),
                            Filter(field="l", operator="array-contains", value=1),
                        )
                    ),
                )
            ),
            order_by=(("f", "DESC"),),
            limit=10,
        )
    ),
)
_REQUESTS = tuple(Request(operation=each, time=_NOW, auth=auth) for each in _OPERATIONS for auth in (_AUTH, None))


def feed(given: Input) -> str:
    """What became of an input; raises only if something is wrong with us."""
    return _FEED[given.what](given.text)


def _source(text: str) -> str:
    parsed = parse_rules(text)
    for each in parsed.diagnostics:
        render(each, text)
    assert parsed.official is not None
    if parsed.ruleset is None:
        assert parsed.diagnostics, "refused without a word"
        return "refused"
    printed = print_ruleset(parsed.ruleset)
    again = parse(printed).ruleset
    assert again is not None, "printed, it is refused"
    assert print_ruleset(again) == printed, "printed, it is another ruleset"
    for compatibility in PRESETS.values():
        rules = compile_rules(text, compatibility=compatibility, warm_up=0)
        for request in _REQUESTS:
            decision = decide(rules, request, _STORED.get)
            assert decision.crashed or decision.allowed is (decision.message is None)
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
        value = evaluate(text, Surroundings(time=_NOW, auth=_AUTH, before=_DATA, after=_DATA, documents=_STORED))
    except RulesetInvalid:
        return "not compiled"
    return "error" if isinstance(value, EvalError) else "value"


_FEED: Mapping[str, Callable[[str], str]] = {"source": _source, "expression": _expression}
