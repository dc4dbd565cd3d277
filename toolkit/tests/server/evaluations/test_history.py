"""What is kept of evaluations, how much of it, and who is told when there is more."""

from __future__ import annotations

import json
from collections.abc import Sequence
from threading import Event, Thread
from typing import Any

import pytest

from firewarden.coverage import evaluations
from firewarden.firestore.documents import DatabaseName
from firewarden.rules import (
    OFFICIAL_1_19_9,
    Commit,
    CompiledRules,
    Get,
    Request,
    Write,
    auth_of,
    compile_rules,
    decide,
)
from firewarden.server.evaluations import History, Later
from firewarden.values import Timestamp

RULES = compile_rules("service cloud.firestore { match /databases/{d}/documents { match /n/{id} { allow get; } } }")
REQUEST = Request(operation=Get(paths=(("n", "a"),)), time=Timestamp(1_000_000), auth=auth_of(None))


def told(*texts: str) -> Any:
    """Tells these of whatever it is asked."""

    def evaluate(*_: object) -> Sequence[dict[str, Any]]:
        return [{"outcome": each} for each in texts]

    return evaluate


def record(history: History, *, rules: CompiledRules = RULES, database: str = "(default)") -> None:
    history.record(DatabaseName("demo-a", database), rules, REQUEST, lambda _: None)


def outcomes(later: Later) -> list[str]:
    return [json.loads(each)["outcome"] for each in later.texts]


def test_an_evaluation_is_told_with_its_rules_and_time() -> None:
    history = History(told("allow"), new_id=lambda: "one")
    record(history)
    (text,) = history.later().texts
    assert json.loads(text) == {
        "rulesReleaseKey": json.loads(text)["rulesReleaseKey"],
        "requestId": "one",
        "rules": RULES.text,
        "time": "1970-01-01T00:00:00.001Z",
        "outcome": "allow",
    }


def test_releases_go_by_their_project_their_database_and_their_rules() -> None:
    def key(database: str, rules: CompiledRules) -> str:
        history = History(told("allow"))
        record(history, rules=rules, database=database)
        found: str = json.loads(history.later().texts[0])["rulesReleaseKey"]
        return found

    other = compile_rules((RULES.text or "").replace("get", "list"))
    assert key("(default)", RULES).startswith("projects/demo-a/releases/cloud.firestore-")
    assert key("eu", RULES).startswith("projects/demo-a/releases/cloud.firestore/eu-")
    assert key("eu", RULES) == key("eu", RULES) != key("eu", other)


def test_what_comes_later_is_told_once() -> None:
    history = History(told("a", "b"))
    record(history)
    first = history.later()
    assert (outcomes(first), first.number) == (["a", "b"], 2)
    assert outcomes(history.later(first.number)) == []
    record(history)
    assert outcomes(history.later(first.number)) == ["a", "b"]
    assert outcomes(history.later(3)) == ["b"]


def test_the_oldest_are_forgotten_and_who_is_slow_goes_on_with_the_oldest_that_is_kept() -> None:
    history = History(told("a", "b", "c"), most=4)
    slow = history.later().number
    for _ in range(3):
        record(history)
    kept = history.later(slow)
    assert (outcomes(kept), kept.number) == (["c", "a", "b", "c"], 9)
    assert outcomes(history.later(8)) == ["c"]


def test_large_ones_are_forgotten_sooner_but_the_last_is_kept() -> None:
    history = History(told("x" * 100), characters=3 * (100 + len(RULES.text or "")))
    for _ in range(10):
        record(history)
    assert 1 <= len(history.later().texts) <= 3
    tiny = History(told("x" * 100, "y" * 100), characters=10)
    record(tiny)
    assert outcomes(tiny.later()) == ["y" * 100]


@pytest.mark.parametrize("reason", ["more", "over"])
def test_who_waits_is_woken(reason: str) -> None:
    """By what comes, or because nobody waits any more."""
    history, is_over, woken = History(told("a")), Event(), Event()

    def wait() -> None:
        history.wait(0, is_over.is_set)
        woken.set()

    thread = Thread(target=wait)
    thread.start()
    history.wake()
    assert not woken.wait(0.05)
    if reason == "more":
        record(history)
    else:
        is_over.set()
        history.wake()
    thread.join(30)
    assert woken.is_set()


CRASHING = """service cloud.firestore { match /databases/{d}/documents {
  match /a/{id} { allow create; }
  match /b/{id} { allow create: if 'x'.replace('(x)', '$2') == 'x'; }
} }"""


def test_a_request_that_fails_as_a_whole_is_told_up_to_there() -> None:
    """The official engine fails on a group that its expression has not; what it was asked before is shown."""
    rules = compile_rules(CRASHING, compatibility=OFFICIAL_1_19_9)
    writes = tuple(Write(path=(each, "x"), data={}, exists=False) for each in ("a", "b"))
    request = Request(operation=Commit(writes=writes), time=Timestamp(0), auth=auth_of(None))
    assert decide(rules, request, lambda _: None).crashed
    found = evaluations(rules, request, lambda _: None)
    assert [(each["rulesContext"]["path"], each["outcome"]) for each in found] == [
        ("/databases/(default)/documents/a/x", "allow")
    ]
