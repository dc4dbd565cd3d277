"""Reading what a plan finds where one index alone can tell: how many there are, or their fields, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from firewarden.firestore.query.merging import keys
from firewarden.firestore.query.plans import Branch, Plan, Scan
from firewarden.firestore.query.scanning import Snapshot
from firewarden.firestore.query.statistics import Statistics


def count(plan: Plan, snapshot: Snapshot, statistics: Statistics) -> int | None:
    """How many documents `execute.run` would find; None where it takes more than one index to know. Reads none."""
    only = _only_scan(plan)
    if only is None:
        return None
    branch, scan = only
    query = plan.query
    most = None if query.limit is None else query.offset + query.limit
    found = 0
    for span in branch.spans:
        left = None if most is None else most - found
        found += snapshot.count(scan.index, query.parent, *keys(span, scan), left)
    statistics.entries = statistics.documents = found
    statistics.skipped = min(found, query.offset)
    return found - statistics.skipped


def contents(plan: Plan, snapshot: Snapshot, statistics: Statistics) -> Iterator[bytes] | None:
    """The fields of the documents that `execute.run` would find, in whatever order; None likewise.

    Which ones a limit leaves depends on their order, so there is none here.
    """
    only = _only_scan(plan)
    query = plan.query
    if only is None or query.limit is not None or query.offset:
        return None
    branch, scan = only
    parts = (snapshot.contents(scan.index, query.parent, *keys(span, scan)) for span in branch.spans)
    return _noted(chain.from_iterable(parts), statistics)


def _noted(found: Iterator[bytes], statistics: Statistics) -> Iterator[bytes]:
    for data in found:
        statistics.entries += 1
        statistics.documents += 1
        yield data


def _only_scan(plan: Plan) -> tuple[Branch, Scan] | None:
    if len(plan.branches) != 1 or plan.query.nearest is not None:
        return None
    (branch,) = plan.branches
    if len(branch.scans) != 1 or branch.ranges or branch.depth:
        return None
    return branch, branch.scans[0]
