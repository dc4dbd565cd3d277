"""Generated histories with listeners: a fixed slice at every run, and the judge itself."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from firewarden.firestore.commits import Changed
from firewarden.firestore.listen import windows
from firewarden.firestore.listen.changes import Changes
from firewarden.firestore.listen.steps import Pending, Step
from firewarden.firestore.listen.views import DocumentsView, QueryView
from firewarden.server.listening.feed import Channel, Feed
from firewarden.server.listening.rounds import Round
from firewarden.server.listening.targets import Target
from toolkit.tests.conformance.listeners import playing
from toolkit.tests.conformance.listeners.mirror import Wrong
from toolkit.tests.conformance.listeners.playing import Played, play

SEED = 2026
HISTORIES = 15
HISTORIES_OF_DEFECTS = 60
FOLDER = Path(playing.__file__).parent


def play_all(histories: int) -> list[Played]:
    return [play(f"{SEED}/{number}") for number in range(histories)]


def test_every_snapshot_is_what_was_stored_then() -> None:
    played = play_all(HISTORIES)
    assert sum(each.snapshots for each in played) > 20 * HISTORIES
    assert sum(each.resumed for each in played) > HISTORIES
    assert sum(each.unknown for each in played) < HISTORIES


def test_equal_seeds_play_alike() -> None:
    assert play("a") == play("a")
    assert play("a") != play("b")


def add_last(self: Pending, step: Step) -> None:
    """Forgets what the client was told before."""
    self._steps[step.path] = step


def add_commit(self: Changes, commit: tuple[Changed, ...]) -> None:
    """Keeps only the last commit of each document."""
    for each in commit:
        self._by_collection.setdefault(each.path[-2], {})[each.path] = each


@contextmanager
def unnoticed(_: Feed, __: Any) -> Iterator[None]:
    yield


def nothing_since(self: Target, token: Any, *_: Any) -> Any:
    return None if token is None else ()


def settled_but_last(self: Channel) -> None:
    self._commits, last = self._commits[:-1], self._commits[-1:]
    settle(self)
    self._commits = last


settle = Channel.settle


def never_refilled(self: windows.WindowView, changes: Changes, refill: Any) -> Iterator[Step]:
    """Shows what is left."""
    return iter(())


def only_touched(self: windows.WindowView, touched: Any) -> Iterator[Any]:
    """Overlooks what moves up or down."""
    for path, key in touched.items():
        index = -1 if key is None else self._keys.index(key)
        is_in = key is not None and self._first <= index < self._shown_end()
        yield path, self._documents[key] if is_in and key is not None else None


def rounds_without_end(self: Round) -> Iterator[bytes]:
    """Lets the last part of every round out."""
    for part in self._parts[:-1]:
        yield from part


@pytest.mark.parametrize(
    ("holder", "name", "instead"),
    [
        (Pending, "add", add_last),
        (Changes, "add", add_commit),
        (Feed, "rewriting", unnoticed),
        (Target, "_since", nothing_since),
        (Channel, "settle", settled_but_last),
        (windows.WindowView, "_refilled", never_refilled),
        (windows.WindowView, "_crossing", only_touched),
        (QueryView, "holds", lambda self, document: document is not None),
        (DocumentsView, "steps", lambda *_: iter(())),
        (Round, "messages", rounds_without_end),
    ],
    ids=["merged", "commits", "clear", "resume", "settle", "refill", "crossing", "query", "documents", "round"],
)
def test_a_planted_defect_is_found(
    holder: Any, name: str, instead: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(holder, name, instead)
    with pytest.raises(Wrong, match=r"[a-z]"):
        play_all(HISTORIES_OF_DEFECTS)


def test_the_command_says_what_it_has_seen() -> None:
    command = [sys.executable, str(FOLDER), "--histories", "2", "--seed", str(SEED)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - ours
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("2 histories, ")
    assert "0 histories wrong" in done.stdout
