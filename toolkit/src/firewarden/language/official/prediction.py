"""Chooses an alternative by looking ahead as far as needed, as ANTLR's adaptive prediction does.

Every alternative is followed at once, token by token. The choice falls when one is left, when those left cannot be
told apart any more (the first wins), or, at a token none of them can take, for one that could end before it.
It is made without regard to the callers of the rule first, and with regard to them only when that decides nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from firewarden.language.limits import OFFICIAL_LOOKAHEAD_MAX, OFFICIAL_WORK_MAX
from firewarden.language.official.network import Network, State


class Stack:
    """The open rules: the states where they go on, each with what is open around it. Equal stacks are one object.

    A stack can stand for several at once, so that nested rules do not multiply the readings to follow.
    """

    __slots__ = ("tops",)

    def __init__(self, tops: frozenset[tuple[State, Stack]]) -> None:
        self.tops = tops


class Place(NamedTuple):
    """Where one reading of the tokens so far stands: at a token, or at the end of everything known."""

    state: State
    stack: Stack
    left: bool
    """Whether it has left the rule of the decision."""


Readings = dict[tuple[State, int, bool], Stack]
"""By state, alternative and whether it left: the stacks of the readings that stand there."""


@dataclass(slots=True, eq=False)
class Horizon:
    """All readings that are still possible at some token, and what they decide."""

    readings: Readings
    known_callers: bool
    finished: int | None
    """The first alternative that has already left the rule of the decision: taken if nothing goes on."""
    chosen: int | None
    undecided: bool
    after: dict[str, Horizon] = field(default_factory=dict)


class NoAlternative(Exception):  # noqa: N818  # the name ANTLR gives it
    """No alternative can take the token at this index."""

    def __init__(self, index: int) -> None:
        super().__init__(index)
        self.index = index


class TooMuchWork(Exception):  # noqa: N818  # nobody's error: hostile sources can ask for any amount of lookahead
    """The lookahead has cost more than a source is worth."""


class Predictor:
    """What predictions share: the network, the stacks seen, and where free steps lead."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self._stacks: dict[frozenset[tuple[State, Stack]], Stack] = {}
        self.work = 0
        self.looked = 0
        self._settled: dict[Place, frozenset[Place]] = {}
        self._starts: dict[tuple[State, Stack, int], Horizon] = {}
        self._horizons: dict[tuple[frozenset[tuple[tuple[State, int, bool], Stack]], bool], Horizon] = {}
        self.nothing = self.stack(())
        self._boundary = State(-1, "")

    def stack(self, tops: Iterable[tuple[State, Stack]]) -> Stack:
        """Return the stack with these tops."""
        key = frozenset(tops)
        if (found := self._stacks.get(key)) is None:
            found = self._stacks[key] = Stack(key)
        return found

    def push(self, goes_on: State, outer: Stack) -> Stack:
        """Return the stack for a call from within `outer`."""
        return self.stack([(goes_on, outer)])

    def predict(
        self, decision: State, outer: Stack, precedence: int, token_at: Callable[[int], str], start: int
    ) -> int:
        """Choose an alternative of `decision`, in the rule called from `outer` with `precedence`."""
        seed = self.push(self._boundary, self.nothing)
        chosen = self._choose(self._start(decision, seed, precedence, known_callers=False), token_at, start)
        if chosen is None:
            seed = self.push(self._boundary, outer)
            chosen = self._choose(self._start(decision, seed, precedence, known_callers=True), token_at, start)
        return chosen or 0

    def _choose(
        self,
        start: Horizon,
        token_at: Callable[[int], str],
        index: int,
    ) -> int | None:
        """Choose from `start` on; None if the alternatives cannot be told apart."""
        horizon = start
        while horizon.undecided:
            token = token_at(index)
            following = horizon.after.get(token)
            if following is None:
                following = horizon.after[token] = self._horizon(self._move(horizon.readings, token), start)
            if not following.readings:
                if horizon.finished is None:
                    raise NoAlternative(index)
                return horizon.finished
            horizon = following
            index += 1
            self.looked += 1
            if self.looked > OFFICIAL_LOOKAHEAD_MAX:
                raise TooMuchWork
        return horizon.chosen

    def _start(self, decision: State, seed: Stack, precedence: int, *, known_callers: bool) -> Horizon:
        """Return the readings at a decision, before any token."""
        key = (decision, seed, precedence)
        if (found := self._starts.get(key)) is None:
            readings: Readings = {}
            for number, step in enumerate(decision.steps):
                for place in self._follow(Place(step.target, seed, left=False), seed, precedence):
                    self._add(readings, place, number)
            readings = _prefer_inner(readings, decision)
            found = self._starts[key] = _judge(readings, known_callers=known_callers)
        return found

    def _horizon(self, readings: Readings, start: Horizon) -> Horizon:
        key = (frozenset(readings.items()), start.known_callers)
        if (found := self._horizons.get(key)) is None:
            found = self._horizons[key] = _judge(readings, known_callers=start.known_callers)
        return found

    def _add(self, readings: Readings, place: Place, alternative: int) -> None:
        key = (place.state, alternative, place.left)
        other = readings.get(key)
        readings[key] = place.stack if other is None else self.stack(other.tops | place.stack.tops)

    def _move(self, readings: Readings, token: str) -> Readings:
        """Take the token wherever it can be taken."""
        moved: Readings = {}
        for (state, alternative, left), stack in readings.items():
            for step in state.steps:
                if token in step.tokens:
                    self._add(moved, Place(step.target, stack, left), alternative)
        reached: Readings = {}
        self.work += len(readings) + sum(len(stack.tops) for stack in moved.values())
        if self.work > OFFICIAL_WORK_MAX:
            raise TooMuchWork
        for (state, alternative, left), stack in moved.items():
            for place in self._settle(Place(state, stack, left)):
                self._add(reached, place, alternative)
        return reached

    def _settle(self, place: Place) -> frozenset[Place]:
        if (found := self._settled.get(place)) is None:
            found = self._settled[place] = self._follow(place, None, None)
        return found

    def _follow(self, start: Place, seed: Stack | None, precedence: int | None) -> frozenset[Place]:
        """Follow free steps, rule calls and returns until a token is needed.

        Precedence guards count only at the decision itself, within its own rule.
        """
        seen = {start}
        settled = []
        waiting = [start]
        while waiting:
            place = waiting.pop()
            state, stack, left = place
            nexts: list[Place] = []
            if state is self.network.stops[state.rule]:
                nexts = self._return(place)
                if not stack.tops:
                    settled.append(place)
            for step in state.steps:
                if step.tokens:
                    settled.append(place)
                elif step.rule:
                    nexts.append(Place(self.network.starts[step.rule], self.push(step.target, stack), left))
                elif not (step.guard and precedence is not None and stack is seed and step.precedence < precedence):
                    nexts.append(Place(step.target, stack, left))
            for each in nexts:
                if each not in seen:
                    seen.add(each)
                    waiting.append(each)
        return frozenset(settled)

    def _return(self, place: Place) -> list[Place]:
        """End a rule: go on where it was called, or, where that is not known, wherever it could have been."""
        state, stack, left = place
        if not stack.tops:
            return [Place(each, stack, left=True) for each in self.network.calls[state.rule]]
        places = []
        for goes_on, outer in stack.tops:
            if goes_on is self._boundary:
                places.append(Place(state, outer, left=True))
            else:
                places.append(Place(goes_on, outer, left))
        return places


