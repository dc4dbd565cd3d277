"""Every type of value comes back through Google's client as it went in; what cannot be stored is refused."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from google.api_core.datetime_helpers import DatetimeWithNanoseconds
from google.api_core.exceptions import InvalidArgument
from google.cloud.firestore import GeoPoint
from google.cloud.firestore_v1.vector import Vector

from toolkit.tests.sdk.conftest import Sdk

VALUES: dict[str, Any] = {
    "null": None,
    "true": True,
    "false": False,
    "smallest integer": -(2**63),
    "largest integer": 2**63 - 1,
    "zero": 0,
    "float zero": 0.0,
    "whole float": 1.0,
    "tiny": 5e-324,
    "huge": 1.7976931348623157e308,
    "a third": 1 / 3,
    "beyond 53 bits": 2**53 + 1,
    "infinity": math.inf,
    "minus infinity": -math.inf,
    "empty text": "",
    "text": "a\nb\t\"'\\ ü ключ 漢字 😀 \u0000 \u2028",
    "empty bytes": b"",
    "bytes": bytes(range(256)),
    "geopoint": GeoPoint(52.5, -13.25),
    "edges of the earth": GeoPoint(-90.0, 180.0),
    "empty list": [],
    "list": [1, "a", None, {"b": [2]}, True],
    "empty map": {},
    "map": {"a": {"b": {"c": 1}}, "d": [], "e": {}},
    "vector": Vector([1.0, -2.5, 0.0]),
    "vector in a map": {"v": Vector([1.0])},
    "time": datetime(2026, 5, 1, 10, 30, 15, 123456, tzinfo=UTC),
    "first time": datetime(1, 1, 1, tzinfo=UTC),
    "last time": datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
    "time before 1970": datetime(1969, 12, 31, 23, 59, 59, 500000, tzinfo=UTC),
    "long text": "ü" * 100_000,
}


@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES.keys())
def test_a_value_comes_back(sdk: Sdk, value: Any) -> None:
    sdk(sdk.document("values/a").set({"value": value}))
    found = sdk.stored("values/a")["value"]
    assert found == value
    assert type(found) is type(value) or isinstance(value, datetime)


def test_numbers_that_compare_oddly(sdk: Sdk) -> None:
    sdk(sdk.document("values/a").set({"nan": math.nan, "minus zero": -0.0, "zero": 0}))
    found = sdk.stored("values/a")
    assert math.isnan(found["nan"])
    assert math.copysign(1, found["minus zero"]) == -1
    assert isinstance(found["minus zero"], float)
    assert isinstance(found["zero"], int)


def test_times_have_microseconds(sdk: Sdk) -> None:
    """What is finer is cut off, whatever the zone."""
    fine = DatetimeWithNanoseconds(  # type: ignore[no-untyped-call]  # the library leaves it untyped
        2026, 5, 1, 10, 30, 15, nanosecond=123456789, tzinfo=UTC
    )
    elsewhere = datetime(2026, 5, 1, 12, 30, tzinfo=timezone(timedelta(hours=2)))
    sdk(sdk.document("values/a").set({"fine": fine, "elsewhere": elsewhere}))
    found = sdk.stored("values/a")
    assert found["fine"] == datetime(2026, 5, 1, 10, 30, 15, 123456, tzinfo=UTC)
    assert found["elsewhere"] == datetime(2026, 5, 1, 10, 30, tzinfo=UTC)


def test_references(sdk: Sdk) -> None:
    other = sdk.document("a/b/c/d")
    sdk(sdk.document("values/a").set({"one": other, "some": [other, {"deep": other}]}))
    found = sdk.stored("values/a")
    assert (found["one"].path, found["some"][0].path, found["some"][1]["deep"].path) == ("a/b/c/d",) * 3
    assert sdk(found["one"].get()).exists is False


def test_a_document_of_every_type_at_once(sdk: Sdk) -> None:
    sdk(sdk.document("values/a").set(VALUES))
    assert sdk.stored("values/a") == VALUES


def test_a_document_may_be_empty(sdk: Sdk) -> None:
    sdk(sdk.document("values/a").set({}))
    found = sdk(sdk.document("values/a").get())
    assert (found.exists, found.to_dict()) == (True, {})


def nested(levels: int) -> dict[str, Any]:
    return {"a": nested(levels - 1)} if levels else {}


@pytest.mark.parametrize(
    "fields",
    [
        {"a": [[1]]},
        {"a": "x" * (2**20 - 88)},
        {"a": nested(20)},
        {"a": {"__type__": "x"}},
        {f"f{number}": "x" * 100_000 for number in range(11)},
        {"a": Vector([0.0] * 2049)},
        {"a": Vector([])},
    ],
    ids=["list in a list", "long value", "deep", "reserved name", "large document", "many dimensions", "no dimension"],
)
def test_what_cannot_be_stored(sdk: Sdk, fields: dict[str, Any]) -> None:
    with pytest.raises(InvalidArgument):
        sdk(sdk.document("values/a").set(fields))
    assert sdk.stored("values/a") is None


def test_what_just_can_be_stored(sdk: Sdk) -> None:
    fields: dict[str, Any] = {"deep": nested(19), "v": Vector([0.5] * 2048)}
    sdk(sdk.document("values/a").set(fields))
    sdk(sdk.document("values/b").set({"a": "x" * (2**20 - 89)}))
    assert sdk.stored("values/a") == fields
    assert len(sdk.stored("values/b")["a"]) == 2**20 - 89
