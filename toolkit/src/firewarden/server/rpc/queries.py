"""Queries: RunQuery, RunAggregationQuery and PartitionQuery."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
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
        found = list(run(plan, state.snapshot, statistics)) if is_run else []
    messages = _results(this, state, query, found, statistics)
    if is_explained:
        seconds = time.perf_counter() - start
        messages[-1] += answers.part(11, explain_metrics(plan, statistics if is_run else None, seconds))
    return iter(messages)


def _results(
    this: Call, state: View, query: Query, found: Sequence[StoredDocument], statistics: Statistics
) -> list[bytes]:
    messages = []
    if state.began and state.transaction is not None:
        messages.append(answers.began_query(state.transaction.name))
    if statistics.skipped:
        messages.append(answers.skipped(statistics.skipped, state.read_time))
    prefix = answers.prefix_of(this.database.name)
    for stored in found:
        data = None if query.select is None else projected(stored.data, query.select)
        messages.append(answers.result(answers.document(prefix, stored, data), state.read_time))
    if found:
        messages[-1] += answers.DONE
    else:
        messages.append(answers.part(3, answers.timestamp(state.read_time)) + answers.DONE)
    return messages


def run_aggregation_query(engine: Engine, request: Any, context: Context) -> Iterator[bytes]:
    """RunAggregationQuery: one result."""
    name, parent = parse_parent(request.parent)
    this = call(engine, context, name)
    if not request.HasField("structured_aggregation_query"):
        raise invalid("Only structured aggregation queries are supported.")
    aggregation = read_aggregation(request.structured_aggregation_query, parent, name, this.database.options.limits)
    start = time.perf_counter()
    with engine.guard:
        state = view(this.database, selector(request), seconds=this.seconds)
        _allow(this, state, aggregation.query)
        plan = planned(this.database, scanned(aggregation))
        statistics = Statistics()
        values = aggregate(aggregation, plan, state.snapshot, statistics)
    answer = protos.RunAggregationQueryResponse()
    if state.began and state.transaction is not None:
        answer.transaction = state.transaction.name
    for alias, value in values.items():
        write_value(answer.result.aggregate_fields[alias], value)
    message = answer.SerializeToString() + answers.part(3, answers.timestamp(state.read_time))
    if request.HasField("explain_options"):
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
    answer = protos.PartitionQueryResponse()
    for path in paths:
        write_value(answer.partitions.add().values.add(), Reference(name.project, name.database, path))
    encoded: bytes = answer.SerializeToString()
    return encoded


def _allow(this: Call, state: View, query: Query) -> None:
    state.asked(query)
    judge = this.database.judge(state.snapshot.document)
    judge.list(this.caller, query, state.read_time, in_transaction=False)
