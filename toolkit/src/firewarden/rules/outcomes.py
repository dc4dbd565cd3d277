"""What an expression comes to when it is not a value: errors as values, and the two ways to break off.

An error is a value like any other until something decides over it: `error || true` is true. Only the exhausted
budgets are not, since no operator can absorb them.
"""

from __future__ import annotations

from dataclasses import dataclass

from firewarden.language.ast import Span
from firewarden.rules.utf16 import utf8


@dataclass(frozen=True, slots=True, eq=False)
class EvalError:
    """An expression that has no value: the official text and where it arose.

    Without a text it is *unknown*: not wrong, but not provable from what may be looked at.
    """

    text: str | None
    span: Span | None = None
    insists: bool = False
    """It arose before the last part of a list or path literal: `&&` and `||` tell it rather than their left error."""
    displaced: EvalError | None = None
    """The left error that it was told instead of: in its turn told instead of the next one further out."""


UNKNOWN = EvalError(None)


class Refusal(Exception):  # noqa: N818 - it is the builtin that refuses, the evaluator makes it an error value
    """A builtin or operator has no value for its operands. Carries the official text, without a position."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        # The official engine sends its texts as UTF-8: a lone surrogate in what they quote arrives as `?`.
        self.text = text if text.isascii() else utf8(text).decode()


class LimitReached(Exception):  # noqa: N818 - names what happened
    """A budget of the evaluation is used up; this ends the condition, nothing absorbs it."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text


class RequestCrashed(Exception):  # noqa: N818 - names what happened
    """The official engine fails on this as a whole (HTTP 500, `UNKNOWN`) instead of deciding."""
