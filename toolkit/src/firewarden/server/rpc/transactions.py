"""Commits and transactions: Begin, Commit, Rollback and BatchWrite."""

from __future__ import annotations

from typing import Any

from firewarden.firestore.commits import WriteResult
from firewarden.firestore.names import parse_database_name
from firewarden.firestore.status import StatusError, invalid
from firewarden.firestore.wire import protos
from firewarden.firestore.wire.values import encode_value
from firewarden.firestore.wire.writes import read_write, read_writes
from firewarden.firestore.writes import Write
from firewarden.server import answers
from firewarden.server.committing import commit
from firewarden.server.engine import Engine
from firewarden.server.rpc.calls import Call, call, transaction_options
from firewarden.server.transports.interface import Context


def begin_transaction(engine: Engine, request: Any, context: Context) -> bytes:
    """BeginTransaction."""
    this = call(engine, context, parse_database_name(request.database))
    read_only, read_time = transaction_options(request.options)
    retried = request.options.read_write.retry_transaction
    with engine.guard:
        if retried and not this.database.transactions.is_known(retried):
            raise invalid("Invalid transaction.")
        opened = this.database.begin(seconds=this.seconds, read_only=read_only, read_time=read_time)
    return answers.transaction(opened.name)


def rollback(engine: Engine, request: Any, context: Context) -> bytes:
    """Rollback: also of a transaction that has ended already."""
    this = call(engine, context, parse_database_name(request.database))
    with engine.guard:
        this.database.transactions.roll_back(request.transaction)
    return b""


def commit_writes(engine: Engine, request: Any, context: Context) -> bytes:
    """Commit."""
    this = call(engine, context, parse_database_name(request.database))
    writes = read_writes(request.writes, this.database.name, this.database.options.limits)
    with engine.guard:
        results, time = commit(
            this.database,
            this.caller,
            writes,
            transaction=request.transaction,
            seconds=this.seconds,
            patience=this.patience,
            account=this.account,
        )
    if not writes:
        return b""
    return answers.committed(map(_result, results), time)


def batch_write(engine: Engine, request: Any, context: Context) -> bytes:
    """BatchWrite: every write for itself, some may fail; for admins only."""
    this = call(engine, context, parse_database_name(request.database))
    limits = this.database.options.limits
    writes = [read_write(each, this.database.name, limits) for each in request.writes]
    if len({each.path for each in writes}) < len(writes):
        raise invalid("the same document cannot be written more than once in a single request")
    this.require_admin("Batch writes")
    answer = protos.BatchWriteResponse()
    done = this.patience.done
    with engine.guard:
        for each in writes[len(done) :]:
            done.append(_alone(this, each))
            this.patience.waiting_since = None
    for result, status in done:
        answer.write_results.add().MergeFromString(result)
        answer.status.add().MergeFromString(status)
    encoded: bytes = answer.SerializeToString()
    return encoded


def _alone(this: Call, write: Write) -> tuple[bytes, bytes]:
    """The result and the status of a write that is a commit of its own."""
    try:
        results, _ = commit(
            this.database,
            this.caller,
            [write],
            seconds=this.seconds,
            patience=this.patience,
            account=this.account,
        )
    except StatusError as error:
        return b"", protos.Status(code=int(error.code), message=error.message).SerializeToString()
    return _result(results[0]), b""


def _result(result: WriteResult) -> bytes:
    if result.update_time is not None and not result.transform_results:  # as nearly always
        return answers.written_at(result.update_time)
    return answers.write_result(result.update_time, map(encode_value, result.transform_results))
