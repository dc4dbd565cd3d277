"""Commits as Google's emulator answered them: what is refused and how, what changes, and what clients are told."""

from __future__ import annotations

from typing import Any

import pytest
from google.protobuf import json_format

from firewarden.firestore.commits import Outcome, fold
from firewarden.firestore.documents import DatabaseName, DocumentPath, StoredDocument
from firewarden.firestore.status import StatusError
from firewarden.firestore.wire import protos
from firewarden.firestore.wire.values import encode_value
from firewarden.firestore.wire.writes import read_writes
from firewarden.limits import EMULATOR
from firewarden.values import Timestamp
from toolkit.tests.firestore.cases import PROJECT, load, read_message

DATABASE = DatabaseName(PROJECT)
FIRST_COMMIT = 1_700_000_000_123_456
CASES = [
    pytest.param(case, id=f"{name}: {case['name']}")
    for name in ("together", "masks", "transforms", "preconditions", "refused", "values")
    for case in load(name)
]


@pytest.mark.parametrize("case", CASES)
def test_a_commit_comes_to_what_the_emulator_says(case: dict[str, Any]) -> None:
    stored: dict[DocumentPath, StoredDocument] = {}
    answers = [_commit(stored, case["commits"], number) for number in range(len(case["commits"]))]
    assert answers == [_known(answer, number) for number, answer in enumerate(case["answers"])]
    for path, expected in case["after"].items():
        assert _shown(stored.get(tuple(path.split("/")))) == expected


def _commit(stored: dict[DocumentPath, StoredDocument], commits: list[Any], number: int) -> Any:
    times = [_message(_time(each)) for each in range(number)]
    try:
        writes = read_writes([read_message(each, times) for each in commits[number]], DATABASE, EMULATOR)
        outcome = fold(writes, stored.get, DATABASE, time=_time(number), limits=EMULATOR)
    except StatusError as error:
        text = error.message
        for each in range(number):
            text = text.replace(str(_time(each).nanos // 1000), f"$micros{each}")
        return {"code": error.code.name, "message": text}
    for path, _, after in outcome.changes:
        stored.pop(path, None)
        if after is not None:
            stored[path] = after
    return {"results": _results(outcome)}


def _results(outcome: Outcome) -> list[dict[str, Any]]:
    return [
        {"updated": None if time is None else _number(time)}
        | ({"transforms": [_json(protos.Value.FromString(encode_value(each))) for each in told]} if told else {})
        for time, told in outcome.results
    ]


def _known(answer: dict[str, Any], number: int) -> dict[str, Any]:
    """The answer; of a document that is not there, the emulator tells some time, and we that of the commit."""
    if "results" not in answer:
        return answer
    results = [{**each, "updated": number} if each["updated"] == "another" else each for each in answer["results"]]
    return {"results": results}


def _shown(document: StoredDocument | None) -> dict[str, Any] | None:
    if document is None:
        return None
    fields = protos.Document.FromString(document.data).fields
    return {
        "fields": {name: _json(value) for name, value in fields.items()},
        "created": _number(document.create_time),
        "updated": _number(document.update_time),
    }


def _time(number: int) -> Timestamp:
    return Timestamp((FIRST_COMMIT + number * 1_000_000) * 1000)


def _number(time: Timestamp) -> int:
    return (time.nanos // 1000 - FIRST_COMMIT) // 1_000_000


def _message(time: Timestamp) -> Any:
    made = protos.Timestamp()
    made.FromMicroseconds(time.nanos // 1000)
    return made


def _json(value: Any) -> Any:
    return _without_request_time(json_format.MessageToDict(value))


def _without_request_time(json: Any) -> Any:
    if isinstance(json, list):
        return [_without_request_time(each) for each in json]
    if not isinstance(json, dict):
        return json
    if json.get("timestampValue", "").startswith("2023-11-14T"):
        # Milliseconds, whatever the time of the commit is.
        assert json["timestampValue"].endswith(".123Z")
        return {"timestampValue": "$request"}
    return {name: _without_request_time(each) for name, each in json.items()}
