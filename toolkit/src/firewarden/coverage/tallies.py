"""Counts what expressions came to. Bounded: see `limits`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from firewarden.coverage.expression_values import FIELDS, expression_value, members
from firewarden.coverage.limits import CHARACTERS_MAX, MEMBERS_MAX, VALUES_MAX
from firewarden.rules.kinds import Value
from firewarden.rules.outcomes import EvalError

_SCALARS = frozenset({int, float, type(None)})
_COUNTED = "undefined"


class Tally:
    """The outcomes of one expression: how often it was true and false, and its other values."""

    __slots__ = ("_counted", "_seen", "false", "true")

    def __init__(self) -> None:
        self.true = 0
        self.false = 0
        self._seen: dict[Any, tuple[Value, list[int]]] = {}
        self._counted: dict[str, int] = {}

    @property
    def total(self) -> int:
        """How often the expression was evaluated."""
        return self.true + self.false + sum(self._counted.values()) + sum(count[0] for _, count in self._seen.values())

    def add(self, outcome: Value) -> None:
        """One more evaluation."""
        if outcome is True:
            self.true += 1
        elif outcome is False:
            self.false += 1
        else:
            self._add(outcome)

    def values(self) -> Iterator[tuple[Value, int]]:
        """Every value that is remembered, and how often it was there."""
        if self.true:
            yield True, self.true
        if self.false:
            yield False, self.false
        yield from ((value, count[0]) for value, count in self._seen.values())

    def counted(self) -> Iterator[tuple[str, int]]:
        """How often there was a value that is not remembered, by the field that its type has in a message."""
        yield from self._counted.items()

    def _add(self, outcome: Value) -> None:
        key = _key(outcome)
        if key is not None:
            known = self._seen.get(key)
            if known is not None:
                known[1][0] += 1
                return
            if len(self._seen) < VALUES_MAX:
                self._seen[key] = (outcome, [1])
                return
        name = FIELDS.get(type(outcome), _COUNTED)
        self._counted[name] = self._counted.get(name, 0) + 1


def _key(value: Value) -> Any:
    """What is the same for equal values; None for one that is too large to be remembered."""
    kind = type(value)
    if kind is str:
        return value if len(value) <= CHARACTERS_MAX else None
    if kind in _SCALARS:
        return kind, repr(value)
    if kind is EvalError:
        return kind, value.text, value.span
    if (kind is dict or kind is list) and len(value) > MEMBERS_MAX:
        return None
    return None if members(value) > MEMBERS_MAX else (kind, repr(expression_value(value)))
