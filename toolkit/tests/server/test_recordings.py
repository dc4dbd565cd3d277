"""Every recorded request and query, sent to the local server over REST: it answers as Google's emulator did."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from firewarden.cli.replay_over_rest import conversation
from firewarden.rules.recordings import explanation, format_of

VECTORS = Path(__file__).parents[1] / "vectors"
KNOWN = {
    "order of the documents of a commit",
    "a document of another project or database",
    "the mark at the end of an aggregation",
}


@pytest.mark.parametrize("name", ["request", "list", "program"])
def test_answers_are_the_recorded_ones(name: str) -> None:
    """Or differ in a way that docs/differences.md explains."""
    records = [json.loads(line) for line in (VECTORS / f"{name}.jsonl").read_text().splitlines()]
    assert len(records) > 15
    unexplained = []
    with conversation(None) as server:
        for each in records:
            format_ = format_of(each)
            assert format_ is not None
            difference = server.ask(format_, each)
            if difference is not None and explanation(format_, each, difference) not in KNOWN:
                unexplained.append((each["id"], difference))
    assert unexplained == []
