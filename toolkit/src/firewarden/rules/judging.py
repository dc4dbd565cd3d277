"""One document, or one disjunct of a query, against every allow that its path and method reach."""

from __future__ import annotations

from dataclasses import dataclass

from firewarden.language import ast
from firewarden.rules.compatibility import Compatibility
from firewarden.rules.compiled import CompiledAllow, CompiledRules
from firewarden.rules.compiler.code import Evaluation, Tracer
from firewarden.rules.kinds import Value, wrong_type
from firewarden.rules.matching import Segment
from firewarden.rules.outcomes import EvalError, LimitReached, RequestCrashed


@dataclass(frozen=True, slots=True)
class Reason:
    """What one `allow` came to: true, false, or an error with its official text and position.

    An error without a text is *unknown*: it could not be proved from what may be looked at.
    """

    method: str
    allow: ast.Allow
    span: ast.Span
    outcome: bool | EvalError

    @property
    def text(self) -> str:
        """The outcome in the official words; a true one that did not help is told as false."""
        if isinstance(self.outcome, bool):
            return "false"
        return self.outcome.text or f"evaluation error at L{self.span.line}:{self.span.column}"


@dataclass(frozen=True, slots=True)
class Verdict:
    """True, false, or None while that may still change with documents read."""

    allowed: bool | None
    reasons: tuple[Reason, ...]


def judge(
    rules: CompiledRules,
    method: str,
    path: tuple[Segment, ...],
    evaluation: Evaluation,
    tracer: Tracer | None = None,
) -> Verdict:
    """The first allow that is true allows; without any it is a denial, final if every outcome is a plain false."""
    evaluation.trace = tracer
    reasons: list[Reason] = []
    is_definite = True
    for block in rules.candidates(method, path):
        captures = block.pattern.captures(path)
        if captures is None:
            continue
        evaluation.captures = captures
        for allow in block.allows[method]:
            outcome = _outcome(allow, evaluation, rules.compatibility)
            reasons.append(Reason(method, allow.node, allow.span, outcome))
            if outcome is True:
                return Verdict(allowed=True, reasons=tuple(reasons))
            is_definite = is_definite and outcome is False
    return Verdict(allowed=False if is_definite else None, reasons=tuple(reasons))


def _outcome(allow: CompiledAllow, evaluation: Evaluation, compatibility: Compatibility) -> bool | EvalError:
    try:
        evaluation.charge(allow.code.cost)
        value: Value = allow.code.run(evaluation, [])
    except LimitReached as limit:
        return EvalError(limit.text, allow.span)
    except RequestCrashed as crash:
        if compatibility.unknown_group_crashes:
            raise
        return EvalError(str(crash), allow.span)
    if type(value) is bool or type(value) is EvalError:
        return value
    return EvalError(wrong_type(value, "bool"), allow.span)
