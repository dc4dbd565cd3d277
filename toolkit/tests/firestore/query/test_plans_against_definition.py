"""Whatever indexes there are, a plan returns what the plain definition of the query says."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

import pytest

from firewarden.firestore.documents import DocumentPath
from firewarden.firestore.query.available import AUTOMATIC, Available
from firewarden.firestore.query.execute import run
from firewarden.firestore.query.matching import matches, sort_key
from firewarden.firestore.query.model import Query
from firewarden.firestore.query.needs import Need
from firewarden.firestore.query.normalize import orders
from firewarden.firestore.query.planner import needs, plan
from firewarden.firestore.query.scanning import IndexedField, Mode, ScanIndex
from firewarden.firestore.query.vector_indexes import VectorIndex
from toolkit.tests.firestore.query import worlds
from toolkit.tests.firestore.query.memory import MemorySnapshot

SEEDS = range(40)
QUERIES_EACH = 25


def defined(query: Query, snapshot: MemorySnapshot) -> list[DocumentPath]:
    """Filter, sort, cut: by the definition alone."""
    by = orders(query)
    found = sorted(
        (sort_key(by, each.path, each.fields) or (), each.path)
        for each in snapshot.documents.values()
        if matches(query, each.path, each.fields)
    )
    end = None if query.limit is None else query.offset + query.limit
    return [path for _, path in found[query.offset : end]]


class Some:
    """A random part of the indexes that a query could use."""

    def __init__(self, query: Query, random: Random) -> None:
        self._singles = random.random()
        self._random = random
        self._composites = [index for need in needs(query) for index in self._parts(need)]

    def _parts(self, need: Need) -> list[ScanIndex]:
        """Indexes that sort as needed and hold some of the equalities."""
        made = []
        for _ in range(3):
            head = self._random.sample(sorted(need.equal), self._random.randint(0, len(need.equal)))
            if len(head) + len(need.sort) > 1:
                made.append(ScanIndex(need.collection, need.group, (*head, *need.sort), need.name))
        return made

    def composites(self, collection: str, *, group: bool) -> Sequence[ScanIndex]:
        return [each for each in self._composites if (each.collection, each.group) == (collection, group)]

    def has_single(self, collection: str, field: IndexedField, *, group: bool) -> bool:
        return self._random.random() < self._singles

    def vectors(self, collection: str, *, group: bool) -> Sequence[VectorIndex]:
        return ()


@pytest.mark.parametrize("seed", SEEDS)
def test_plans_return_what_the_definition_says(seed: int) -> None:
    random = Random(seed)
    snapshot = MemorySnapshot(worlds.documents(random))
    for _ in range(QUERIES_EACH):
        query = worlds.query(random)
        choices: list[Available] = [AUTOMATIC, Some(query, random)]
        for available in choices:
            planned = plan(query, available)
            found = [each.path for each in run(planned, snapshot)]
            assert found == defined(query, snapshot), f"{query}\n{planned}"


def test_the_random_plans_are_of_every_kind() -> None:
    """Merges of several indexes, alternatives, lookups, scans backwards and residual checks all occur."""
    random = Random(1)
    kinds: set[str] = set()
    for _ in range(1_000):
        query = worlds.query(random)
        planned = plan(query, Some(query, random))
        kinds.update(str(len(each.scans)) + " scans" for each in planned.branches)
        kinds.update("backwards" for each in planned.branches for scan in each.scans if scan.reverse)
        kinds.update("lookup" for each in planned.branches if each.lookup)
        kinds.update("checks" for each in planned.branches if each.ranges)
        kinds.update("contains" for index in planned.indexes for field in index.fields if field.mode is Mode.CONTAINS)
        kinds.add("alternatives" if len(planned.branches) > 1 else "one")
        kinds.add("nothing" if not planned.branches else "something")
    assert {"1 scans", "2 scans", "backwards", "lookup", "checks", "contains", "alternatives", "nothing"} <= kinds
