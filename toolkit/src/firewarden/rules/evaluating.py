"""A single expression, evaluated as the condition of an `allow` would be: for trying out and for recordings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from firewarden.language import ast
from firewarden.language.depth import with_room
from firewarden.rules.compatibility import PRODUCTION, Compatibility
from firewarden.rules.compiled import compile_rules
from firewarden.rules.compiler.code import Evaluation, Tracer
from firewarden.rules.environment import Document, read_request, resource, root
from firewarden.rules.kinds import Value
from firewarden.rules.lookups import Documents, Lookups, Read
from firewarden.rules.outcomes import EvalError, LimitReached, RequestCrashed
from firewarden.rules.requests import DocumentPath, Get, Request
from firewarden.values import Path, Timestamp

_HEAD = (
    "rules_version = '2';\nservice cloud.firestore {\nmatch /databases/{database}/documents {\nmatch /{document=**} {\n"
)
_HEAD_LINES = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What an expression sees: who asks and when, the document (`resource`), the result of a write, others stored."""

    time: Timestamp
    auth: Mapping[str, Any] | None = None
    path: DocumentPath = ("collection", "document")
    before: Document | None = None
    after: Document | None = None
    documents: Mapping[DocumentPath, Document] = field(default_factory=dict)


def evaluate(
    expression: str,
    surroundings: Surroundings,
    *,
    functions: str = "",
    compatibility: Compatibility = PRODUCTION,
    tracer: Tracer | None = None,
) -> Value:
    """The value of an expression, or the `EvalError` it comes to; positions count from its own first character.

    `functions` are definitions that it may call. What does not compile is `RulesetInvalid`, whose positions count
    from the first line of `source_of`.
    """
    rules = compile_rules(source_of(expression, functions=functions), compatibility=compatibility)
    if tracer:
        rules = rules.traced
    ((allow,),) = rules.blocks[0].allows.values()
    path = root("(default)") + surroundings.path
    documents = Documents(_reader(surroundings), {}, "(default)", compatibility)
    evaluation = Evaluation(
        lambda: (_request(surroundings, path), resource(surroundings.path, surroundings.before, "(default)")),
        Lookups(documents, surroundings.path),
    )
    evaluation.captures = rules.blocks[0].pattern.captures(path) or ()
    evaluation.trace = tracer
    try:
        evaluation.charge(allow.code.cost)
        return with_room(lambda: allow.code.run(evaluation, []))
    except LimitReached as limit:
        return EvalError(limit.text, allow.span)
    except RequestCrashed as crash:
        return EvalError(str(crash), allow.span)


def source_of(expression: str, *, functions: str = "") -> str:
    """The rules file that the expression is evaluated in."""
    return f"{_HEAD}{functions}\nallow get: if\n{expression}\n;}}}}}}"


def lines_above(*, functions: str = "") -> int:
    """How many lines of `source_of` are above the expression."""
    return _HEAD_LINES + functions.count("\n") + 2


def relative(span: ast.Span, *, functions: str = "") -> ast.Span:
    """A span of `source_of`, counted from the expression's own first line."""
    return span._replace(line=span.line - lines_above(functions=functions))


def _reader(surroundings: Surroundings) -> Read:
    stored = dict(surroundings.documents)
    if surroundings.before is not None:
        stored[surroundings.path] = surroundings.before
    return stored.get


def _request(surroundings: Surroundings, path: tuple[str, ...]) -> dict[str, Value]:
    asked = Request(operation=Get(paths=(surroundings.path,)), time=surroundings.time, auth=surroundings.auth)
    method = "get" if surroundings.after is None else "update" if surroundings.before else "create"
    seen = read_request(asked, method, Path(path), fields=None, in_transaction=False)
    if surroundings.after is not None:
        seen["resource"] = resource(surroundings.path, surroundings.after, "(default)")
    return seen
