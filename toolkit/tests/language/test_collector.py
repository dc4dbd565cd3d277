"""Python's collector of cycles waits while a tree grows, and goes on as it was found."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from firewarden.language import parse
from firewarden.language.collector import held_back


@pytest.fixture(autouse=True)
def collecting() -> Iterator[None]:
    was_on = gc.isenabled()
    gc.enable()
    yield
    (gc.enable if was_on else gc.disable)()


def test_only_whoever_leaves_last_lets_it_go_on() -> None:
    with held_back():
        with held_back():
            assert not gc.isenabled()
        assert not gc.isenabled()
    assert gc.isenabled()


def test_it_goes_on_after_an_error() -> None:
    with pytest.raises(LookupError), held_back():
        raise LookupError
    assert gc.isenabled()


def test_one_that_is_off_stays_off() -> None:
    gc.disable()
    parse("service cloud.firestore {}")
    assert not gc.isenabled()
