"""What plans read: no more than they return, and counts and sums from indexes alone where they can."""

from __future__ import annotations

from itertools import islice

import pytest

from firewarden.firestore.query.aggregate import aggregate, scanned
from firewarden.firestore.query.available import AUTOMATIC
from firewarden.firestore.query.counting import count
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
)
from firewarden.firestore.query.planner import plan
from firewarden.firestore.query.statistics import Statistics
from firewarden.values import Reference
from toolkit.tests.firestore.query.memory import MemorySnapshot
from toolkit.tests.firestore.query.tenths import EVERY_TENTH, C, equal, over


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
