"""Holds answers to a history against each other: the first operation that is answered differently."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from toolkit.tests.conformance.firestore.engines import Ours
from toolkit.tests.conformance.firestore.known import reason_of
from toolkit.tests.conformance.firestore.model import Model
from toolkit.tests.conformance.firestore.playing import play
from toolkit.tests.conformance.firestore.universe import Json

Player = Callable[[Sequence[Json]], list[Json]]
"""Answers a history, one answer per operation."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A history whose last operation is answered differently: as `judge` says it should be, and by us."""

    judge: str
    history: Sequence[Json]
    expected: Json
    got: Json

    @property
    def operation(self) -> Json:
        """What is answered differently."""
        return self.history[-1]

    @property
    def signature(self) -> tuple[str, str, str, str, tuple[str, ...]]:
        """What stays the same while the history is made smaller."""
        parts = sorted(key for key in self.expected.keys() | self.got.keys() if self._differs(key))
        return self.judge, self.operation["call"], self.expected["code"], self.got["code"], tuple(parts)

    def _differs(self, key: str) -> bool:
        return text_of(self.expected.get(key)) != text_of(self.got.get(key))


def ours(history: Sequence[Json]) -> list[Json]:
    """Our server's answers."""
    with Ours() as engine:
        return play(engine, history)


def model(history: Sequence[Json]) -> list[Json]:
    """The model's answers, which have no texts."""
    return Model().run(history)


def without_message(answer: Json) -> Json:
    """What the model says too."""
    return {name: each for name, each in answer.items() if name != "message"}


def from_model(history: Sequence[Json]) -> Difference | None:
    """In what our server differs from the model first."""
    for number, (expected, got) in enumerate(zip(model(history), ours(history), strict=True), 1):
        if text_of(expected) != text_of(without_message(got)):
            return Difference("model", history[:number], expected, got)
    return None


def from_official(
    official: Player, history: Sequence[Json], explained: Counter[str] | None = None
) -> Difference | None:
    """In what our server differs from an emulator first, without an explanation; `explained` counts the others."""
    return compared(history, official(history), ours(history), explained)


def compared(
    history: Sequence[Json], expected: Sequence[Json], got: Sequence[Json], explained: Counter[str] | None = None
) -> Difference | None:
    """The first difference of our answers from an emulator's that nothing explains."""
    for number, answers in enumerate(zip(expected, got, strict=True), 1):
        if text_of(answers[0]) == text_of(answers[1]):
            continue
        reason = reason_of(history[number - 1], *answers)
        if reason is None:
            return Difference("emulator", history[:number], *answers)
        if explained is not None:
            explained[reason] += 1
        if "OK" in (answers[0]["code"], answers[1]["code"]) and answers[0]["code"] != answers[1]["code"]:
            return None  # from here on the documents are not the same
    return None


def text_of(answer: object) -> str:
    """Equal texts are equal answers; Python takes -0.0 for 0.0."""
    return json.dumps(answer, sort_keys=True)
