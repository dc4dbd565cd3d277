"""Decisions of a schedule: the same seed draws the same ones, and what is given is made again."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firewarden.triggers.choices import Choices, parsed, written


def made(choices: Choices) -> list[int]:
    return [choices.pick(4), choices.weighted((0.4, 0.4)), choices.pick(1), choices.pick(7)]


def test_a_seed_draws_the_same_choices_again() -> None:
    assert [made(Choices(seed)) for seed in range(20)] == [made(Choices(seed)) for seed in range(20)]
    assert len({tuple(made(Choices(seed))) for seed in range(50)}) > 10


def test_choices_that_were_made_can_be_made_again() -> None:
    first = Choices(5)
    drawn = made(first)
    assert made(Choices(0, first.made)) == drawn


def test_without_any_more_nothing_happens_by_chance() -> None:
    choices = Choices(1, [])
    assert made(choices) == [0, 0, 0, 0]
    assert not choices.happens(0.99)


def test_what_is_not_possible_is_taken_modulo_what_is() -> None:
    assert Choices(1, [9]).pick(4) == 1


def test_what_cannot_happen_does_not_even_when_it_is_given() -> None:
    assert Choices(1, [1]).weighted((0.0, 0.0)) == 0


def test_one_possibility_is_no_choice() -> None:
    choices = Choices(1)
    choices.pick(1)
    assert choices.made == []


@settings(deadline=None)
@given(st.lists(st.integers(0, 30)))
def test_a_text_is_read_as_it_was_written(choices: list[int]) -> None:
    end = len(choices)
    while end and choices[end - 1] == 0:
        end -= 1
    assert parsed(written(choices)) == choices[:end]


def test_a_text_is_short() -> None:
    assert written([0] * 12 + [3, 0, 1, 1, 0, 0]) == "0*12 3 0 1 1"


@pytest.mark.parametrize("text", ["x", "0*", "-1", "1*3"])
def test_other_text_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no decision"):
        parsed(text)
