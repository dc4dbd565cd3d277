"""How many reads a query is billed as.

Sections of https://firebase.google.com/docs/firestore/pricing (Standard edition) stand above what obeys them.
"""

from __future__ import annotations

from firewarden.firestore.field_paths import FieldPath
from firewarden.firestore.query.model import NAME, Query
from firewarden.firestore.query.normalize import flat, inequality_fields
from firewarden.firestore.query.statistics import Statistics

ENTRIES_PER_READ = 1_000
"""Index entries that are billed as one read ("Index entry reads")."""
VECTOR_ENTRIES_PER_READ = 100
"""The same for the entries of a vector index ("Index entry reads")."""
MINIMUM_READS = 1
"""Of a query that finds nothing ("Minimum charge for queries"), of one that is only explained ("Query Explain"), and
of a request for ids rather than documents ("Queries other than document reads")."""
RESUME_SECONDS = 30 * 60
"""For so long a listener may be away and pay only for what has changed ("Listening to query results")."""
_RANGES_FREE = 1
"""So many fields with ranges a query may have before its index entries are billed ("Index entry reads")."""


def query_reads(query: Query, statistics: Statistics) -> int:
    """Every document returned and every one skipped by an offset is a read, and so are charged batches of entries.

    "Managing large result sets", "Index entry reads", "Minimum charge for queries".
    """
    return max(MINIMUM_READS, statistics.results + statistics.skipped + _batches(query, statistics))


def aggregation_reads(statistics: Statistics) -> int:
    """A read for every 1,000 index entries, whatever the filters; at least one ("Aggregation queries")."""
    return max(MINIMUM_READS, _divided(statistics.entries, ENTRIES_PER_READ))


def charged_entries(query: Query, statistics: Statistics) -> int:
    """The index entries of a query that are billed besides its documents ("Index entry reads")."""
    if query.nearest is not None:
        return statistics.vectors
    return statistics.entries if len(range_fields(query)) > _RANGES_FREE else 0


def range_fields(query: Query) -> frozenset[FieldPath]:
    """Fields with an inequality, the document's name wherever it is filtered, and sorted fields beside another of them.

    "Index entry reads". The page does not say whether sorting by name alone makes it one; here it does not.
    """
    compared = inequality_fields(query.where)
    if any(each.field == NAME for each in flat(query.where)):
        compared.add(NAME)
    if compared:
        compared.update(each.field for each in query.order_by)
    return frozenset(compared)


def resumed_reads(brand_new: int, changed: int, *, away_seconds: float) -> int:
    """A listener that comes back with its token pays for what has changed; after half an hour for the whole query.

    "Listening to query results". `brand_new` is what the query is billed as now.
    """
    return changed if away_seconds <= RESUME_SECONDS else brand_new


def _batches(query: Query, statistics: Statistics) -> int:
    size = ENTRIES_PER_READ if query.nearest is None else VECTOR_ENTRIES_PER_READ
    return _divided(charged_entries(query, statistics), size)


def _divided(entries: int, size: int) -> int:
    """Batches, the last of which need not be full."""
    return -(-entries // size)
