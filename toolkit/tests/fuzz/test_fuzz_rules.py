"""A fixed slice of the fuzzed inputs, and everything that ever failed."""

import json
from pathlib import Path

import pytest

from toolkit.tests.fuzz.rules.inputs import Input
from toolkit.tests.fuzz.rules.run import Failure, batch, fails, shrunk

FOUND = sorted((Path(__file__).parent / "found").glob("*.json"))
INPUTS = 1_500


def test_nothing_but_answers_comes_out() -> None:
    tally = batch(seed=2026, number=0, size=INPUTS)
    assert tally.failures == []
    outcomes = "\n".join(tally.outcomes)
    assert all(word in outcomes for word in ("refused", "decided", "not compiled", "error", "value"))


def test_what_failed_once_fails_no_more() -> None:
    for path in FOUND:
        kept = json.loads(path.read_text())
        assert fails(Input(kept["what"], "kept", kept["text"])) is None, path.name


def test_equal_seeds_give_equal_inputs() -> None:
    assert batch(seed=3, number=1, size=50).outcomes == batch(seed=3, number=1, size=50).outcomes


def test_a_failure_is_made_small(monkeypatch: pytest.MonkeyPatch) -> None:
    """With a target that cannot bear `&&`, exactly that is left of an input."""

    def feed(given: Input) -> str:
        if "&&" in given.text:
            raise ZeroDivisionError
        return "fine"

    monkeypatch.setattr("toolkit.tests.fuzz.rules.run.feed", feed)
    given = Input("expression", "made up", "some(thing) && other[1]")
    assert shrunk(Failure(given, "ZeroDivisionError at feed", "")).given.text == "&&"
    assert fails(Input("expression", "made up", "&")) is None
