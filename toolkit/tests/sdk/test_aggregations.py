"""Counts, sums and averages through Google's client."""

from __future__ import annotations

import math
import sys
from typing import Any

import pytest
from google.cloud.firestore import FieldFilter
from google.cloud.firestore_v1.base_aggregation import AvgAggregation, CountAggregation, SumAggregation

from toolkit.tests.sdk.conftest import Sdk


def figures(sdk: Sdk, aggregation: Any) -> dict[str, Any]:
    """By alias."""
    (found,) = sdk(aggregation.get())
    return {each.alias: each.value for each in found}


def stored(sdk: Sdk, *values: Any) -> Any:
    sdk.store({f"a/{number}": {"v": value, "k": number % 2} for number, value in enumerate(values)})
    return sdk.collection("a")


def test_counting(sdk: Sdk) -> None:
    query = stored(sdk, *range(7))
    assert figures(sdk, query.count(alias="all")) == {"all": 7}
    assert figures(sdk, query.where(filter=FieldFilter("k", "==", 1)).count(alias="odd")) == {"odd": 3}
    assert figures(sdk, query.limit(5).count(alias="few")) == {"few": 5}
    assert figures(sdk, query.offset(4).count(alias="rest")) == {"rest": 3}
    assert figures(sdk, sdk.collection("none").count(alias="none")) == {"none": 0}
    assert list(figures(sdk, query.count()).values()) == [7]
    assert figures(sdk, sdk.client.collection_group("a").count(alias="group")) == {"group": 7}
    after = query.order_by("v").start_after({"v": 4}).count(alias="after")
    assert figures(sdk, after) == {"after": 2}


@pytest.mark.parametrize(
    ("values", "total", "average"),
    [
        ([1, 2, 3], 6, 2.0),
        ([1, 2.5], 3.5, 1.75),
        ([], 0, 0.0),
        (["x", None, True], 0, 0.0),
        ([1, "x", 3], 4, 2.0),
        ([2**63 - 1, 1], float(2**63), 2.0**62),
        ([2**62, -(2**62)], 0, 0.0),
        ([sys.float_info.max, 1e293], math.inf, math.inf),
        ([-sys.float_info.max, -1, -sys.float_info.max], -math.inf, -math.inf),
        ([math.inf, 1], math.inf, math.inf),
        ([math.inf, -math.inf], math.nan, math.nan),
        ([math.nan, 1], math.nan, math.nan),
        ([0.1, 0.2], 0.1 + 0.2, (0.1 + 0.2) / 2),
    ],
)
def test_sums_and_averages(sdk: Sdk, values: list[Any], total: Any, average: Any) -> None:
    query = stored(sdk, *values)
    found = figures(sdk, query.sum("v", alias="total").avg("v", alias="average"))
    assert found["total"] == pytest.approx(total, nan_ok=True)
    # The client makes 0.0 of a zero of either type, and of an average that is null.
    assert type(found["total"]) is type(total) or not total
    assert found["average"] == pytest.approx(average, nan_ok=True)


def test_several_at_once(sdk: Sdk) -> None:
    query = stored(sdk, 1, 2, 6)
    aggregation = query.count(alias="n")
    aggregation.add_aggregations([SumAggregation("v", alias="s"), AvgAggregation("v", alias="m")])
    aggregation.add_aggregation(CountAggregation(alias="again"))
    assert figures(sdk, aggregation) == {"n": 3, "s": 9, "m": 3.0, "again": 3}
    ((first,),) = sdk(query.count().get())
    assert (first.alias, first.value, first.read_time is not None) == ("field_1", 3, True)


def test_only_documents_with_the_field_are_counted_beside_its_sum(sdk: Sdk) -> None:
    query = stored(sdk, 1, 2)
    sdk(sdk.document("a/without").set({"k": 1}))
    assert figures(sdk, query.count(alias="n").sum("v", alias="s")) == {"n": 2, "s": 3}
    assert figures(sdk, query.count(alias="n")) == {"n": 3}


def test_streaming_gives_the_same(sdk: Sdk) -> None:
    query = stored(sdk, 1, 2)
    found = sdk(query.count(alias="n").stream())
    assert [[each.value for each in result] for result in found] == [[2]]
