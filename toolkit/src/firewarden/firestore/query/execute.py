"""Running a plan: documents one by one, in the order of the query, reading no more than is taken."""

from __future__ import annotations

from collections.abc import Iterator
from heapq import merge
from itertools import islice
from operator import itemgetter

from firewarden.firestore.documents import StoredDocument
from firewarden.firestore.encoding import encode_id, encode_path, inverted
from firewarden.firestore.query.constraints import pass_ranges
from firewarden.firestore.query.matching import matches, sort_key
from firewarden.firestore.query.merging import Found, scanned
from firewarden.firestore.query.nearest import nearest
from firewarden.firestore.query.plans import Branch, Plan
from firewarden.firestore.query.projection import projected
from firewarden.firestore.query.scanning import Snapshot
from firewarden.firestore.query.statistics import Statistics

__all__ = ["Statistics", "projected", "run"]

_document = itemgetter(1)


def run(plan: Plan, snapshot: Snapshot, statistics: Statistics | None = None) -> Iterator[StoredDocument]:
    """The documents that the plan's query finds, whole: `projected` cuts them to what it selects."""
    statistics = Statistics() if statistics is None else statistics
    query = plan.query
    found = _merged(plan, snapshot, statistics)
    if query.nearest is not None:
        found = nearest(query.nearest, found, statistics)
    for _ in range(query.offset):
        if next(found, None) is None:
            return
        statistics.skipped += 1
    for document in islice(found, query.limit):
        statistics.results += 1
        yield document


def _merged(plan: Plan, snapshot: Snapshot, statistics: Statistics) -> Iterator[StoredDocument]:
    """All branches in the order of the query, each document once."""
    if len(plan.branches) == 1:
        return map(_document, _branch(plan.branches[0], plan, snapshot, statistics))
    return _once(plan, snapshot, statistics)


def _once(plan: Plan, snapshot: Snapshot, statistics: Statistics) -> Iterator[StoredDocument]:
    streams = [_with_sort_keys(each, plan, snapshot, statistics) for each in plan.branches]
    last = None
    for key, document in merge(*streams, key=lambda found: found[0]):
        if key != last:  # it ends with the name: only the same document has the same key
            last = key
            yield document


def _with_sort_keys(branch: Branch, plan: Plan, snapshot: Snapshot, statistics: Statistics) -> Iterator[Found]:
    for rest, document in _branch(branch, plan, snapshot, statistics):
        if branch.lookup is None and branch.lead is not None:
            yield branch.lead + rest, document
        else:
            yield _sort_key(plan, document), document


def _branch(branch: Branch, plan: Plan, snapshot: Snapshot, statistics: Statistics) -> Iterator[Found]:
    if branch.lookup is not None:
        document = snapshot.document(branch.lookup)
        if document is not None:
            statistics.documents += 1
            if matches(plan.query, document.path, document.fields):
                yield b"", document
        return
    depth, ranges = branch.depth, branch.ranges
    for found in scanned(branch, plan.query.parent, snapshot, statistics):
        document = found[1]
        if depth and len(document.path) != depth:
            continue
        statistics.documents += 1
        # What the index could not tell.
        if ranges is None or pass_ranges(ranges, document.path, document.fields):
            yield found


def _sort_key(plan: Plan, document: StoredDocument) -> bytes:
    """The same bytes as an index holds that sorts by all orders of the query."""
    parts = sort_key(plan.orders[:-1], document.path, document.fields) or ()
    is_group = plan.query.all_descendants or plan.query.collection is None
    name = encode_path(document.path) if is_group else encode_id(document.path[-1])
    return b"".join((*parts, inverted(name) if plan.orders[-1].descending else name))
