"""A request that was asked: whether it is allowed, why, and what a test says about it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from firewarden.errors import FirewardenError
from firewarden.rules import CompiledRules, Decision, Request
from firewarden.rules.explain import Explanation, explain
from firewarden.rules.lookups import Read

if TYPE_CHECKING:
    from firewarden.testing.rules.world import World


@dataclass(frozen=True, slots=True)
class Attempt:
    """One request and the rules' decision about it. Nothing has happened to any document."""

    rules: CompiledRules = field(repr=False)
    request: Request
    read: Read = field(repr=False)
    decision: Decision
    _after: Callable[[], World] = field(repr=False)

    @property
    def allowed(self) -> bool:
        """Whether the rules allow it."""
        return self.decision.allowed

    @property
    def after(self) -> World:
        """The documents with an allowed write done."""
        if not self.allowed:
            raise FirewardenError("A denied request changes nothing.", hint=self.explain().text())
        return self._after()

    def explain(self) -> Explanation:
        """Why it is allowed or denied."""
        return explain(self.rules, self.request, self.read)

    def assert_allowed(self) -> World:
        """Fail with the explanation if it is denied; the documents afterwards otherwise."""
        __tracebackhide__ = True
        if not self.allowed:
            raise AssertionError(f"expected this to be allowed\n\n{self.explain().text()}")
        return self._after()

    def assert_denied(self, *, by: str | None = None, because: str | None = None) -> None:
        """Fail if it is allowed, or denied for another reason.

        `by` is the match block that refused it, as in the rules: `/events/{eventId}`. `because` is part of what
        decided there: of a clause's source, of a function's name, or of an error's text.
        """
        __tracebackhide__ = True
        if self.allowed:
            raise AssertionError(f"expected this to be denied\n\n{self.explain().text()}")
        if by is None and because is None:
            return
        explanation = self.explain()
        reasons = _reasons(explanation)
        if by is not None:
            matches = sorted({match for match, _ in reasons})
            if by not in matches:
                raise AssertionError(_another("by", by, matches, explanation))
            reasons = [each for each in reasons if each[0] == by]
        if because is not None and not any(because in text for _, text in reasons):
            texts = sorted({text for _, text in reasons})
            raise AssertionError(_another("because", because, texts, explanation))

    def __bool__(self) -> bool:
        """Refused: `assert attempt` would be true of a denied one in a careless moment."""
        raise FirewardenError(
            "An attempt is neither true nor false.", hint="Use .assert_allowed(), .assert_denied() or .allowed."
        )


def _another(key: str, wanted: str, found: list[str], explanation: Explanation) -> str:
    listed = "\n".join(f"  {each}" for each in found) or "  nothing: no allow was asked"
    return f"denied, but not {key} {wanted!r}; it was\n{listed}\n\n{explanation.text()}"


def _reasons(explanation: Explanation) -> list[tuple[str, str]]:
    """The match blocks that were asked, each with the texts of what decided in it."""
    from firewarden.rules.explain.decisive import deciding  # noqa: PLC0415 - only a denial needs it

    denied = explanation.denied
    found: list[tuple[str, str]] = []
    for asked in denied.allows if denied else ():
        texts: list[Any] = [getattr(asked.outcome, "text", None)]
        for each in deciding(asked.trace) if asked.trace else ():
            span = each.step.node.span
            texts.append(explanation.source[span.start : span.end])
            texts.append(getattr(each.step.outcome, "text", None))
            texts += [f"{call.function.text}()" for call in each.calls]
        found += [(asked.match, text) for text in texts if text] or [(asked.match, "false")]
    return found
