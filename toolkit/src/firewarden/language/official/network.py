"""A grammar as a transition network, laid out the way ANTLR 4 lays out the parsers it generates.

The official compiler is such a parser; which of its standard messages appears where follows from the shape of this
network alone. States are small mutable records while the network is built and are never changed afterwards.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Final


class Shape(Enum):
    """What a state is for: the recovery after an error depends on it."""

    BASIC = auto()
    BLOCK = auto()
    STAR_ENTRY = auto()
    STAR_BACK = auto()
    PLUS_BLOCK = auto()
    PLUS_BACK = auto()
    RULE_STOP = auto()


@dataclass(slots=True, eq=False)
class State:
    """A place in a rule, with the steps that lead on from it."""

    number: int
    rule: str
    shape: Shape = Shape.BASIC
    steps: list[Step] = field(default_factory=list)
    exits: bool = False
    """For a decision: the last alternative is to go on without."""
    operators: bool = False
    """For a decision: the alternatives begin with precedence guards."""
    single_token: bool = False
    """For a decision: one token is always enough to choose; see `lookahead.mark_decisions`."""


@dataclass(slots=True, eq=False)
class Step:
    """One step: over a token, into a rule, past a precedence guard, through an action, or free."""

    target: State
    tokens: frozenset[str] = frozenset()
    rule: str = ""
    precedence: int = 0
    """For a rule: the precedence it is entered with. For a guard: the precedence it needs."""
    guard: bool = False
    action: str = ""

    @property
    def free(self) -> bool:
        """Tell whether the step consumes nothing and enters nothing."""
        return not self.tokens and not self.rule


EPSILON: Final = "<EPSILON>"
"""Among the tokens that may come next: the rule may end here."""


@dataclass(slots=True, eq=False)
class Network:
    """All rules of a grammar."""

    starts: dict[str, State]
    stops: dict[str, State]
    states: list[State]
    calls: dict[str, list[State]]
    """For each rule, the states where its callers go on."""
    _next: dict[State, frozenset[str]] = field(default_factory=dict)

    def next_tokens(self, state: State) -> frozenset[str]:
        """Return the tokens that may follow within the rule of `state`, and `EPSILON` if the rule may end."""
        if (found := self._next.get(state)) is None:
            found = self._next[state] = frozenset(self._reach(state))
        return found

    def _reach(self, start: State) -> Iterator[str]:
        # INVARIANT: no rule of our own grammar can be empty or begin with itself, and no loop's body can be empty:
        # nothing comes back here before a token.
        waiting = [start]
        while waiting:
            state = waiting.pop()
            if state is self.stops[state.rule]:
                yield EPSILON
            for step in state.steps:
                if step.tokens:
                    yield from step.tokens
                else:
                    waiting.append(step.target if step.free else self.starts[step.rule])


_WORD: Final = re.compile(r"\s*('[^']*'|@\w+|\{\d+\}\?|\w+(?:\[\d+\])?|[()|*+?])")


def build(rules: dict[str, str]) -> Network:
    """Build the network of a grammar: rule name to alternatives, in the notation of `grammar.py`."""
    network = Network({}, {}, [], {name: [] for name in rules})
    for name in rules:
        network.starts[name] = _state(network, name)
        network.stops[name] = _state(network, name, Shape.RULE_STOP)
    for name, text in rules.items():
        words = _WORD.findall(text)
        first, last, _ = _alternatives(network, name, words)
        # INVARIANT: our own grammar is well formed, so every word was used.
        network.starts[name].steps.append(Step(first))
        last.steps.append(Step(network.stops[name]))
    return network


def _state(network: Network, rule: str, shape: Shape = Shape.BASIC) -> State:
    state = State(len(network.states), rule, shape)
    network.states.append(state)
    return state


def _alternatives(network: Network, rule: str, words: list[str]) -> tuple[State, State, list[str]]:
    """Read `a | b`: a decision when there are several."""
    parts = []
    first, last, words = _sequence(network, rule, words)
    parts.append((first, last))
    while words and words[0] == "|":
        first, last, words = _sequence(network, rule, words[1:])
        parts.append((first, last))
    if len(parts) == 1:
        return *parts[0], words
    start, end = _state(network, rule, Shape.BLOCK), _state(network, rule)
    for first, last in parts:
        start.steps.append(Step(first))
        last.steps.append(Step(end))
    return start, end, words


def _sequence(network: Network, rule: str, words: list[str]) -> tuple[State, State, list[str]]:
    first = last = _state(network, rule)
    while words and words[0] not in ("|", ")"):
        start, end, words = _element(network, rule, words)
        last.steps.append(Step(start))
        last = end
    return first, last, words


def _element(network: Network, rule: str, words: list[str]) -> tuple[State, State, list[str]]:
    word, words = words[0], words[1:]
    if word == "(" and (choice := _choice(words)):
        start, end = _state(network, rule), _state(network, rule)
        start.steps.append(Step(end, tokens=choice))
        words = words[2 * len(choice) :]
    elif word == "(":
        start, end, words = _alternatives(network, rule, words)
        words = words[1:]
    else:
        start, end = _state(network, rule), _state(network, rule)
        start.steps.append(_step(network, word, end))
    if words and words[0] in "*+?":
        start, end = _REPEATS[words[0]](network, rule, start, end)
        words = words[1:]
    return start, end, words


def _choice(words: list[str]) -> frozenset[str]:
    """Return the tokens of `'a' | 'b')`: that is one step, no decision; nothing if there is more to it."""
    inside = words[: words.index(")")]
    return frozenset(inside[::2]) if set(inside[1::2]) == {"|"} and all(map(_is_token, inside[::2])) else frozenset()


def _is_token(word: str) -> bool:
    return word.startswith("'") or word.isupper()


def _step(network: Network, word: str, end: State) -> Step:
    if word.startswith("@"):
        return Step(end, action=word[1:])
    if word.startswith("{"):
        return Step(end, precedence=int(word[1:-2]), guard=True)
    if _is_token(word):
        return Step(end, tokens=frozenset({word}))
    name, _, precedence = word.rstrip("]").partition("[")
    network.calls[name].append(end)
    return Step(end, rule=name, precedence=int(precedence or 0))


def _optional(network: Network, rule: str, start: State, end: State) -> tuple[State, State]:
    block = _state(network, rule, Shape.BLOCK)
    block.steps += [Step(start), Step(end)]
    block.exits = True
    return block, end


def _star(network: Network, rule: str, start: State, end: State) -> tuple[State, State]:
    entry, back = _state(network, rule, Shape.STAR_ENTRY), _state(network, rule, Shape.STAR_BACK)
    after = _state(network, rule)
    entry.steps += [Step(start), Step(after)]
    entry.exits = True
    end.steps.append(Step(back))
    back.steps.append(Step(entry))
    return entry, after


def _plus(network: Network, rule: str, start: State, end: State) -> tuple[State, State]:
    entry, back = _state(network, rule, Shape.PLUS_BLOCK), _state(network, rule, Shape.PLUS_BACK)
    after = _state(network, rule)
    entry.steps.append(Step(start))
    end.steps.append(Step(back))
    back.steps += [Step(entry), Step(after)]
    back.exits = True
    return entry, after


_REPEATS: Final = {"?": _optional, "*": _star, "+": _plus}
