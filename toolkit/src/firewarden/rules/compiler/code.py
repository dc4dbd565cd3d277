"""What an expression compiles to, and what one evaluation of it carries along.

The 1,000 nodes that may be evaluated are not counted one by one. Everything is evaluated even after an error,
so what a piece of source costs is known beforehand, but for the right sides of `&&` and `||` and the branches of
`?:`. Only these charge the budget when they are entered, for all they hold up to the next such place.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from firewarden.language.ast import Expression
from firewarden.rules.kinds import Value
from firewarden.rules.outcomes import LimitReached

EXPRESSIONS_MAX = 1000
TOO_MANY_EXPRESSIONS = (
    "Unable to evaluate the expression as the maximum of 1000 expressions to evaluate has been reached."
)


class Lookups(Protocol):
    """Reads documents for `get()` and its kin."""

    def call(self, name: str, path: Any) -> Value:
        """The outcome of a call; a refusal if it has none."""


Knowledge = Literal["full", "promises", "partial"]
"""What is known of the documents: everything; what a query promises; or nothing that must be read first."""


Surroundings = Callable[[], tuple[Value, Value]]
"""Makes `request` and `resource` as conditions see them."""


class Evaluation:
    """The surroundings of a condition: what it may read, and how much of its budget is spent.

    `request` and `resource` are made when they are first read: generated code often does with their parts alone.
    `before` and `after` are the fields of the two, where these are fully known.
    """

    __slots__ = (
        *("after", "auth", "before", "captures", "knowledge", "lookups", "request", "resource", "spent", "time"),
        *("_surroundings", "trace"),
    )

    def __init__(
        self,
        surroundings: Surroundings,
        lookups: Lookups,
        *,
        auth: Value = None,
        time: Value = None,
        knowledge: Knowledge = "partial",
        before: Value = None,
        after: Value = None,
    ) -> None:
        self._surroundings = surroundings
        self.lookups = lookups
        self.auth = auth
        self.time = time
        self.knowledge = knowledge
        self.before = before
        self.after = after
        self.captures: Sequence[Value] = ()
        self.spent = 0
        self.trace: Tracer | None = None

    def __getattr__(self, name: str) -> Value:
        """Make `request` or `resource`, the only slots that are left empty."""
        if name not in ("request", "resource"):
            raise AttributeError(name)
        self.request, self.resource = self._surroundings()
        return self.request if name == "request" else self.resource

    def charge(self, cost: int) -> None:
        """Spend from the budget, or break off."""
        self.spent += cost
        if self.spent > EXPRESSIONS_MAX:
            raise LimitReached(TOO_MANY_EXPRESSIONS)


Slots = list[Value]
Run = Callable[[Evaluation, Slots], Value]
Tracer = Callable[[Expression, Value], None]


@dataclass(frozen=True, slots=True)
class Code:
    """A compiled expression: how to evaluate it, what that costs at least, and its value if that is constant."""

    run: Run
    cost: int
    is_constant: bool = False


def constant(value: Value, cost: int = 1) -> Code:
    """Code that always has this value."""
    return Code(lambda _evaluation, _slots: value, cost, is_constant=True)
