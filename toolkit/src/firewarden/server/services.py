"""The methods of `google.firestore.v1.Firestore` by name, as transports look them up."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from firewarden.firestore.wire import protos
from firewarden.server.engine import Engine
from firewarden.server.rpc import documents, listing, queries, transactions
from firewarden.server.transports.interface import Kind, Method, Services

SERVICE = f"{protos.PACKAGE}.Firestore"

_Handler = Callable[[Engine, Any, Any], Any]
_METHODS: dict[str, tuple[Kind, _Handler]] = {
    "GetDocument": ("unary", documents.get_document),
    "BatchGetDocuments": ("server_stream", documents.batch_get_documents),
    "CreateDocument": ("unary", documents.create_document),
    "UpdateDocument": ("unary", documents.update_document),
    "DeleteDocument": ("unary", documents.delete_document),
    "BeginTransaction": ("unary", transactions.begin_transaction),
    "Commit": ("unary", transactions.commit_writes),
    "Rollback": ("unary", transactions.rollback),
    "BatchWrite": ("unary", transactions.batch_write),
    "RunQuery": ("server_stream", queries.run_query),
    "RunAggregationQuery": ("server_stream", queries.run_aggregation_query),
    "PartitionQuery": ("unary", queries.partition_query),
    "ListDocuments": ("unary", listing.list_documents),
    "ListCollectionIds": ("unary", listing.list_collection_ids),
}


def services(engine: Engine) -> Services:
    """Every method, done by this engine."""
    return {
        f"/{SERVICE}/{name}": Method(kind, partial(handler, engine), protos.message(f"{protos.PACKAGE}.{name}Request"))
        for name, (kind, handler) in _METHODS.items()
    }
