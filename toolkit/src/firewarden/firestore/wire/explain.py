"""Query explain: a plan and what it cost, as a serialised `ExplainMetrics`."""

from __future__ import annotations

from firewarden.firestore.query.plans import Plan, properties
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
        used["properties"] = properties(index)
    if statistics is not None:
        _add_execution(metrics.execution_stats, statistics, seconds)
    encoded: bytes = metrics.SerializeToString()
    return encoded


def _add_execution(stats: object, statistics: Statistics, seconds: float) -> None:
    message = protos.ExecutionStats()
    message.results_returned = statistics.results
    message.read_operations = statistics.reads
    nanos = int(seconds * _NANOS)
    message.execution_duration.seconds, message.execution_duration.nanos = divmod(nanos, _NANOS)
    message.debug_stats["index_entries_scanned"] = str(statistics.entries)
    message.debug_stats["documents_scanned"] = str(statistics.documents)
    message.debug_stats["billing_details"] = {
        "documents_billable": "0" if statistics.is_aggregation else str(statistics.results + statistics.skipped),
        "index_entries_billable": str(statistics.entries if statistics.is_aggregation else 0),
        "small_ops": "0",
        "min_query_cost": "0" if statistics.entries or statistics.documents else "1",
    }
    stats.CopyFrom(message)  # type: ignore[attr-defined]  # a message of the private pool
