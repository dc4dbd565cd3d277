"""The story's grammar: chapters of steps, each with what it must come to and what must be true afterwards.

A step that ends otherwise is a failure of the demo. Playing is separate from telling (`narrate.py`).
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import httpx
from google.api_core.exceptions import PermissionDenied

from demo.why import Refusal, RuleBook
from demo.world import World

Act = Callable[[World, str], Any]


@dataclass(frozen=True, slots=True)
class Expectation:
    """Whether a step is allowed, in HTTP with which status; `because` is the story's own reason for a refusal."""

    is_allowed: bool
    status: int | None = None
    because: str = ""


ALLOWED = Expectation(is_allowed=True)


def denied(because: str) -> Expectation:
    """The rules must refuse the step."""
    return Expectation(is_allowed=False, because=because)


def answers(status: int, because: str = "") -> Expectation:
    """The HTTP interface must answer with this status."""
    return Expectation(is_allowed=status < httpx.codes.BAD_REQUEST, status=status, because=because)


@dataclass(frozen=True, slots=True)
class Fact:
    """Something to look up once the functions have reacted, and what it must be."""

    label: str
    look: Callable[[World], Any]
    expected: Any


@dataclass(frozen=True, slots=True)
class Step:
    """`who` does something; everything it sets off has happened before the facts are looked up."""

    who: str
    does: str
    act: Act
    expect: Expectation = ALLOWED
    facts: tuple[Fact, ...] = ()


@dataclass(frozen=True, slots=True)
class Chapter:
    """A part of the story with a heading."""

    title: str
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a step came to: the detail is a count, a status or an error code; refusals name rule lines."""

    is_allowed: bool
    detail: str = ""
    status: int | None = None
    refusals: tuple[Refusal, ...] = ()

    def meets(self, expect: Expectation) -> bool:
        """The outcome is the expected one."""
        return self.is_allowed == expect.is_allowed and expect.status in {None, self.status}


class Narrator(Protocol):
    """Who tells what happens, as it happens."""

    def chapter(self, chapter: Chapter) -> None: ...  # noqa: D102
    def step(self, step: Step, outcome: Outcome, *, is_right: bool) -> None: ...  # noqa: D102
    def fact(self, fact: Fact, found: Any, *, is_right: bool) -> None: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class Tally:
    """How many expectations there were, and those that were not met."""

    checked: int
    failures: tuple[str, ...]


def play(
    chapters: Iterable[Chapter], world: World, *, rules: RuleBook, settle: Callable[[], None], narrator: Narrator
) -> Tally:
    """Every step and every fact is checked; a wrong one does not stop the story."""
    checked = 0
    failures: list[str] = []
    for chapter in chapters:
        narrator.chapter(chapter)
        for step in chapter.steps:
            outcome = _perform(step, world, rules)
            is_right = outcome.meets(step.expect)
            narrator.step(step, outcome, is_right=is_right)
            settle()
            wrong = _check_facts(step.facts, world, narrator)
            failures += [f"{step.who} {step.does}: {one}" for one in wrong]
            if not is_right:
                failures.append(f"{step.who} {step.does}: {_came_to(outcome)}, not as expected")
            checked += 1 + len(step.facts)
    return Tally(checked, tuple(failures))


def _perform(step: Step, world: World, rules: RuleBook) -> Outcome:
    try:
        result = step.act(world, step.who)
    except PermissionDenied as error:
        return Outcome(is_allowed=False, refusals=rules.explain(str(error.message)))
    if isinstance(result, httpx.Response):
        return _answered(result)
    return Outcome(is_allowed=True, detail="" if result is None else str(result))


def _answered(response: httpx.Response) -> Outcome:
    detail = str(response.status_code)
    if response.is_error:
        detail += f" {_error_code(response)}"
    return Outcome(is_allowed=not response.is_error, detail=detail, status=response.status_code)


def _error_code(response: httpx.Response) -> str:
    try:
        return str(response.json()["error"]["code"])
    except (ValueError, KeyError, TypeError):
        return response.text[:100]


def _check_facts(facts: Sequence[Fact], world: World, narrator: Narrator) -> list[str]:
    wrong = []
    for fact in facts:
        found = fact.look(world)
        is_right = found == fact.expected
        narrator.fact(fact, found, is_right=is_right)
        if not is_right:
            wrong.append(f"{fact.label} is {found}, not {fact.expected}")
    return wrong


def _came_to(outcome: Outcome) -> str:
    return ("allowed" if outcome.is_allowed else "denied") + (f" ({outcome.detail})" if outcome.detail else "")
