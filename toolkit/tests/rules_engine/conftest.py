"""Asking the engine in one line."""

from collections.abc import Callable
from typing import Any

import pytest

from firewarden.rules import Decision, EvalError, Get, Request, auth_of, compile_rules, decide
from firewarden.values import Timestamp

NOW = Timestamp(1_700_000_000_123_456_789)
Evaluate = Callable[..., Any]


@pytest.fixture(scope="session")
def evaluate() -> Evaluate:
    """The value of an expression, or the text of its error."""
    return value_of


@pytest.fixture(scope="session")
def ask() -> Callable[..., Decision]:
    """The decision about a get of `c/a` as ana, for rules inside the usual blocks."""
    return get_of


def value_of(expression: str, *, functions: str = "", resource: dict[str, Any] | None = None) -> Any:
    seen: list[Any] = []
    rules = compile_rules(wrapped(f"{functions} match /c/{{id}} {{ allow get: if probe({expression}); }}", PROBE))
    documents: dict[tuple[str, ...], dict[str, Any] | None] = {("c", "a"): resource}
    node = rules.ruleset.functions[0].result.left  # type: ignore[union-attr]  # PROBE's `value == value`

    def trace(traced: object, outcome: Any) -> None:
        if traced is node:
            seen.append(outcome)

    decide(rules, GET, documents.get, tracer=trace)
    outcome = seen[0]
    return outcome.text if isinstance(outcome, EvalError) else outcome


def get_of(body: str, *, documents: dict[tuple[str, ...], dict[str, Any]] | None = None, **options: Any) -> Decision:
    return decide(compile_rules(wrapped(body), **options), GET, (documents or {}).get)


def wrapped(body: str, functions: str = "") -> str:
    return (
        f"rules_version = '2'; {functions} service cloud.firestore {{\n"
        f"  match /databases/{{database}}/documents {{\n{body}\n  }}\n}}\n"
    )


PROBE = "function probe(value) { return value == value; }"
GET = Request(
    operation=Get(paths=(("c", "a"),)),
    time=NOW,
    auth=auth_of({"sub": "ana", "role": "member", "email": None}),
)
