"""What running a query has cost: true counts, for query explain."""

from __future__ import annotations

from dataclasses import dataclass

ENTRIES_PER_READ = 1_000
"""Index entries of an aggregation that are billed as one read (https://firebase.google.com/docs/firestore/pricing)."""


@dataclass(slots=True)
class Statistics:
    """Counts that grow while a plan runs.

    `documents` were looked at as a whole, `skipped` passed over because of the offset, `results` returned.
    """

    entries: int = 0
    documents: int = 0
    skipped: int = 0
    results: int = 0
    is_aggregation: bool = False

    @property
    def reads(self) -> int:
        """Billed reads: one per document, or per 1,000 index entries of an aggregation; at least one."""
        if self.is_aggregation:
            return max(1, -(-self.entries // ENTRIES_PER_READ))
        return max(1, self.results + self.skipped)
