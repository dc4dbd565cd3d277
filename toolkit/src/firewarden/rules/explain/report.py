"""An explanation as plain JSON data."""

from __future__ import annotations

from typing import Any

from firewarden.language import ast
from firewarden.rules.explain.decisive import Deciding, deciding
from firewarden.rules.explain.model import AllowTrace, Explanation, Part, Step, Suggestion
from firewarden.rules.explain.shown import shown
from firewarden.rules.explain.words import in_words
from firewarden.rules.kinds import Value
from firewarden.rules.notation import written
from firewarden.rules.outcomes import EvalError
from firewarden.rules.query import Filter


def as_json(explanation: Explanation) -> dict[str, Any]:
    """Stable keys; values in the notation of `rules.notation`, of a token's only what a condition read."""
    return _Report(explanation).whole()


class _Report:
    """Knows the source and whose token is not to be told."""

    def __init__(self, explanation: Explanation) -> None:
        self._explanation = explanation

    def whole(self) -> dict[str, Any]:
        """The explanation."""
        decision = self._explanation.decision
        return {
            "allowed": decision.allowed,
            "message": decision.message,
            "parts": [self._part(each) for each in self._explanation.parts],
            "suggestion": _suggestion(self._explanation.suggestion),
        }

    def _part(self, part: Part) -> dict[str, Any]:
        return {
            "method": part.method,
            "path": part.path,
            "alternative": part.alternative or None,
            "allowed": part.allowed,
            "allows": [self._allow(each, of_query=part.is_query) for each in part.allows],
            "nearMisses": [
                {"match": each.match, "line": each.line, "difference": each.difference} for each in part.near_misses
            ],
            "lookups": [
                {"function": each.function, "path": each.path, "found": each.found, "refused": each.is_error}
                for each in part.lookups
            ],
            "usage": {
                "expressions": part.usage.expressions,
                "lookups": part.usage.lookups,
                "lookupsMax": part.usage.lookups_max,
            },
        }

    def _allow(self, asked: AllowTrace, *, of_query: bool) -> dict[str, Any]:
        decided = [] if asked.trace is None else deciding(asked.trace)
        return {
            "match": asked.match,
            "methods": [each.text for each in asked.allow.methods],
            "line": asked.allow.span.line,
            **self._outcome(asked.outcome),
            "decidedBy": [self._deciding(each, of_query=of_query) for each in decided],
            "trace": None if asked.trace is None else self._step(asked.trace),
        }

    def _deciding(self, decided: Deciding, *, of_query: bool) -> dict[str, Any]:
        words = in_words(decided.step, lets=decided.lets, of_query=of_query)
        return {
            **self._place(decided.step.node),
            **self._outcome(decided.step.outcome),
            "meaning": words.meaning or None,
            "advice": words.advice or None,
            "calls": [{"function": call.function.text, "line": call.span.line} for call in decided.calls],
        }

    def _step(self, step: Step) -> dict[str, Any]:
        below = [*step.children, *([step.body] if step.body else [])]
        steps = [self._step(each) for each in below]
        return {**self._place(step.node), "let": step.let or None, **self._outcome(step.outcome), "steps": steps}

    def _place(self, node: ast.Expression) -> dict[str, Any]:
        span = node.span
        source = self._explanation.source[span.start : span.end]
        return {"line": span.line, "column": span.column, "source": source}

    def _outcome(self, outcome: Value) -> dict[str, Any]:
        if isinstance(outcome, EvalError):
            return {"outcome": "unknown" if outcome.text is None else "error", "error": outcome.text}
        return {"outcome": "value", "value": shown(outcome, self._explanation.request, longest=None)}


def _suggestion(proposed: Suggestion | None) -> dict[str, Any] | None:
    if proposed is None:
        return None
    return {
        "filters": [_filter(each) for each in proposed.filters],
        "replaced": [_filter(each) for each in proposed.replaced],
    }


def _filter(filter_: Filter) -> dict[str, Any]:
    return {"field": filter_.field, "operator": filter_.operator, "value": written(filter_.value)}
