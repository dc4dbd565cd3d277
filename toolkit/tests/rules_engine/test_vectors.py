"""The engine answers as the official emulator 1.19.9 was recorded to, under `OFFICIAL_1_19_9`.

A slice of the recordings stands beside the tests (ids whose SHA-256 is divisible by a fixed number). The variable
FIREWARDEN_VECTORS names a folder with all of them.
"""

import json
import os
from collections import defaultdict
from pathlib import Path

import pytest

from firewarden.rules.recordings.replay import FORMATS, replay

FOLDER = Path(os.environ.get("FIREWARDEN_VECTORS") or Path(__file__).parents[1] / "vectors")
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
            differences[difference].append(record["id"])
    assert records
    assert set(differences.pop("message", [])) <= ORDER_UNKNOWN
    assert not differences


def test_a_wrong_answer_is_noticed() -> None:
    """The judge itself: every kind of difference is told from agreement."""
    record = {"expr": "1 + 1", "outcome": "value", "value": {"int": "2"}}
    failed = {"outcome": "error", "message": "Divide by zero error.", "line": 1, "column": 3}
    assert replay("expr", record) is None
    assert replay("expr", {**record, "value": {"int": "3"}}) == "value"
    assert replay("expr", {**record, **failed}) == "outcome"
    assert replay("expr", {**failed, "expr": "1 / 0"}) is None
    assert replay("expr", {**failed, "expr": " 1 / 0"}) == "message"
