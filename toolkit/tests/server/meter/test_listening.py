"""What a listener comes to: everything that it is told of."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

from google.cloud.firestore_v1 import types

from firewarden.firestore.billing.usage import Usage
from firewarden.server.engine import Engine
from firewarden.server.meter_admin import reading
from toolkit.tests.server.conftest import NAME, PROJECT
from toolkit.tests.waiting import until


def test_a_listener_pays_for_what_it_is_told_of(engine: Engine, owner: Any) -> None:
    """All of the result first, then each document that changes. The method itself: `on_snapshot` has threads."""
    query = {"parent": f"{NAME}/documents", "structured_query": {"from_": [{"collection_id": "open"}]}}
    request = types.ListenRequest(database=str(NAME), add_target={"target_id": 1, "query": query})
    is_over = threading.Event()

    def requests() -> Iterator[types.ListenRequest]:
        yield request
        is_over.wait(30)

    told = owner._firestore_api.listen(requests=requests(), metadata=owner._rpc_metadata, timeout=60)
    assert [each.document_change.document.name[-1] for each in until_snapshot(told)] == ["1", "2", "3", "4", "5"]
    until(lambda: used(engine).reads == 5)
    owner.document("open/1").set({"n": 10})
    assert [each.document_change.document.name[-1] for each in until_snapshot(told)] == ["1"]
    is_over.set()
    told.cancel()
    until(lambda: (used(engine).reads, used(engine).writes) == (6, 1))


def used(engine: Engine) -> Usage:
    """A stream is charged when it has told, so a moment after its client knows."""
    return Usage.of_json(reading(engine, PROJECT)["usage"])


def until_snapshot(told: Any) -> list[Any]:
    """The changes of documents until all of one moment was told."""
    changes = []
    for each in told:
        if each.document_change.document.name:
            changes.append(each)
        if each.target_change.read_time and not each.target_change.target_ids:
            return changes
    return changes
