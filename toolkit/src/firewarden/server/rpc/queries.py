"""Queries: RunQuery, RunAggregationQuery and PartitionQuery."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any

from firewarden.firestore.documents import StoredDocument
from firewarden.firestore.names import parse_parent
from firewarden.firestore.query.aggregate import aggregate, scanned
from firewarden.firestore.query.execute import run
from firewarden.firestore.query.model import Query
from firewarden.firestore.query.projection import projected
from firewarden.firestore.query.split import split
from firewarden.firestore.query.statistics import Statistics
from firewarden.firestore.status import invalid
from firewarden.firestore.wire import protos
from firewarden.firestore.wire.aggregations import read_aggregation
from firewarden.firestore.wire.explain import explain_metrics
from firewarden.firestore.wire.queries import read_query
from firewarden.firestore.wire.values import write_value
from firewarden.server import answers
from firewarden.server.engine import Engine
from firewarden.server.planning import planned
from firewarden.server.rpc.calls import Call, call, selector
from firewarden.server.transports.interface import Context
from firewarden.server.views import View, view
from firewarden.values import Reference

_PAGE_BYTES = 1 << 18
"""So much of an answer is read at once."""


def run_query(engine: Engine, request: Any, context: Context) -> Iterator[bytes]:
    """RunQuery: the documents in the order of the query; the last message says that these were all."""
    name, parent = parse_parent(request.parent)
    this = call(engine, context, name)
    if not request.HasField("structured_query"):
        raise invalid("only structured queries are supported")
    query = read_query(request.structured_query, parent, name, this.database.options.limits)
    is_explained = request.HasField("explain_options")
    is_run = not is_explained or request.explain_options.analyze
    statistics = Statistics()
    start = time.perf_counter()
    with engine.guard:
        state = view(this.database, selector(request), seconds=this.seconds)
        _allow(this, state, query)
        plan = planned(this.database, query)
        if not is_run:
            this.account.query_run(query, statistics)
            return iter([*_begun(state), answers.part(11, explain_metrics(plan))])
        found = _paged(engine.guard, run(plan, state.snapshot, statistics))
        first = next(found, None)

    def done() -> bytes:
        if not is_explained:
            return answers.DONE
        return answers.DONE + answers.part(11, explain_metrics(plan, statistics, time.perf_counter() - start))

    return _results(this, state, query, first, found, statistics, done)


def _paged(guard: AbstractContextManager[object], found: Iterator[StoredDocument]) -> Iterator[StoredDocument]:
    """The same documents, read some at a time: what a client has not taken yet is not held, others have their turn.

    The snapshot that they are read from stays what it is. It is refused once its time is over or all has been cleared.
    """
    is_last = False
    while not is_last:
        page: list[StoredDocument] = []
        size = 0
        with guard:
            while size < _PAGE_BYTES and not is_last:
                document = next(found, None)
                if document is None:
                    is_last = True
                else:
                    page.append(document)
                    size += len(document.data)
        page.reverse()
        while page:
            yield page.pop()


def _results(
    this: Call,
    state: View,
    query: Query,
    first: StoredDocument | None,
    others: Iterator[StoredDocument],
    statistics: Statistics,
    done: Callable[[], bytes],
) -> Iterator[bytes]:
    """A message for each document, made when the client takes it; what `done` says is part of the last one."""
    try:
        yield from _begun(state)
        if statistics.skipped:
            yield answers.skipped(statistics.skipped, state.read_time)
        if first is None:
            yield answers.part(3, answers.timestamp(state.read_time)) + done()
        prefix = answers.prefix_of(this.database.name)
        document = first
        while document is not None:
            data = None if query.select is None else projected(document.data, query.select)
            message = answers.result(answers.document(prefix, document, data), state.read_time)
            document = next(others, None)
            yield message if document is not None else message + done()
    finally:
        this.account.query_run(query, statistics)


def _begun(state: View) -> list[bytes]:
    if state.began and state.transaction is not None:
        return [answers.began_query(state.transaction.name)]
    return []


def run_aggregation_query(engine: Engine, request: Any, context: Context) -> Iterator[bytes]:
    """RunAggregationQuery: one result."""
    name, parent = parse_parent(request.parent)
    this = call(engine, context, name)
    if not request.HasField("structured_aggregation_query"):
        raise invalid("Only structured aggregation queries are supported.")
    aggregation = read_aggregation(request.structured_aggregation_query, parent, name, this.database.options.limits)
    is_explained = request.HasField("explain_options")
    is_run = not is_explained or request.explain_options.analyze
    start = time.perf_counter()
    with engine.guard:
        state = view(this.database, selector(request), seconds=this.seconds)
        _allow(this, state, aggregation.query)
        plan = planned(this.database, scanned(aggregation))
        statistics = Statistics()
        values = aggregate(aggregation, plan, state.snapshot, statistics) if is_run else {}
    this.account.aggregation_run(aggregation.query, statistics)
    answer = protos.RunAggregationQueryResponse()
    if state.began and state.transaction is not None:
        answer.transaction = state.transaction.name
    for alias, value in values.items():
        write_value(answer.result.aggregate_fields[alias], value)
    message = answer.SerializeToString()
    if not is_run:
        return iter([message + answers.part(10, explain_metrics(plan))])
    message += answers.part(3, answers.timestamp(state.read_time))
    if is_explained:
        message += answers.part(10, explain_metrics(plan, statistics, time.perf_counter() - start))
    return iter([message])


def partition_query(engine: Engine, request: Any, context: Context) -> bytes:
    """PartitionQuery: cursors that cut a collection group into parts of about one size; for admins only."""
    name, parent = parse_parent(request.parent)
    this = call(engine, context, name)
    if request.partition_count < 1:
        raise invalid("partition_count must be positive.")
    query = read_query(request.structured_query, parent, name, this.database.options.limits)
    this.require_admin("Metadata operations")
    with engine.guard:
        state = view(this.database, selector(request), seconds=this.seconds)
        paths = split(planned(this.database, query), state.snapshot, request.partition_count)
    this.account.ids_listed("partitions")
    answer = protos.PartitionQueryResponse()
    for path in paths:
        write_value(answer.partitions.add().values.add(), Reference(name.project, name.database, path))
    encoded: bytes = answer.SerializeToString()
    return encoded


def _allow(this: Call, state: View, query: Query) -> None:
    state.asked(query)
    judge = this.database.judge(state.snapshot.document, this.account)
    judge.list(this.caller, query, state.read_time, in_transaction=False)
