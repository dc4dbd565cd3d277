"""Counting what a plan finds where an index alone can tell: no document is read."""

from __future__ import annotations

from firewarden.firestore.query.merging import keys
from firewarden.firestore.query.plans import Plan
from firewarden.firestore.query.scanning import Snapshot
from firewarden.firestore.query.statistics import Statistics


def count(plan: Plan, snapshot: Snapshot, statistics: Statistics) -> int | None:
    """How many documents `execute.run` would find; None where it takes more than one index to know."""
    query = plan.query
    if len(plan.branches) != 1 or query.nearest is not None:
        return None
    (branch,) = plan.branches
    if len(branch.scans) != 1 or branch.ranges or branch.depth:
        return None
    (scan,) = branch.scans
    most = None if query.limit is None else query.offset + query.limit
    found = 0
    for span in branch.spans:
        left = None if most is None else most - found
        found += snapshot.count(scan.index, query.parent, *keys(span, scan), left)
    statistics.entries = statistics.documents = found
    statistics.skipped = min(found, query.offset)
    return found - statistics.skipped
