"""One document, or one disjunct of a query, against every allow that its path and method reach."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from firewarden.language import ast
from firewarden.rules.compatibility import Compatibility
from firewarden.rules.compiled import CompiledAllow, CompiledRules
from firewarden.rules.compiler.code import TOO_MANY_EXPRESSIONS, Evaluation, Tracer
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


class Verdict:
    """True, false, or None while that may still change with documents read; and what was spent on it."""

    __slots__ = ("allowed", "evaluation", "method", "outcomes")

    def __init__(
        self, method: str, outcomes: Sequence[Outcome], evaluation: Evaluation, *, allowed: bool | None
    ) -> None:
        self.allowed = allowed
        self.evaluation = evaluation
        self.method = method
        self.outcomes = outcomes

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """What each `allow` came to; made only when it is asked for, which an allowed request is not."""
        return tuple(Reason(self.method, allow.node, allow.span, outcome) for allow, outcome in self.outcomes)

    @property
    def is_exhausted(self) -> bool:
        """Whether the budget ended an evaluation in which nothing was unknown."""
        texts = [each.text for _, each in self.outcomes if isinstance(each, EvalError)]
        return TOO_MANY_EXPRESSIONS in texts and None not in texts

    def finally_denied(self) -> Verdict:
        """The same outcomes, where documents would change nothing."""
        return Verdict(self.method, self.outcomes, self.evaluation, allowed=False)


Outcome = tuple[CompiledAllow, bool | EvalError]


def judge(
    rules: CompiledRules,
    method: str,
    path: tuple[Segment, ...],
    evaluation: Evaluation,
    tracer: Tracer | None = None,
    *,
    alone: bool = True,
) -> Verdict:
    """The first allow that is true allows; without any it is a denial, final if every outcome is a plain false.

    The official engine goes on to the other blocks even then. That shows only where something else of the same
    request (`alone` is false) is denied later, or shares the lookups these blocks make; and in its coverage.
    """
    evaluation.trace = tracer
    outcomes: list[Outcome] = []
    is_definite, is_allowed = True, False
    candidates = rules.candidates(method, path)
    is_counting = not candidates.is_within_budget
    for pattern, allows in candidates.blocks:
        captures = pattern.captures(path)
        if captures is None:
            continue
        evaluation.captures = captures
        for allow in allows:
            outcome: bool | EvalError | None = None
            if tracer is None:
                outcome = allow.quick(evaluation, counting=is_counting, warm_up=rules.warm_up)
            if outcome is None:
                outcome = _outcome(allow, evaluation, rules.compatibility)
            outcomes.append((allow, outcome))
            if outcome is True:
                if alone and not rules.goes_on:
                    return Verdict(method, outcomes, evaluation, allowed=True)
                is_allowed = True
                break
            is_definite = is_definite and outcome is False
    allowed = True if is_allowed else False if is_definite else None
    return Verdict(method, outcomes, evaluation, allowed=allowed)


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
