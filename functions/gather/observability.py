"""Observability: structured log lines and counters; never a token, a secret or a person's data in either.

Fields bound with `bound` (request id, function, event id) go with every line written below it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Literal

from firebase_functions import logger
from prometheus_client import Counter

Severity = Literal["DEBUG", "INFO", "NOTICE", "WARNING", "ERROR", "CRITICAL"]

MALFORMED = Counter(
    "gather_malformed_total",
    "Stored fields that did not hold what the data model says and were read by its defaults.",
    ["kind", "field"],
)
DELIVERIES = Counter("gather_deliveries_total", "Trigger deliveries by function and outcome.", ["function", "outcome"])
REQUESTS = Counter(
    "gather_http_requests_total", "HTTP requests by route, method and status.", ["route", "method", "status"]
)

_bound: ContextVar[dict[str, Any]] = ContextVar("gather_log_fields", default={})  # noqa: B039 - never changed in place


def log(severity: Severity, message: str, **fields: Any) -> None:
    """Write one JSON line that Cloud Logging reads as a structured entry of that severity."""
    entry: Any = {"severity": severity, "message": message, **_bound.get(), **fields}
    logger.write(entry)


@contextmanager
def bound(**fields: Any) -> Iterator[None]:
    """Add fields to every line logged inside the block."""
    token = _bound.set({**_bound.get(), **fields})
    try:
        yield
    finally:
        _bound.reset(token)


def report_faults(kind: str, document: str, faults: Iterator[Any] | tuple[Any, ...]) -> None:
    """Count and log the malformed fields of a stored document; each fault has `field` and `problem`."""
    for fault in faults:
        MALFORMED.labels(kind=kind, field=fault.field).inc()
        log(
            "WARNING",
            "malformed field read by its default",
            document=document,
            field=fault.field,
            problem=fault.problem,
        )
