"""Cutting a query's documents into parts of one size, to be read by several clients at once."""

from __future__ import annotations

from firewarden.firestore.documents import DocumentPath
from firewarden.firestore.query.execute import run
from firewarden.firestore.query.model import Query
from firewarden.firestore.query.normalize import orders
from firewarden.firestore.query.plans import Plan
from firewarden.firestore.query.scanning import Snapshot
from firewarden.firestore.query.statistics import Statistics
from firewarden.firestore.status import invalid


def check_split(query: Query) -> None:
    """Only whole collection groups in the order of names are split (google/firestore/v1/firestore.proto)."""
    by = orders(query)
    if not query.all_descendants or query.where is not None or len(by) > 1 or by[0].descending:
        raise invalid(
            "Partition queries must be collection group queries without filters, ordered by __name__ ascending."
        )
    if query.limit is not None or query.offset or query.start is not None or query.end is not None:
        raise invalid("Partition queries must have no limit, no offset and no cursors.")


def split(plan: Plan, snapshot: Snapshot, count: int, statistics: Statistics | None = None) -> tuple[DocumentPath, ...]:
    """At most `count` documents at which a part begins, so that the parts differ by one document at most."""
    total = sum(1 for _ in run(plan, snapshot, statistics))
    wanted = min(count, max(total - 1, 0))
    starts = {number * total // (wanted + 1) for number in range(1, wanted + 1)}
    return tuple(each.path for number, each in enumerate(run(plan, snapshot)) if number in starts)
