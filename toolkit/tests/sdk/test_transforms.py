"""Values that the server computes: times, sums, bounds, and lists as sets."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from google.api_core.exceptions import NotFound
from google.cloud import firestore

from toolkit.tests.sdk.conftest import Sdk


def after(sdk: Sdk, before: Any, transform: Any) -> Any:
    """The value of a field after an update."""
    sdk(sdk.document("t/a").set({} if before is None else {"v": before}))
    sdk(sdk.document("t/a").update({"v": transform}))
    return sdk.stored("t/a")["v"]


@pytest.mark.parametrize(
    ("before", "by", "expected"),
    [
        (None, 2, 2),
        (1, 2, 3),
        (1, -5, -4),
        (1, 0.5, 1.5),
        (0.5, 2, 2.5),
        (1.5, 0.5, 2.0),
        ("text", 3, 3),
        (2**63 - 1, 1, 2**63 - 1),
        (-(2**63), -1, -(2**63)),
        (1, math.inf, math.inf),
    ],
)
def test_increments(sdk: Sdk, before: Any, by: Any, expected: Any) -> None:
    found = after(sdk, before, firestore.Increment(by))
    assert (found, type(found)) == (expected, type(expected))


@pytest.mark.parametrize(
    ("before", "operand", "largest", "smallest"),
    [
        (None, 2, 2, 2),
        (1, 2, 2, 1),
        (1, 0.5, 1, 0.5),
        (2.5, 2, 2.5, 2),
        ("text", 3, 3, 3),
        (3, 3.0, 3, 3),
    ],
)
def test_bounds(sdk: Sdk, before: Any, operand: Any, largest: Any, smallest: Any) -> None:
    found = after(sdk, before, firestore.Maximum(operand)), after(sdk, before, firestore.Minimum(operand))
    assert found == (largest, smallest)
    assert tuple(map(type, found)) == (type(largest), type(smallest))


@pytest.mark.parametrize(
    ("before", "elements", "united", "removed"),
    [
        (None, [1, 2, 1], [1, 2], []),
        ([1, 2], [2, 3], [1, 2, 3], [1]),
        ([1, 1, 2], [1], [1, 1, 2], [2]),
        ("text", [1], [1], []),
        ([{"a": 1}, {"a": 2}], [{"a": 1}], [{"a": 1}, {"a": 2}], [{"a": 2}]),
        ([1], [1.0, None, "1"], [1, None, "1"], []),
    ],
)
def test_lists_as_sets(sdk: Sdk, before: Any, elements: list[Any], united: Any, removed: Any) -> None:
    assert after(sdk, before, firestore.ArrayUnion(elements)) == united
    assert after(sdk, before, firestore.ArrayRemove(elements)) == removed


def test_the_time_of_the_server(sdk: Sdk) -> None:
    document = sdk.document("t/a")
    sdk(document.set({"at": firestore.SERVER_TIMESTAMP, "deep": {"at": firestore.SERVER_TIMESTAMP}, "n": 1}))
    found = sdk(document.get())
    assert found.get("at") == found.get("deep.at")
    assert abs(found.get("at") - datetime.now(UTC)) < timedelta(minutes=5)
    assert abs(found.get("at") - found.update_time) < timedelta(seconds=1)
    sdk(document.update({"deep.later": firestore.SERVER_TIMESTAMP}))
    later = sdk(document.get())
    assert later.get("deep.later") > later.get("deep.at") == found.get("at")


def test_several_in_one_write(sdk: Sdk) -> None:
    document = sdk.document("t/a")
    sdk(document.set({"n": 1, "list": [1], "keep": True}))
    changes = {
        "n": firestore.Increment(1),
        "list": firestore.ArrayUnion([2]),
        "m.n": firestore.Maximum(5),
        "plain": "x",
        "keep": firestore.DELETE_FIELD,
    }
    sdk(document.update(changes))
    assert sdk.stored("t/a") == {"n": 2, "list": [1, 2], "m": {"n": 5}, "plain": "x"}


def test_in_a_set_nothing_was_there_before(sdk: Sdk) -> None:
    document = sdk.document("t/a")
    sdk(document.set({"n": 5, "list": [1]}))
    sdk(document.set({"n": firestore.Increment(1), "list": firestore.ArrayUnion([2])}))
    assert sdk.stored("t/a") == {"n": 1, "list": [2]}
    sdk(document.set({"n": firestore.Increment(1), "new": {"n": firestore.Increment(2)}}, merge=True))
    assert sdk.stored("t/a") == {"n": 2, "list": [2], "new": {"n": 2}}


def test_a_missing_document_is_not_updated(sdk: Sdk) -> None:
    with pytest.raises(NotFound):
        sdk(sdk.document("t/none").update({"n": firestore.Increment(1)}))
    assert sdk.stored("t/none") is None


def test_a_batch_applies_them_in_order(sdk: Sdk) -> None:
    document = sdk.document("t/a")
    batch = sdk.client.batch()
    batch.set(document, {"n": 1})
    batch.update(document, {"n": firestore.Increment(1)})
    batch.update(document, {"n": firestore.Increment(10), "list": firestore.ArrayUnion([1])})
    results = sdk(batch.commit())
    assert sdk.stored("t/a") == {"n": 12, "list": [1]}
    assert [len(each.transform_results) for each in results] == [0, 1, 2]
    assert results[1].transform_results[0].integer_value == 2
