"""The engine answers as the official emulator 1.19.9 was recorded to, under `OFFICIAL_1_19_9`.

A slice of the recordings stands beside the tests (ids whose SHA-256 is divisible by a fixed number). The variable
FIREWARDEN_VECTORS names a folder with all of them.
"""

import json
import os
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

import pytest

from firewarden.rules.recordings.replay import FORMATS, replay

FOLDER = Path(os.environ.get("FIREWARDEN_VECTORS") or Path(__file__).parents[1] / "vectors")
# What a `$` or a `/0` inside a path literal makes the official parser go on to say.
RECOVERY_UNKNOWN = {"cx-9516a0bc", "cx-d1032018", "cx-082e4602"}
# Documents of one commit are judged in an order of the official engine's own, which these show in their texts.
ORDER_UNKNOWN = {
    *(
        "batch-016",
        "limit-multi-019",
        "limit-multi-022",
        "limit-multi-028",
        "limit-multi-034",
        "limit-multi-044",
    ),
}


@pytest.mark.parametrize("name", FORMATS)
def test_every_recorded_answer_is_given(name: str) -> None:
    """Outcomes and values agree all; messages, too, but for those that show an unknown order."""
    records = [json.loads(line) for line in (FOLDER / f"{name}.jsonl").read_text().splitlines()]
    differences = defaultdict(list)
    for record in records:
        difference = replay(name, record)
        if difference:
            differences[difference.kind].append(record["id"])
    assert records
    assert set(differences.pop("message", [])) <= ORDER_UNKNOWN | RECOVERY_UNKNOWN
    assert not differences


def kind_of(record: Mapping[str, object]) -> str | None:
    """In what the answer to an expression differs."""
    difference = replay("expr", record)
    return difference.kind if difference else None


def test_a_wrong_answer_is_noticed() -> None:
    """The judge itself: every kind of difference is told from agreement."""
    right = {"expr": "1 == 1", "outcome": "value", "value": {"bool": True}}
    text = "Index out of bound error. Index: [5] , size: [1]."
    failed = {"expr": "[1][5] == 1", "outcome": "error", "message": text, "line": 1, "column": 1}
    assert kind_of(right) is kind_of(failed) is None
    assert kind_of({**right, "value": {"bool": False}}) == "value"
    assert kind_of({**right, **failed, "expr": "1 == 1"}) == "outcome"
    assert kind_of({**failed, "column": 2}) == "message"
    assert kind_of({**right, "warnings": [{"line": 1, "column": 1, "description": "Doubtful."}]}) == "message"
