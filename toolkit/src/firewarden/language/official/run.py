"""Runs the network over tokens with ANTLR's standard error recovery.

In the words of its default strategy: see before a decision that the token can be read at all; delete a token if the
next one fits; make one up if what follows it fits; else leave the rule and skip to where some open rule can go on.
After a mismatch nothing is said until a token has been matched again, except that a token is too many.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from firewarden.language.official.lookahead import EPSILON, expected_tokens, recovery_set
from firewarden.language.official.network import Shape, State
from firewarden.language.official.prediction import NoAlternative, Predictor, Stack
from firewarden.language.official.voice import Voice

_SYNCED: Final = frozenset({Shape.BLOCK, Shape.STAR_ENTRY, Shape.STAR_BACK, Shape.PLUS_BLOCK, Shape.PLUS_BACK})


class Mismatch(Exception):  # noqa: N818  # the name ANTLR gives it
    """The token here is none of those expected."""

    def __init__(self, expected: frozenset[str]) -> None:
        super().__init__(expected)
        self.expected = expected


class Bail(Exception):  # noqa: N818  # not an error: the first pass gives up
    """The silent pass met something it cannot read."""


@dataclass(frozen=True, slots=True)
class Rule:
    """An open rule."""

    goes_on: State | None
    precedence: int
    caller: Stack
    start: int


class Machine:
    """One pass over the tokens. A silent one says nothing and gives up at the first error."""

    def __init__(self, predictor: Predictor, voice: Voice, *, silent: bool) -> None:
        self.predictor = predictor
        self.network = predictor.network
        self.voice = voice
        self.silent = silent
        self.index = 0
        self.furthest = 0
        self.state = self.network.starts["file"]
        self.rules = [Rule(None, 0, predictor.nothing, 0)]
        self.last_type = 0
        self.made_up = ""
        self.recovering = False
        self.error_index = -1
        self.error_states: set[int] = set()
        self.noted: frozenset[str] | None = None
        """What was expected where a decision last let an odd token pass, hoping that an outer rule takes it."""

    def run(self) -> None:
        """Read the whole file."""
        going = True
        while going:
            try:
                going = self._step()
            except (Mismatch, NoAlternative) as problem:
                if self.silent:
                    raise Bail from None
                self._say(problem)
                self._recover()
                going = self._leave()

    def _step(self) -> bool:
        """Take one step; false at the end of the file's rule."""
        state = self.state
        if state.shape is Shape.RULE_STOP:
            return self._leave()
        if state.shape in _SYNCED:
            self._sync(state)
        if state.shape is Shape.STAR_BACK:
            state = state.steps[0].target
        step = state.steps[self._choose(state) if len(state.steps) > 1 else 0]
        if state.shape is Shape.PLUS_BACK and step is state.steps[0]:
            step = step.target.steps[0]  # the block was synced when the loop came back
        if step.rule:
            caller = self.predictor.push(step.target, self.rules[-1].caller)
            self.rules.append(Rule(step.target, step.precedence, caller, self.index))
            self.state = self.network.starts[step.rule]
            self.made_up = ""
            return True
        if step.tokens:
            self._match(step.tokens, step.target)
        elif step.action:
            self._act(step.action)
        self.state = step.target
        return True

    def _leave(self) -> bool:
        rule = self.rules.pop()
        if rule.goes_on is None:
            return False
        self.last_type = rule.start
        self.state = rule.goes_on
        return True

    def _choose(self, decision: State) -> int:
        """Choose by one token where that always is enough, else by looking ahead."""
        if not decision.single_token:
            rule = self.rules[-1]
            return self.predictor.predict(decision, rule.caller, rule.precedence, self._token, self.index)
        token = self._token(self.index)
        for number, step in enumerate(decision.steps):
            if token in self.network.next_tokens(step.target):
                return number
        if decision.exits:
            return len(decision.steps) - 1
        raise NoAlternative(self.index)

    def _act(self, action: str) -> None:
        if action == "type":
            self.voice.type_name(self.index, self.last_type, self.made_up)
        elif action == "service_name":
            self.voice.service_name(self.index)
        elif action == "alias":
            self.voice.alias(self.index)
        else:
            self.voice.own(self.index, action)

    # The tokens.

    def _token(self, index: int) -> str:
        """Return the kind of a token, noting how far the lexer has been driven."""
        index = min(index, len(self.voice.kinds) - 1)
        self.furthest = max(self.furthest, index)
        return self.voice.kinds[index]

    def _consume(self) -> None:
        self.index = min(self.index + 1, len(self.voice.kinds) - 1)
        self._token(self.index)

    def _match(self, tokens: frozenset[str], target: State) -> None:
        """Match one token, or delete one, or make one up."""
        if self._token(self.index) in tokens:
            self._matched()
            self._consume()
        elif self.silent:
            raise Bail
        elif self._delete_one():
            self._consume()
        elif self._token(self.index) in expected_tokens(self.network, target, self._outer()):
            if not self.recovering:
                self.recovering = True
                self.voice.missing(self.index, self._expected())
            self.made_up = f"<missing {next(iter(tokens))}>"
        else:
            raise Mismatch(self._expected() if self.noted is None else self.noted)

    def _matched(self) -> None:
        self.recovering = False
        self.error_index = -1
        self.error_states = set()

    # The recovery.

    def _sync(self, state: State) -> None:
        if self.silent or self.recovering:
            return
        following = self.network.next_tokens(state)
        token = self._token(self.index)
        if token in following:
            self.noted = None
        elif EPSILON in following:
            if self.noted is None:
                self.noted = expected_tokens(self.network, state, self._outer())
        elif state.shape in (Shape.STAR_BACK, Shape.PLUS_BACK):
            self.voice.unexpected(self.index)
            self._skip_to(self._expected() | recovery_set(self.network, self._outer()))
        elif not self._delete_one():
            raise Mismatch(self._expected())

    def _delete_one(self) -> bool:
        """Step over the token here if the next one fits."""
        if self._token(self.index + 1) not in self._expected():
            return False
        self.voice.unexpected(self.index)
        self._consume()
        self._matched()
        return True

    def _say(self, problem: Mismatch | NoAlternative) -> None:
        if self.recovering:
            return
        self.recovering = True
        if isinstance(problem, NoAlternative):
            self.voice.unexpected(min(problem.index, len(self.voice.kinds) - 1))
        else:
            self.voice.mismatched(self.index, problem.expected)

    def _recover(self) -> None:
        """Skip to where some open rule can go on; never stay for a second error at one place."""
        if self.error_index == self.index and self.state.number in self.error_states:
            self._consume()
        self.error_index = self.index
        self.error_states.add(self.state.number)
        self._skip_to(recovery_set(self.network, self._outer()))

    def _skip_to(self, tokens: frozenset[str]) -> None:
        while self._token(self.index) != "EOF" and self._token(self.index) not in tokens:
            self._consume()

    def _expected(self) -> frozenset[str]:
        return expected_tokens(self.network, self.state, self._outer())

    def _outer(self) -> tuple[State, ...]:
        """Return where the open rules go on, innermost last."""
        return tuple(rule.goes_on for rule in self.rules if rule.goes_on is not None)
