"""The methods of `google.firestore.v1.Firestore` by name, as transports look them up."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

from firewarden.firestore.wire import protos
from firewarden.server.engine import Engine
from firewarden.server.metering import metered
from firewarden.server.transports.interface import Kind, Method, Services

SERVICE = f"{protos.PACKAGE}.Firestore"

_HOME = "firewarden.server.rpc"
_METHODS: dict[str, tuple[Kind, str, str]] = {
    "GetDocument": ("unary", "documents", "get_document"),
    "BatchGetDocuments": ("server_stream", "documents", "batch_get_documents"),
    "CreateDocument": ("unary", "documents", "create_document"),
    "UpdateDocument": ("unary", "documents", "update_document"),
    "DeleteDocument": ("unary", "documents", "delete_document"),
    "BeginTransaction": ("unary", "transactions", "begin_transaction"),
    "Commit": ("unary", "transactions", "commit_writes"),
    "Rollback": ("unary", "transactions", "rollback"),
    "BatchWrite": ("unary", "transactions", "batch_write"),
    "Write": ("bidi", "write_stream", "write"),
    "Listen": ("bidi", "listening", "listen"),
    "RunQuery": ("server_stream", "queries", "run_query"),
    "RunAggregationQuery": ("server_stream", "queries", "run_aggregation_query"),
    "PartitionQuery": ("unary", "queries", "partition_query"),
    "ListDocuments": ("unary", "listing", "list_documents"),
    "ListCollectionIds": ("unary", "listing", "list_collection_ids"),
}
"""Each with its module in `rpc`, and its name there."""


def services(engine: Engine) -> Services:
    """Every method, done by this engine. Its module is imported with the first call."""
    return {
        f"/{SERVICE}/{name}": Method(
            kind,
            metered(name, kind, _imported_late(engine, module, function)),
            protos.message(f"{protos.PACKAGE}.{name}Request"),
        )
        for name, (kind, module, function) in _METHODS.items()
    }


def import_all() -> None:
    """Import what the methods need now, so that no first call has to wait for it."""
    for module in {module for _, module, _ in _METHODS.values()}:
        import_module(f"{_HOME}.{module}")


def _imported_late(engine: Engine, module: str, function: str) -> Callable[..., Any]:
    handler: Callable[..., Any] | None = None

    def call(*arguments: Any) -> Any:
        nonlocal handler
        if handler is None:
            handler = getattr(import_module(f"{_HOME}.{module}"), function)
        return handler(engine, *arguments)

    return call