def _judge(readings: Readings, *, known_callers: bool) -> Horizon:
    """See whether these readings decide."""
    alternatives = {alternative for _, alternative, _ in readings}
    finished = min((alternative for _, alternative, left in readings if left), default=None)
    if len(alternatives) == 1:
        return Horizon(readings, known_callers, finished, min(alternatives), undecided=False)
    if known_callers:
        agreed = _agreed(readings)
        return Horizon(readings, known_callers, finished, agreed, undecided=agreed is None)
    return Horizon(readings, known_callers, finished, None, undecided=not _conflict(readings))


def _prefer_inner(readings: Readings, decision: State) -> Readings:
    """In an operator loop, what going on could read is not also read by leaving and coming back."""
    if not decision.operators:
        return readings
    inner = {state for state, alternative, _ in readings if alternative == 0}
    return {key: stack for key, stack in readings.items() if key[1] == 0 or key[0] not in inner}


def _conflict(readings: Readings) -> bool:
    """Tell that some readings are shared and no state speaks for one alternative alone."""
    by_state: dict[State, set[int]] = {}
    for state, alternative, _ in readings:
        by_state.setdefault(state, set()).add(alternative)
    if any(len(each) == 1 for each in by_state.values()):
        return False
    return any(len(each) > 1 for each in _shared(readings))


def _agreed(readings: Readings) -> int | None:
    """Return the alternative that comes first for every reading, if it is the same one."""
    first = {min(each) for each in _shared(readings)}
    return first.pop() if len(first) == 1 else None


def _shared(readings: Readings) -> Iterable[set[int]]:
    alternatives: dict[tuple[State, Stack], set[int]] = {}
    for (state, alternative, _), stack in readings.items():
        alternatives.setdefault((state, stack), set()).add(alternative)
    return alternatives.values()
