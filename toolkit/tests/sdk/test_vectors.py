"""The nearest vectors, by every measure."""

from __future__ import annotations

from typing import Any

import pytest
from google.api_core.exceptions import InvalidArgument
from google.cloud.firestore import FieldFilter
from google.cloud.firestore_v1.base_vector_query import DistanceMeasure
from google.cloud.firestore_v1.vector import Vector

from toolkit.tests.sdk.conftest import Sdk

PLACES = {"east": [1.0, 0.0], "north": [0.0, 2.0], "far": [3.0, 4.0], "west": [-1.0, 0.0]}
HERE = Vector([1.0, 1.0])


@pytest.fixture
def places(sdk: Sdk) -> Any:
    fields: dict[str, dict[str, Any]] = {
        f"p/{name}": {"v": Vector(place), "x": place[0]} for name, place in PLACES.items()
    }
    odd: dict[str, dict[str, Any]] = {
        "p/text": {"v": "no vector"},
        "p/long": {"v": Vector([1.0, 1.0, 1.0])},
        "p/none": {"x": 0.0},
    }
    sdk.store({**fields, **odd})
    return sdk.collection("p")


@pytest.mark.parametrize(
    ("measure", "expected"),
    [
        (DistanceMeasure.EUCLIDEAN, [("east", 1.0), ("north", 2**0.5), ("west", 5**0.5), ("far", 13**0.5)]),
        (DistanceMeasure.COSINE, [("far", 1 - 7 / 50**0.5), ("east", 1 - 0.5**0.5), ("north", 1 - 0.5**0.5)]),
        (DistanceMeasure.DOT_PRODUCT, [("far", 7.0), ("north", 2.0), ("east", 1.0), ("west", -1.0)]),
    ],
)
def test_by_distance(sdk: Sdk, places: Any, measure: Any, expected: list[tuple[str, float]]) -> None:
    query = places.find_nearest(
        "v", HERE, distance_measure=measure, limit=len(expected), distance_result_field="distance"
    )
    found = [(each.id, each.get("distance")) for each in sdk(query.stream())]
    assert [name for name, _ in found] == [name for name, _ in expected]
    assert [distance for _, distance in found] == pytest.approx([distance for _, distance in expected])


def test_within_a_distance(sdk: Sdk, places: Any) -> None:
    near = places.find_nearest("v", HERE, distance_measure=DistanceMeasure.EUCLIDEAN, limit=10, distance_threshold=2.0)
    assert sdk.ids(near) == ["east", "north"]
    large = places.find_nearest(
        "v", HERE, distance_measure=DistanceMeasure.DOT_PRODUCT, limit=10, distance_threshold=2.0
    )
    assert sdk.ids(large) == ["far", "north"]


def test_among_filtered_documents_and_in_parts(sdk: Sdk, places: Any) -> None:
    query = places.where(filter=FieldFilter("x", ">", 0.0))
    nearest = query.find_nearest("v", HERE, distance_measure=DistanceMeasure.EUCLIDEAN, limit=10)
    assert sdk.ids(nearest) == ["east", "far"]
    parts = places.select(["x", "d"]).find_nearest(
        "v", HERE, distance_measure=DistanceMeasure.EUCLIDEAN, limit=1, distance_result_field="d"
    )
    assert [each.to_dict() for each in sdk(parts.stream())] == [{"x": 1.0, "d": 1.0}]
    group = sdk.client.collection_group("p").find_nearest(
        "v", HERE, distance_measure=DistanceMeasure.EUCLIDEAN, limit=1
    )
    assert sdk.ids(group) == ["east"]


@pytest.mark.parametrize("limit", [0, 1001])
def test_limits(sdk: Sdk, places: Any, limit: int) -> None:
    with pytest.raises(InvalidArgument):
        sdk.ids(places.find_nearest("v", HERE, distance_measure=DistanceMeasure.EUCLIDEAN, limit=limit))
