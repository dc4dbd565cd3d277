"""Generated histories: a fixed slice against the model and the emulator at every run, and the judges themselves."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import grpc
import pytest

from firewarden.firestore import transforms
from firewarden.server.locks import Locks
from firewarden.testing.session import Server
from toolkit.tests.conformance.firestore import found, known
from toolkit.tests.conformance.firestore.command import Tally, ask, described
from toolkit.tests.conformance.firestore.differences import Difference, from_model, ours, text_of, without_message
from toolkit.tests.conformance.firestore.histories import history
from toolkit.tests.conformance.firestore.shrinking import shrunk
from toolkit.tests.conformance.firestore.universe import DATABASE, ROOT, Json

SEED = 2026
HISTORIES = 60
HISTORIES_OF_EMULATOR = 20
FOLDER = Path(found.__file__).parent
MODEL = ("model", "model_aggregates", "model_commits", "model_queries", "model_writes", "universe", "values")


def texts(tally: Tally) -> list[str]:
    return [line for _, difference in tally.found for line in described(difference)]


def test_our_server_answers_as_the_model() -> None:
    tally = Tally()
    for number in range(HISTORIES):
        ask(tally, None, seed=SEED, number=number)
    assert texts(tally) == []
    assert tally.operations > HISTORIES * 20


@pytest.fixture
def channel(official_firestore_server: Server) -> Iterator[grpc.Channel]:
    with grpc.insecure_channel(official_firestore_server.host) as channel:
        yield channel


@pytest.mark.emulator
def test_the_emulator_answers_as_our_server(channel: grpc.Channel) -> None:
    tally = Tally()
    for number in range(HISTORIES_OF_EMULATOR):
        ask(tally, channel, seed=SEED, number=number)
    assert texts(tally) == []


@pytest.mark.parametrize("record", found.load(), ids=lambda record: record["id"])
def test_what_was_once_found_stays_found(record: Json) -> None:
    """Every history that was once answered differently ends as its judge said, texts included where it had some."""
    got = ours(record["history"])[-1]
    if record["judge"] == "model":
        got = without_message(got)
    assert text_of(got) == text_of(record["answer"])


def wrong_increment(stored: float, operand: float) -> float:
    """Does not stop at the greatest integer."""
    return stored + operand


def no_locks(*_: Any, **__: Any) -> frozenset[int]:
    return frozenset()


@pytest.mark.parametrize(
    ("holder", "name", "instead", "longest"),
    [
        (transforms._NUMBERS, transforms.Kind.INCREMENT, lambda stored, operand: stored - operand, 2),
        (Locks, "holders", no_locks, 3),
    ],
    ids=["increment", "locks"],
)
def test_a_planted_defect_is_found_and_made_small(
    holder: Any, name: Any, instead: Any, longest: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    if isinstance(holder, dict):
        monkeypatch.setitem(holder, name, instead)
    else:
        monkeypatch.setattr(holder, name, instead)
    histories = (history(Random(f"{SEED}/{number}")) for number in range(HISTORIES))
    difference = next(each for each in map(from_model, histories) if each is not None)
    small = shrunk(from_model, difference)
    assert small.signature == difference.signature
    assert len(small.history) <= longest, list(described(small))


def test_equal_seeds_make_equal_histories() -> None:
    assert history(Random("a")) == history(Random("a"))
    assert history(Random("a")) != history(Random("b"))


def test_histories_use_everything() -> None:
    made = [history(Random(f"{SEED}/{number}")) for number in range(HISTORIES)]
    used = set(json.dumps(made).replace('"', " ").split())
    calls = {each["call"] for one in made for each in one}
    assert len(calls) == 13
    operators = (
        *("EQUAL", "NOT_EQUAL", "LESS_THAN", "LESS_THAN_OR_EQUAL", "GREATER_THAN", "GREATER_THAN_OR_EQUAL"),
        *("IN", "NOT_IN", "ARRAY_CONTAINS", "ARRAY_CONTAINS_ANY", "IS_NULL", "IS_NAN", "IS_NOT_NULL", "IS_NOT_NAN"),
        *("AND", "OR", "setToServerValue", "increment", "maximum", "minimum", "appendMissingElements"),
        *("removeAllFromArray", "updateMask", "verify", "delete", "exists", "updateTime", "readTime", "readOnly"),
        *("newTransaction", "offset", "limit", "startAt", "endAt", "select", "count", "sum", "avg", "upTo"),
        *("showMissing", "allDescendants", "DESCENDING", "__vector__", "geoPointValue", "referenceValue"),
    )
    assert [each for each in operators if each not in used] == []


def test_most_operations_are_done_and_some_are_refused() -> None:
    codes = [each["code"] for number in range(20) for each in ours(history(Random(f"{SEED}/{number}")))]
    share = codes.count("OK") / len(codes)
    assert 0.7 < share < 0.97
    assert {"NOT_FOUND", "ALREADY_EXISTS", "FAILED_PRECONDITION", "ABORTED"} <= set(codes)


@pytest.mark.parametrize("name", MODEL)
def test_the_model_shares_no_code_with_the_server(name: str) -> None:
    tree = ast.parse((FOLDER / f"{name}.py").read_text())
    imported = [each.module or "" for each in ast.walk(tree) if isinstance(each, ast.ImportFrom)]
    imported += [alias.name for each in ast.walk(tree) if isinstance(each, ast.Import) for alias in each.names]
    of_ours = {each.rpartition(".")[2] for each in imported if each.startswith("toolkit")}
    assert of_ours <= set(MODEL)
    assert not any(each.startswith("firewarden") for each in imported)


def test_whatever_explains_a_difference_is_documented() -> None:
    page = (Path(__file__).parents[2] / "docs" / "differences.md").read_text()
    assert [name for name in known.EXPLANATIONS if f"| {name} |" not in page] == []


def test_only_what_is_explained_is_explained() -> None:
    commit: Json = {"call": "Commit", "request": {"writes": [{"verify": "x"}, {"delete": "y"}]}}
    results = [[{"updateTime": "#1"}, {"updateTime": "#2"}], [{"updateTime": "#3"}, {"updateTime": "#2"}]]
    answers = [{"code": "OK", "results": each} for each in results]
    assert known.reason_of(commit, *answers) == "version of a deleted document"
    assert known.reason_of({**commit, "request": {"writes": [{}, {}]}}, *answers) is None
    assert known.reason_of(commit, answers[0], {"code": "ABORTED", "message": ""}) is None
    found_: list[Json] = [{"code": "OK", "documents": [], "skipped": each} for each in (0, 3)]
    assert known.reason_of({"call": "RunQuery", "request": {}}, *found_) == "count of skipped documents"
    other = {**found_[1], "documents": [{"name": "c/a"}]}
    assert known.reason_of({"call": "RunQuery", "request": {}}, found_[0], other) is None


def test_a_difference_is_stored_once(tmp_path: Path) -> None:
    operation: Json = {"id": 1, "call": "ListCollectionIds", "request": {"parent": ROOT, "x": DATABASE}}
    difference = Difference("model", [operation], {"code": "OK", "ids": ["\u2028"]}, {"code": "OK", "ids": []})
    file = tmp_path / "found.jsonl"
    (added,) = found.store([difference, difference], file)
    assert [each["id"] for each in found.load(file)] == [added]
    assert found.load(file)[0]["answer"] == {"code": "OK", "ids": ["\u2028"]}


@pytest.mark.parametrize(("required", "code"), [("", 0), ("1", 2)])
def test_without_an_emulator_the_command_asks_the_model_only(required: str, code: int) -> None:
    command = [sys.executable, str(FOLDER), "--histories", "2"]
    environ = {**os.environ, "FIRESTORE_EMULATOR_HOST": "127.0.0.1:9", "REQUIRE_OFFICIAL": required}
    done = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)  # noqa: S603 - ours
    assert done.returncode == code
    assert "127.0.0.1:9" in done.stderr
    assert bool(required) != ("2 histories" in done.stdout)
