"""What a request came to, document by document: what `rules` saw, and what each `allow` said to it.

This is what the requests page of the Emulator UI shows. Of what the official emulator tells it, the pass without
documents is left out, which says nothing that the one with documents does not say better, and so are the lines of the
documents that were judged before.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from firewarden.coverage.expression_values import Json, expression_value
from firewarden.language import ast
from firewarden.language.depth import with_room
from firewarden.rules.compiled import CompiledRules
from firewarden.rules.deciding import subjects_of
from firewarden.rules.judging import Verdict
from firewarden.rules.kinds import Value
from firewarden.rules.lookups import Read
from firewarden.rules.matching import Segment
from firewarden.rules.outcomes import EvalError, RequestCrashed
from firewarden.rules.passes import Subject
from firewarden.rules.requests import Request

ALLOW, DENY, ERROR = "allow", "deny", "error"


def evaluations(rules: CompiledRules, request: Request, read: Read) -> list[Json]:
    """The evaluation of each document that the request touches, or disjunct of its query, up to the first denied."""
    return with_room(lambda: list(_evaluations(rules, request, read)))


def _evaluations(rules: CompiledRules, request: Request, read: Read) -> Iterator[Json]:
    for subject in subjects_of(rules.exhaustive, request, read, _untold):
        try:
            verdict = subject.last()
        except RequestCrashed:
            return  # of what it failed on there is nothing to show
        yield _evaluation(subject, verdict, str(request.time))
        if not verdict.allowed:
            return


def _evaluation(subject: Subject, verdict: Verdict, time: str) -> Json:
    seen = verdict.evaluation
    return {
        "rulesContext": {
            "path": _written(subject.path),
            "request": _shown(seen.request),
            "method": verdict.method,
            "resource": _shown(seen.resource),
            "time": time,
        },
        "granularAllowOutcomes": [
            {"line": allow.span.line, "outcome": outcome is True} for allow, outcome in verdict.outcomes
        ],
        "outcome": _outcome(verdict),
    }


def _outcome(verdict: Verdict) -> str:
    if verdict.allowed:
        return ALLOW
    return ERROR if any(type(outcome) is EvalError for _, outcome in verdict.outcomes) else DENY


def _shown(value: Value) -> Json:
    return {"undefined": {}} if type(value) is EvalError else expression_value(value)


def _written(path: tuple[Segment, ...]) -> str:
    """A path with asterisks for what a query leaves open."""
    return "".join(f"/{each if isinstance(each, str) else '**' if each.glob else '*'}" for each in path)


def _untold(_node: ast.Expression, _outcome: Any) -> None:
    """Nobody wants to know of the expressions; only evaluations that tell them ask every block."""
