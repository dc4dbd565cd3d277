"""An explanation as plain JSON data."""

from __future__ import annotations

from typing import Any

from firewarden.language import ast
from firewarden.rules.explain.decisive import deciding
from firewarden.rules.explain.model import AllowTrace, Explanation, Part, Step
from firewarden.rules.explain.words import in_words
from firewarden.rules.kinds import Value
from firewarden.rules.notation import written
from firewarden.rules.outcomes import EvalError


def as_json(explanation: Explanation) -> dict[str, Any]:
    """Stable keys; values in the notation of `rules.notation`."""
    proposed = explanation.suggestion
    return {
        "allowed": explanation.decision.allowed,
        "message": explanation.decision.message,
        "parts": [_part(each, explanation.source) for each in explanation.parts],
        "suggestion": None
        if proposed is None
        else [
            {"field": each.field, "operator": each.operator, "value": written(each.value)} for each in proposed.filters
        ],
    }


def _part(part: Part, source: str) -> dict[str, Any]:
    return {
        "method": part.method,
        "path": part.path,
        "allowed": part.allowed,
        "allows": [_allow(each, source) for each in part.allows],
        "nearMisses": [
            {"match": each.match, "line": each.line, "difference": each.difference} for each in part.near_misses
        ],
    }


def _allow(asked: AllowTrace, source: str) -> dict[str, Any]:
    decided = [] if asked.trace is None else list(deciding(asked.trace))
    return {
        "match": asked.match,
        "methods": [each.text for each in asked.allow.methods],
        "line": asked.allow.span.line,
        **_outcome(asked.outcome),
        "decidedBy": [
            {
                **_place(each.step.node, source),
                **_outcome(each.step.outcome),
                "meaning": in_words(each.step).meaning or None,
                "advice": in_words(each.step).advice or None,
                "calls": [{"function": call.function.text, "line": call.span.line} for call in each.calls],
            }
            for each in decided
        ],
        "trace": None if asked.trace is None else _step(asked.trace, source),
    }


def _step(step: Step, source: str) -> dict[str, Any]:
    below = [*step.children, *([step.body] if step.body else [])]
    return {
        **_place(step.node, source),
        **_outcome(step.outcome),
        "steps": [_step(each, source) for each in below],
    }


def _place(node: ast.Expression, source: str) -> dict[str, Any]:
    span = node.span
    return {"line": span.line, "column": span.column, "source": source[span.start : span.end]}


def _outcome(outcome: Value) -> dict[str, Any]:
    if isinstance(outcome, EvalError):
        return {"outcome": "unknown" if outcome.text is None else "error", "error": outcome.text}
    return {"outcome": "value", "value": written(outcome)}
