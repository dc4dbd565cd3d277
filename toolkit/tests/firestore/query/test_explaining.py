"""What plans say: the indexes they miss and need, how they go, and what that came to."""

from __future__ import annotations

import json
from collections.abc import Sequence

import pytest

from firewarden.firestore.documents import DatabaseName
from firewarden.firestore.query.available import AUTOMATIC
from firewarden.firestore.query.execute import run
from firewarden.firestore.query.model import (
    NAME,
    And,
    Filter,
    Operator,
    Or,
    Order,
    Query,
    Where,
)
from firewarden.firestore.query.planner import MissingIndex, plan
from firewarden.firestore.query.scanning import IndexedField, ScanIndex
from firewarden.firestore.query.statistics import Statistics
from firewarden.firestore.query.vector_indexes import VectorIndex
from firewarden.firestore.wire import protos
from firewarden.firestore.wire.explain import explain_metrics
from firewarden.values import Reference
from toolkit.tests.firestore.query.memory import MemorySnapshot
from toolkit.tests.firestore.query.tenths import EVERY_TENTH, A, B, C, equal


@pytest.mark.parametrize(
    ("where", "order_by", "group", "added"),
    [
        (
            equal("a", 1),
            (B,),
            False,
            [{"fields": [{"fieldPath": "a", "order": "ASCENDING"}, {"fieldPath": "b", "order": "ASCENDING"}]}],
        ),
        (
            Filter(("tags",), Operator.ARRAY_CONTAINS, 1),
            (Order(("b",), True),),
            False,
            [{"fields": [{"fieldPath": "tags", "arrayConfig": "CONTAINS"}, {"fieldPath": "b", "order": "DESCENDING"}]}],
        ),
        (
            None,
            (A, Order(NAME, True)),
            False,
            [{"fields": [{"fieldPath": "a", "order": "ASCENDING"}, {"fieldPath": "__name__", "order": "DESCENDING"}]}],
        ),
        (equal("a", 1), (), True, [{"fieldPath": "a"}]),
        (
            Or((equal("a", 1), equal("b", 1))),
            (C,),
            False,
            [
                {"fields": [{"fieldPath": "a", "order": "ASCENDING"}, {"fieldPath": "c", "order": "ASCENDING"}]},
                {"fields": [{"fieldPath": "b", "order": "ASCENDING"}, {"fieldPath": "c", "order": "ASCENDING"}]},
            ],
        ),
    ],
    ids=["a field sorts", "array-contains", "name backwards", "collection group", "alternatives"],
)  # fmt: skip
def test_a_missing_index_is_told_with_what_to_add(
    where: Where | None, order_by: tuple[Order, ...], group: bool, added: list[dict[str, object]]
) -> None:
    query = Query(collection="c", all_descendants=group, where=where, order_by=order_by)
    failure = MissingIndex(plan(query, AUTOMATIC).missing)
    first, *entries = failure.message.splitlines()
    assert failure.code.name == "FAILED_PRECONDITION"
    assert first.startswith("The query requires an index. You can add it to ")
    told = [json.loads(each) for each in entries]
    assert [{key: each[key] for key in wanted} for each, wanted in zip(told, added, strict=True)] == added


def test_only_what_is_missing_is_told() -> None:
    query = Query(collection="c", where=equal("a", 1), order_by=(B,))
    (missing,) = plan(query, AUTOMATIC).missing
    assert str(missing) == "c (COLLECTION): a ASCENDING, b ASCENDING, __name__ ASCENDING"
    assert plan(query, Composites(missing.index)).missing == ()


class Composites:
    """Composite indexes, and nothing else."""

    def __init__(self, *indexes: ScanIndex) -> None:
        self._indexes = indexes

    def composites(self, collection: str, *, group: bool) -> Sequence[ScanIndex]:
        return [each for each in self._indexes if (each.collection, each.group) == (collection, group)]

    def has_single(self, collection: str, field: IndexedField, *, group: bool) -> bool:
        return False

    def vectors(self, collection: str, *, group: bool) -> Sequence[VectorIndex]:
        return ()


def test_a_plan_explains_itself() -> None:
    where = Or((And((equal("a", 1), equal("b", 2))), Filter(NAME, Operator.EQUAL, Reference("p", "d", ("c", "x")))))
    query = Query(collection="c", where=where, order_by=(Order(NAME, True),), offset=2, limit=5)
    assert str(plan(query, AUTOMATIC)).splitlines() == [
        "merge 2 by __name__ DESCENDING, each document once",
        "  merge, what all of them have:",
        "    scan c (COLLECTION): a ASCENDING, __name__ DESCENDING, backwards",
        "    scan c (COLLECTION): b ASCENDING, __name__ DESCENDING, backwards",
        "  read c/x",
        "skip 2",
        "stop after 5",
    ]
    assert str(plan(Query(collection="c", where=equal("a", None)), AUTOMATIC)) == "nothing can match"


def test_query_explain_tells_plan_and_figures() -> None:
    query = Query(collection="c", where=equal("a", 1), order_by=(Order(("b",), True),))
    planned = plan(query, AUTOMATIC)
    statistics = Statistics()
    list(run(planned, MemorySnapshot(EVERY_TENTH), statistics))
    metrics = protos.ExplainMetrics.FromString(explain_metrics(planned, statistics, 0.25))
    used = [dict(each.items()) for each in metrics.plan_summary.indexes_used]
    assert used == [{"query_scope": "Collection", "properties": "(a ASC, b DESC, __name__ DESC)"}]
    stats = metrics.execution_stats
    assert (stats.results_returned, stats.read_operations, stats.execution_duration.nanos) == (100, 100, 250_000_000)
    assert stats.debug_stats["index_entries_scanned"] == "100"
    assert not protos.ExplainMetrics.FromString(explain_metrics(planned)).HasField("execution_stats")


def test_needs_are_reported_as_the_emulator_does() -> None:
    query = Query(collection="c", where=equal("a", 1), order_by=(Order(("b",), True),))
    [needed] = plan(query, AUTOMATIC).needs
    assert needed.to_json(DatabaseName("demo")) == {
        "name": "projects/demo/databases/(default)/collectionGroups/c/indexes/_",
        "queryScope": "COLLECTION",
        "fields": [
            {"fieldPath": "a", "order": "ASCENDING"},
            {"fieldPath": "b", "order": "DESCENDING"},
            {"fieldPath": "__name__", "order": "DESCENDING"},
        ],
    }
