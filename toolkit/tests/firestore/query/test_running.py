"""What plans read, cost and say."""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import islice, pairwise

import pytest

from firewarden.firestore.documents import DatabaseName
from firewarden.firestore.query.aggregate import aggregate, scanned
from firewarden.firestore.query.available import AUTOMATIC
from firewarden.firestore.query.counting import count
from firewarden.firestore.query.entries import entries
from firewarden.firestore.query.execute import run
from firewarden.firestore.query.model import (
    NAME,
    Aggregate,
    Aggregation,
    And,
    Cursor,
    Figure,
    Filter,
    Operator,
    Or,
    Order,
    Query,
    Where,
)
from firewarden.firestore.query.planner import MissingIndex, plan
from firewarden.firestore.query.scanning import IndexedField, Mode, ScanIndex
from firewarden.firestore.query.split import check_split, split
from firewarden.firestore.query.statistics import Statistics
from firewarden.firestore.query.vector_indexes import VectorIndex
from firewarden.firestore.status import StatusError
from firewarden.firestore.wire import protos
from firewarden.firestore.wire.explain import explain_metrics
from firewarden.values import Reference
from toolkit.tests.firestore.query.memory import MemorySnapshot

A, B, C = (Order((name,)) for name in "abc")
EVERY_TENTH = {f"c/{n:04d}": {"a": n % 10, "b": n % 7, "c": n, "tags": [n % 3, n % 5]} for n in range(1_000)}


def equal(field: str, value: object) -> Filter:
    return Filter((field,), Operator.EQUAL, value)


def over(field: str, value: object) -> Filter:
    return Filter((field,), Operator.GREATER_THAN, value)


def reads(query: Query, *, taken: int | None = None) -> tuple[int, int]:
    """How many documents were found, and how many index entries were read for them."""
    snapshot = MemorySnapshot(EVERY_TENTH)
    found = list(islice(run(plan(query, AUTOMATIC), snapshot), taken))
    return len(found), snapshot.reads


@pytest.mark.parametrize(
    ("query", "found", "read"),
    [
        (Query(collection="c", limit=5), 5, 5),
        (Query(collection="c", offset=3, limit=5), 5, 8),
        (Query(collection="c", where=equal("a", 3)), 100, 100),
        (Query(collection="c", where=equal("a", 3), order_by=(C,), limit=2), 2, 2),
        (Query(collection="c", where=over("c", 990)), 9, 9),
        (Query(collection="c", where=And((equal("a", 3), over("c", 900))), order_by=(C,)), 10, 10),
        (Query(collection="c", order_by=(C,), start=Cursor((990,), before=False)), 9, 9),
        (Query(collection="c", order_by=(Order(("c",), True),), start=Cursor((10,), before=True), limit=3), 3, 3),
        (
            Query(collection="c", order_by=(C,), start=Cursor((10,), before=True), end=Cursor((20,), before=True)),
            10,
            10,
        ),
        (Query(collection="c", where=Filter(("c",), Operator.NOT_EQUAL, 500), order_by=(C,)), 999, 999),
        (Query(collection="c", where=Filter(("c",), Operator.IN, [7, 8, 9])), 3, 3),
        (Query(collection="c", where=Filter(("tags",), Operator.ARRAY_CONTAINS, 4), limit=1), 1, 1),
        (Query(collection="c", where=equal("a", None)), 0, 0),
        (Query(collection="c", limit=0), 0, 0),
    ],
    ids=str,
)
def test_no_more_is_read_than_is_returned(query: Query, found: int, read: int) -> None:
    assert reads(query) == (found, read)


def test_what_is_not_taken_is_not_read() -> None:
    assert reads(Query(collection="c", order_by=(C,)), taken=4) == (4, 4)


def test_merging_indexes_skips_what_only_one_of_them_holds() -> None:
    """900 entries of one value and 10 of the other: the large index is entered anew instead of read through."""
    documents = {f"c/{n:04d}": {"a": int(n % 100 == 50), "b": 1} for n in range(1_000)}
    snapshot = MemorySnapshot(documents)
    statistics = Statistics()
    planned = plan(Query(collection="c", where=And((equal("a", 1), equal("b", 1)))), AUTOMATIC)
    assert len(list(run(planned, snapshot, statistics))) == 10
    assert [len(each.scans) for each in planned.branches] == [2]
    assert statistics.entries == snapshot.reads < 150


def test_a_document_is_found_once_whatever_it_matches() -> None:
    either = Or((Filter(("tags",), Operator.ARRAY_CONTAINS_ANY, [0, 1, 2]), equal("a", 1), over("c", -1)))
    found, _ = reads(Query(collection="c", where=either))
    assert found == 1_000


