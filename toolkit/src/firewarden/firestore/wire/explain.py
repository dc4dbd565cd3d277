"""Query explain: a plan and what it cost, as a serialised `ExplainMetrics`."""

from __future__ import annotations

from firewarden.firestore.billing.law import aggregation_reads, charged_entries, query_reads
from firewarden.firestore.field_paths import format_field_path
from firewarden.firestore.query.model import Query
from firewarden.firestore.query.plans import Plan, properties
from firewarden.firestore.query.scanning import ScanIndex
from firewarden.firestore.query.statistics import Statistics
from firewarden.firestore.wire import protos

_NANOS = 1_000_000_000


def explain_metrics(plan: Plan, statistics: Statistics | None = None, seconds: float = 0.0) -> bytes:
    """The indexes that the plan uses; with `statistics`, of a run that took `seconds`, the true figures."""
    metrics = protos.ExplainMetrics()
    metrics.plan_summary.SetInParent()
    for index in plan.indexes:
        used = metrics.plan_summary.indexes_used.add()
        used["query_scope"] = "Collection Group" if index.group else "Collection"
        used["properties"] = _properties(index, plan.query)
    if statistics is not None:
        _add_execution(metrics.execution_stats, plan.query, statistics, seconds)
    encoded: bytes = metrics.SerializeToString()
    return encoded


def _properties(index: ScanIndex, query: Query) -> str:
    """A search for the nearest uses one index that has the vectors, too, as production tells it."""
    search = query.nearest
    if search is None:
        return properties(index)
    vectors = f"{format_field_path(search.field)} VECTOR<{len(search.vector.values)}>"
    return f"{properties(index)[:-1]}, {vectors})"


def _add_execution(stats: object, query: Query, statistics: Statistics, seconds: float) -> None:
    is_aggregation = statistics.is_aggregation
    charged = statistics.entries if is_aggregation else charged_entries(query, statistics)
    message = protos.ExecutionStats()
    message.results_returned = statistics.results
    message.read_operations = aggregation_reads(statistics) if is_aggregation else query_reads(query, statistics)
    nanos = int(seconds * _NANOS)
    message.execution_duration.seconds, message.execution_duration.nanos = divmod(nanos, _NANOS)
    message.debug_stats["index_entries_scanned"] = str(statistics.entries)
    message.debug_stats["documents_scanned"] = str(statistics.documents)
    message.debug_stats["billing_details"] = {
        "documents_billable": "0" if is_aggregation else str(statistics.results + statistics.skipped),
        "index_entries_billable": str(charged),
        "small_ops": "0",
        "min_query_cost": "0" if statistics.entries or statistics.documents else "1",
    }
    stats.CopyFrom(message)  # type: ignore[attr-defined]  # a message of the private pool
