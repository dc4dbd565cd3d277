"""Every recorded request and query, sent to the local server over REST: the answers are those of Google's emulator."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from firewarden.limits import EMULATOR
from firewarden.rules import OFFICIAL_1_19_9
from firewarden.server.engine import Engine
from firewarden.server.options import Options
from firewarden.server.serving import Server
from firewarden.store import Store
from toolkit.tests.conformance.rules.official import Official
from toolkit.tests.conformance.rules.records import answered

VECTORS = Path(__file__).parents[1] / "vectors"
# Which of several documents is judged first follows a hash that is not derived; see docs/differences.md.
OTHER_ORDER = {
    "batch-016",
    "limit-multi-019",
    "limit-multi-022",
    "limit-multi-028",
    "limit-multi-034",
    "limit-multi-044",
}
# Writes into another database than the request's: the emulator does them, production and we refuse.
OTHER_DATABASE = {"order-059"}


@pytest.fixture(scope="module")
def official() -> Iterator[Official]:
    """The client that asks the emulator elsewhere, here at our own server."""
    engine = Engine(Store(), options=Options(compatibility=OFFICIAL_1_19_9, limits=EMULATOR))
    with Server(engine) as server, Official(server.address, "demo-x") as official:
        yield official
    engine.close()


def _records(name: str) -> list[dict[str, Any]]:
    found = [json.loads(line) for line in (VECTORS / f"{name}.jsonl").read_text().splitlines()]
    return [each for each in found if _is_asked(each)]


def _is_asked(record: dict[str, Any]) -> bool:
    request = record["request"]
    is_plain = isinstance(record["auth"], dict) or record["auth"] is None
    text = json.dumps(request)
    return (
        is_plain
        and "raw" not in request
        and request["method"] != "batchWrite"
        and "$" not in text
        and "$VERSION" not in str(record["message"])
        and record["id"] not in OTHER_DATABASE
    )


@pytest.mark.parametrize("name", ["request", "list"])
def test_answers_are_the_recorded_ones(official: Official, name: str) -> None:
    records = _records(name)
    assert len(records) > 50
    assert [each["id"] for each in records if not _is_answered(official, each)] == []


def _is_answered(official: Official, record: dict[str, Any]) -> bool:
    put = official.put_rules(record["rules"])
    if not put.is_ok:
        return (record["outcome"], record["message"]) == ("compile_error", put.message)
    official.clear()
    if record["documents"]:
        official.store(record["documents"])
    got = answered(record, official.ask(record["request"], record["auth"]))
    same = all(got[key] == record[key] for key in ("outcome", "http_status", "grpc_status"))
    return same and (record["id"] in OTHER_ORDER or _entries(got["message"]) == _entries(record["message"]))


def _entries(message: str | None) -> list[str]:
    return sorted((message or "").split(", "))
