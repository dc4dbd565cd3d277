"""What running a query has cost: true counts, for query explain and for the bill."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Statistics:
    """Counts that grow while a plan runs.

    `documents` were looked at as a whole, `vectors` of them were measured, `skipped` passed over because of the
    offset, `results` returned.
    """

    entries: int = 0
    documents: int = 0
    vectors: int = 0
    skipped: int = 0
    results: int = 0
    is_aggregation: bool = False
