"""Splitting a collection group into parts of the same size."""

from __future__ import annotations

from itertools import pairwise

import pytest

from firewarden.firestore.query.available import AUTOMATIC
from firewarden.firestore.query.model import (
    NAME,
    Order,
    Query,
)
from firewarden.firestore.query.planner import plan
from firewarden.firestore.query.split import check_split, split
from firewarden.firestore.status import StatusError
from toolkit.tests.firestore.query.memory import MemorySnapshot
from toolkit.tests.firestore.query.tenths import EVERY_TENTH, A, equal


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
