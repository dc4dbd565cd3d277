"""The answer to a request."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from firewarden.rules.judging import Reason

NO_ALLOW = "No matching allow statements"


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether the request may be done; if not, every `allow` that was asked, and the official message.

    A request that makes the official engine fail as a whole is `crashed`, and not allowed.
    """

    allowed: bool
    reasons: tuple[Reason, ...] = ()
    crashed: bool = False
    without_documents: bool = field(default=False, compare=False)
    """It was plain before anything had to be looked up."""

    @property
    def message(self) -> str | None:
        """What the official emulator tells the client; None if the request is allowed."""
        if self.allowed or self.crashed:
            return None
        return denial(self.reasons)


def denial(reasons: Iterable[Reason]) -> str:
    """The text of a denial: one entry for each allow that was asked."""
    entries = [f"{each.text} for '{each.method}' @ L{each.span.line}" for each in reasons]
    return "\n" + ", ".join(entries) if entries else NO_ALLOW


ALLOWED = Decision(allowed=True)
CRASHED = Decision(allowed=False, crashed=True)
