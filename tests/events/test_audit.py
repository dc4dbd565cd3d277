"""The audit trail: who changed which fields; nothing of what only functions changed."""

from typing import Any

import pytest

from gather.events.audit import entry_of
from tests.support.events import NOW, event_document

EVENT = event_document()


@pytest.mark.parametrize(
    ("change", "kind", "fields"),
    [
        ({"title": "Feast", "titleLower": "feast"}, "event.changed", ["title"]),
        ({"canceled": True, "cancelReason": "Storm"}, "event.canceled", ["cancelReason", "canceled"]),
        ({"published": False}, "event.unpublished", ["published"]),
        ({"tags": ["a"]}, "event.changed", ["tags"]),
    ],
)
def test_an_edit_is_remembered_by_its_fields(change: dict[str, Any], kind: str, fields: list[str]) -> None:
    after = EVENT | change | {"updatedAt": NOW, "updatedBy": "olga"}
    assert entry_of(EVENT, after) == {"kind": kind, "actor": "olga", "fields": fields}


def test_what_was_taken_back_is_remembered_too() -> None:
    assert (entry_of(EVENT | {"canceled": True}, EVENT) or {})["kind"] == "event.reinstated"
    assert (entry_of(EVENT | {"published": False}, EVENT) or {})["kind"] == "event.published"


def test_a_creation_is_by_the_creator() -> None:
    assert entry_of(None, EVENT) == {"kind": "event.created", "actor": "cleo", "fields": []}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (EVENT, EVENT),
        (EVENT, EVENT | {"attendingCount": 3, "busyUntil": NOW, "sequence": 2, "lastEndAt": NOW, "titleLower": "x"}),
        ({name: value for name, value in EVENT.items() if name != "published"}, EVENT),
        (EVENT, None),
        (None, None),
    ],
)
def test_what_functions_change_and_what_is_gone_is_not_audited(before: Any, after: Any) -> None:
    assert entry_of(before, after) is None


def test_an_editor_that_is_not_named_or_no_name_is_nobody() -> None:
    assert (entry_of(EVENT, EVENT | {"title": "x", "updatedBy": 7}) or {})["actor"] is None
