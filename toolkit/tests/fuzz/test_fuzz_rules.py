"""A fixed slice of the fuzzed inputs, and everything that ever failed."""

import json
from pathlib import Path

import pytest

from toolkit.tests.fuzz.rules.command import main
from toolkit.tests.fuzz.rules.inputs import Input
from toolkit.tests.fuzz.rules.run import TooSlow, batch, tried
from toolkit.tests.fuzz.rules.shrinking import shrunk

FOUND = Path(__file__).parent / "found"
INPUTS = 1_500


def feed(given: Input) -> str:
    """A target that cannot bear `&&`, and never ends on `||`."""
    if "&&" in given.text:
        raise ZeroDivisionError
    while "||" in given.text:
        pass
    return "fine"


def test_nothing_but_answers_comes_out() -> None:
    tally = batch(seed=2026, number=0, size=INPUTS)
    assert tally.failures == []
    outcomes = "\n".join(tally.outcomes)
    assert all(word in outcomes for word in ("refused", "decided", "not compiled", "error", "value"))


def test_what_failed_once_fails_no_more() -> None:
    kept = [json.loads(path.read_text()) for path in sorted(FOUND.glob("*.json"))]
    assert kept
    assert [each["text"] for each in kept if tried(Input(each["what"], "kept", each["text"]))[1]] == []


def test_equal_seeds_give_equal_inputs() -> None:
    assert batch(seed=3, number=1, size=50).outcomes == batch(seed=3, number=1, size=50).outcomes


def test_a_failure_is_made_small() -> None:
    """Exactly what the target cannot bear is left of an input."""
    given = Input("expression", "made up", "some(thing) && other[1]")
    _, failure = tried(given, feed)
    assert failure is not None
    assert shrunk(failure, feed).given.text == "&&"
    assert tried(Input("expression", "made up", "&"), feed) == ("fine", None)


def test_an_endless_input_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("toolkit.tests.fuzz.rules.run.SECONDS_MAX", 0.05)
    given = Input("expression", "made up", "a || b")
    outcome, failure = tried(given, feed)
    assert outcome == "FAILED"
    assert failure is not None
    assert (failure.given, failure.kind) == (given, "too slow")
    assert not issubclass(TooSlow, Exception)


def test_the_command_tells_what_it_did(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["--inputs", "60", "--seed", "4", "--workers", "1", "--store", str(tmp_path)]) == 0
    assert "60 inputs in " in capfd.readouterr().err
    assert list(tmp_path.iterdir()) == []
