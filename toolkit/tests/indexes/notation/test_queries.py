"""Query mappings: what they become is proven against a server in testing/test_queries; here, their faults."""

from __future__ import annotations

from typing import Any

import pytest

from firewarden.errors import QueryFileError
from firewarden.indexes.notation import parse_query


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ([], "a query is a mapping with collection, group, "),
        ({}, "a query needs collection: PATH or group: ID"),
        ({"collection": "a", "group": "a"}, "a query has either collection or group, not both"),
        ({"collection": "a/b"}, "'a/b' is not a collection path such as events or events/e1/rsvps"),
        ({"collection": 1}, "1 is not a collection path"),
        ({"group": ""}, "'' is not a collection id such as rsvps"),
        ({"collection": "a", "where": [["f", "~", 1]]}, "unknown operator '~'; there are ==, !="),
        ({"collection": "a", "where": [["f", 1]]}, "a condition is [field, op, value], {or: [...]} or"),
        ({"collection": "a", "where": {"f": 1}}, "where is a list, as in [[field, op, value]], not {'f': 1}"),
        ({"collection": "a", "where": [{"or": [["f", "~", 1]]}]}, "unknown operator '~'"),
        ({"collection": "a", "order_by": [["f", "up"]]}, "a sort key is [field, asc] or [field, desc], not"),
        ({"collection": "a", "limit": 0}, "limit is a number above 0, not 0"),
        ({"collection": "a", "limit": True}, "limit is a number above 0, not True"),
        ({"collection": "a", "start_at": [1]}, "start_at has more values than order_by has sort keys"),
        ({"collection": "a", "aggregate": ["max"]}, "an aggregation is count, {sum: field} or {average: field}"),
    ],
)
def test_a_fault_says_what_and_where(content: Any, problem: str) -> None:
    with pytest.raises(QueryFileError) as failure:
        parse_query(content, file="f.yaml", line=7)
    assert str(failure.value).startswith(f"f.yaml:7: {problem}")


def test_all_faults_are_reported_at_once() -> None:
    with pytest.raises(QueryFileError) as failure:
        parse_query({"collection": "a/b", "limit": -1, "color": "red"})
    assert len(failure.value.faults) == 3
