"""Reading one moment: read-only transactions, and read times within the window. No clock runs here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from firewarden.firestore.documents import DatabaseName
from firewarden.firestore.status import Code
from firewarden.firestore.wire import protos
from firewarden.limits import POINT_IN_TIME_SECONDS
from firewarden.values import NANOS_PER_SECOND
from toolkit.tests.server.transactions.desk import DATABASE, OVER, PROJECT, START, Desk, refused

TOO_OLD = (Code.FAILED_PRECONDITION, "The requested snapshot version is too old.")
FUTURE = (Code.INVALID_ARGUMENT, "The requested 'read_time' cannot be in the future.")


def at(seconds: float) -> Any:
    moment = protos.CommitResponse().commit_time
    moment.FromNanoseconds(int((START + seconds) * NANOS_PER_SECOND))
    return moment


def test_a_read_only_transaction_reads_one_moment_and_writes_nothing(desk: Desk) -> None:
    desk.write(1)
    transaction = desk.begin(read_only={})
    desk.write(2)
    assert desk.read(transaction=transaction) == 1
    assert refused(lambda: desk.write(3, transaction)) == (
        Code.INVALID_ARGUMENT,
        "Cannot modify entities in a read-only transaction.",
    )
    assert desk.read(transaction=transaction) == 1
    desk.ask("Commit", protos.CommitRequest(database=DATABASE, transaction=transaction))
    assert refused(lambda: desk.read(transaction=transaction)) == OVER


def test_a_read_only_transaction_reads_a_moment_of_the_past(desk: Desk) -> None:
    first = desk.write(1)
    desk.seconds = 10.0
    desk.write(2)
    transaction = desk.begin(read_only={"read_time": first})
    assert desk.read(transaction=transaction) == 1
    assert desk.read(read_time=first) == 1
    assert desk.read(read_time=at(-1)) is None
    assert desk.read(read_time=at(10)) == desk.read() == 2


def reads(desk: Desk, **consistency: Any) -> dict[str, Callable[[], Any]]:
    """Everything that can be asked for as of a time."""
    parent = f"{DATABASE}/documents"
    query = {"from": [{"collection_id": "c"}]}
    requests = {
        "GetDocument": protos.GetDocumentRequest(name=f"{parent}/c/a", **consistency),
        "BatchGetDocuments": protos.BatchGetDocumentsRequest(
            database=DATABASE, documents=[f"{parent}/c/a"], **consistency
        ),
        "RunQuery": protos.RunQueryRequest(parent=parent, structured_query=query, **consistency),
        "RunAggregationQuery": protos.RunAggregationQueryRequest(
            parent=parent,
            structured_aggregation_query={"structured_query": query, "aggregations": [{"alias": "n", "count": {}}]},
            **consistency,
        ),
        "ListDocuments": protos.ListDocumentsRequest(parent=parent, collection_id="c", **consistency),
        "ListCollectionIds": protos.ListCollectionIdsRequest(parent=parent, **consistency),
        "PartitionQuery": protos.PartitionQueryRequest(
            parent=parent,
            structured_query={"from": [{"collection_id": "c", "all_descendants": True}]},
            partition_count=2,
            **consistency,
        ),
    }
    return {name: lambda name=name, request=request: desk.ask(name, request) for name, request in requests.items()}  # type: ignore[misc]


METHODS = (
    "GetDocument",
    "BatchGetDocuments",
    "RunQuery",
    "RunAggregationQuery",
    "ListDocuments",
    "ListCollectionIds",
    "PartitionQuery",
)


@pytest.mark.parametrize("method", METHODS)
def test_a_time_must_be_within_the_window(desk: Desk, method: str) -> None:
    desk.write(1)
    desk.seconds = POINT_IN_TIME_SECONDS + 10
    assert reads(desk, read_time=at(10.000001))[method]() is not None
    assert refused(reads(desk, read_time=at(9.999999))[method]) == TOO_OLD
    assert refused(reads(desk, read_time=at(desk.seconds + 1))[method]) == FUTURE
    epoch = refused(reads(desk, read_time=protos.CommitResponse().commit_time)[method])
    assert epoch == (Code.INVALID_ARGUMENT, "Only timestamps past epoch are supported.")


def test_so_must_that_of_a_transaction(desk: Desk) -> None:
    desk.write(1)
    transaction = desk.begin(read_only={"read_time": at(0)})
    assert refused(lambda: desk.begin(read_only={"read_time": at(1)})) == FUTURE
    desk.seconds = POINT_IN_TIME_SECONDS + 10
    assert refused(lambda: desk.begin(read_only={"read_time": at(9)})) == TOO_OLD
    past = (Code.INVALID_ARGUMENT, "Only timestamps past epoch are supported.")
    assert refused(lambda: desk.begin(read_only={"read_time": at(-START)})) == past
    assert refused(lambda: desk.read(transaction=transaction)) == OVER


def test_what_was_before_a_clearing_is_too_old(desk: Desk) -> None:
    desk.write(1)
    desk.seconds = 5.0
    desk.engine.clear(DatabaseName(PROJECT))
    assert desk.read() is None
    assert refused(lambda: desk.read(read_time=at(0))) == TOO_OLD