def test_names_are_looked_up() -> None:
    names = [Reference("p", "(default)", ("c", each)) for each in ("0500", "0001", "none")]
    assert reads(Query(collection="c", where=Filter(NAME, Operator.IN, names))) == (2, 0)


def test_the_cost_is_counted() -> None:
    statistics = Statistics()
    query = Query(collection="c", where=And((over("a", 5), over("b", 5))), offset=3, limit=10)
    list(run(plan(query, AUTOMATIC), MemorySnapshot(EVERY_TENTH), statistics))
    assert (statistics.results, statistics.skipped) == (10, 3)
    assert statistics.entries == statistics.documents > 13


def test_counting_stops_where_it_may() -> None:
    statistics = Statistics()
    seven = Aggregation(Query(collection="c"), (Aggregate(alias="n", figure=Figure.COUNT, up_to=7),))
    snapshot = MemorySnapshot(EVERY_TENTH)
    assert aggregate(seven, plan(scanned(seven), AUTOMATIC), snapshot, statistics) == {"n": 7}
    assert statistics.entries == 7


@pytest.mark.parametrize(
    "query",
    [
        Query(collection="c"),
        Query(collection="c", where=over("a", 5), offset=3),
        Query(collection="c", where=equal("a", 1), offset=3, limit=10),
        Query(collection="c", offset=2_000),
        Query(collection="c", limit=0),
        Query(collection="none"),
    ],
)
def test_counting_by_an_index_alone_comes_to_the_same(query: Query) -> None:
    planned, snapshot = plan(query, AUTOMATIC), MemorySnapshot(EVERY_TENTH)
    counted, ran = Statistics(), Statistics()
    assert count(planned, snapshot, counted) == len(list(run(planned, snapshot, ran)))
    assert (counted.entries, counted.documents, counted.skipped) == (ran.entries, ran.documents, ran.skipped)


def test_what_one_index_does_not_tell_is_not_counted_by_it() -> None:
    either = Or((equal("a", 1), equal("b", 1)))
    for where in (either, And((over("a", 5), over("b", 5)))):
        planned = plan(Query(collection="c", where=where), AUTOMATIC)
        assert count(planned, MemorySnapshot(EVERY_TENTH), Statistics()) is None


def test_a_sum_reads_an_index_that_holds_what_is_added() -> None:
    total = Aggregation(
        Query(collection="c", where=equal("a", 1)), (Aggregate(alias="sum", figure=Figure.SUM, field=("c",)),)
    )
    planned = plan(scanned(total), AUTOMATIC)
    assert [str(each) for each in planned.missing] == ["c (COLLECTION): a ASCENDING, c ASCENDING, __name__ ASCENDING"]
    assert aggregate(total, planned, MemorySnapshot(EVERY_TENTH)) == {"sum": sum(range(1, 1_000, 10))}


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


@pytest.mark.parametrize(("count", "parts"), [(1, 2), (2, 3), (9, 10), (999, 1_000), (5_000, 1_000)])
def test_parts_differ_by_one_document_at_most(count: int, parts: int) -> None:
    planned = plan(Query(collection="c", all_descendants=True), AUTOMATIC)
    snapshot = MemorySnapshot(EVERY_TENTH)
    starts = split(planned, snapshot, count)
    order = sorted(snapshot.documents)
    places = [0, *(order.index(each) for each in starts), len(order)]
    sizes = {after - before for before, after in pairwise(places)}
    assert len(places) - 1 == parts
    assert max(sizes) - min(sizes) <= 1


@pytest.mark.parametrize(
    "query",
    [
        Query(collection="c"),
        Query(collection="c", all_descendants=True, where=equal("a", 1)),
        Query(collection="c", all_descendants=True, order_by=(A,)),
        Query(collection="c", all_descendants=True, order_by=(Order(NAME, True),)),
        Query(collection="c", all_descendants=True, limit=1),
    ],
    ids=str,
)
def test_only_whole_collection_groups_are_split(query: Query) -> None:
    with pytest.raises(StatusError, match="Partition queries"):
        check_split(query)


@pytest.mark.parametrize(
    ("fields", "count"),
    [
        ({"tags": [1, 1.0, "x"], "a": 0}, 2),
        ({"tags": [], "a": 0}, 0),
        ({"tags": 1, "a": 0}, 0),
        ({"tags": [1]}, 0),
        ({"tags": [None, float("nan"), [1], {}], "a": None}, 4),
    ],
)
def test_a_document_has_an_entry_for_every_different_value_of_an_array(fields: dict[str, object], count: int) -> None:
    index = ScanIndex("c", False, (IndexedField(("tags",), Mode.CONTAINS), IndexedField(("a",), Mode.DESCENDING)))
    assert len(entries(index, ("c", "x"), fields)) == count


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
