"""How transactions begin and end: their age, read times, retries and modes. No clock runs here."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from firewarden.firestore.documents import DatabaseName
from firewarden.firestore.status import Code, StatusError
from firewarden.firestore.wire import protos
from firewarden.limits import EMULATOR, POINT_IN_TIME_SECONDS, PRODUCTION, Limits
from firewarden.server.engine import Engine
from firewarden.server.options import Concurrency, Options
from firewarden.server.services import SERVICE, services
from firewarden.server.serving import Server
from firewarden.server.transports.interface import Context
from firewarden.server.waiting import WouldBlock
from firewarden.store import Store
from firewarden.values import NANOS_PER_SECOND, Timestamp

PROJECT = "demo-transactions"
DATABASE = f"projects/{PROJECT}/databases/(default)"
START = 1_800_000_000
OVER = (Code.INVALID_ARGUMENT, "The referenced transaction has expired or is no longer valid.")
TOO_OLD = (Code.FAILED_PRECONDITION, "The requested snapshot version is too old.")
FUTURE = (Code.INVALID_ARGUMENT, "The requested 'read_time' cannot be in the future.")
NOT_AN_ID = (Code.INVALID_ARGUMENT, "Invalid transaction.")


class Desk:
    """An engine whose clock and stopwatch are `seconds`."""

    def __init__(self, **options: Any) -> None:
        self.seconds = 0.0
        self.engine = Engine(Store(), options=Options(**options), now=self.now, seconds=lambda: self.seconds)
        self._services = services(self.engine)

    def now(self) -> Timestamp:
        return Timestamp(int((START + self.seconds) * NANOS_PER_SECOND))

    def ask(self, method: str, request: Any, context: Context | None = None) -> Any:
        served = self._services[f"/{SERVICE}/{method}"]
        answer = served.handler(request, context or self.context())
        return b"".join(answer) if served.kind == "server_stream" else answer

    def context(self) -> Context:
        """Of a request of the owner; the same one for each time that it is asked again."""
        return Context({"authorization": "Bearer owner"})

    def begin(self, database: str = DATABASE, **options: Any) -> bytes:
        request = protos.BeginTransactionRequest(database=database, options=protos.TransactionOptions(**options))
        return bytes(protos.BeginTransactionResponse.FromString(self.ask("BeginTransaction", request)).transaction)

    def read(self, path: str = "c/a", database: str = DATABASE, **consistency: Any) -> int | None:
        """The field n of a document; None if there is none."""
        names = [f"{database}/documents/{path}"]
        request = protos.BatchGetDocumentsRequest(database=database, documents=names, **consistency)
        answer = protos.BatchGetDocumentsResponse.FromString(self.ask("BatchGetDocuments", request))
        return answer.found.fields["n"].integer_value if answer.HasField("found") else None

    def write(self, n: int, transaction: bytes = b"", path: str = "c/a", database: str = DATABASE) -> Any:
        """Returns the commit's time."""
        request = protos.CommitRequest(database=database, transaction=transaction)
        write = request.writes.add()
        write.update.name = f"{database}/documents/{path}"
        write.update.fields["n"].integer_value = n
        return protos.CommitResponse.FromString(self.ask("Commit", request)).commit_time

    def roll_back(self, transaction: bytes) -> None:
        self.ask("Rollback", protos.RollbackRequest(database=DATABASE, transaction=transaction))


@pytest.fixture
def desk() -> Iterator[Desk]:
    desk = Desk()
    yield desk
    desk.engine.close()


def refused(ask: Callable[[], Any]) -> tuple[Code, str]:
    with pytest.raises(StatusError) as caught:
        ask()
    return caught.value.code, caught.value.message


def at(seconds: float) -> Any:
    moment = protos.CommitResponse().commit_time
    moment.FromNanoseconds(int((START + seconds) * NANOS_PER_SECOND))
    return moment


@pytest.mark.parametrize("end", ["commit", "read"])
def test_a_transaction_that_nobody_uses_is_over_after_a_minute(desk: Desk, end: str) -> None:
    kept, left = desk.begin(), desk.begin()
    desk.seconds = 60.0
    desk.read(transaction=kept)
    desk.seconds = 60.1
    ask = {"commit": lambda: desk.write(1, left), "read": lambda: desk.read(transaction=left)}[end]
    assert refused(ask) == OVER
    desk.write(1, kept)


def test_a_transaction_is_over_after_270_seconds_however_busy(desk: Desk) -> None:
    transaction = desk.begin()
    for seconds in range(0, 271, 30):
        desk.seconds = float(seconds)
        desk.read(transaction=transaction)
    desk.seconds = 270.1
    assert refused(lambda: desk.write(1, transaction)) == OVER
    assert desk.read() is None


def test_what_a_forgotten_transaction_has_read_can_be_changed(desk: Desk) -> None:
    transaction = desk.begin()
    desk.read(transaction=transaction)
    with pytest.raises(WouldBlock):
        desk.write(1)
    desk.seconds = 60.1
    desk.write(1)


def test_the_server_forgets_them_by_itself(desk: Desk) -> None:
    transaction = desk.begin()
    desk.read(transaction=transaction)
    desk.seconds = 60.1
    desk.engine.expire()
    assert not desk.engine.database(DatabaseName(PROJECT)).transactions.locks.any_held


@pytest.mark.parametrize("end", ["commit", "roll back"])
@pytest.mark.parametrize(
    ("limits", "message"), [(PRODUCTION, OVER[1]), (EMULATOR, "Transaction is invalid or closed.")]
)
def test_a_transaction_that_has_ended_is_over(end: str, limits: Limits, message: str) -> None:
    desk = Desk(limits=limits)
    transaction = desk.begin()
    if end == "commit":
        desk.write(1, transaction)
    else:
        desk.roll_back(transaction)
    for ask in (lambda: desk.read(transaction=transaction), lambda: desk.write(2, transaction)):
        assert refused(ask) == (Code.INVALID_ARGUMENT, message)
    desk.roll_back(transaction)
    desk.engine.close()


@pytest.mark.parametrize("transaction", [b"x", b"\x11" * 8, b"\x12" + b"\x00" * 8])
def test_what_is_no_id_is_refused(desk: Desk, transaction: bytes) -> None:
    assert refused(lambda: desk.read(transaction=transaction)) == NOT_AN_ID
    assert refused(lambda: desk.roll_back(transaction)) == NOT_AN_ID


def test_a_transaction_is_retried_by_a_new_one(desk: Desk) -> None:
    first = desk.begin()
    desk.roll_back(first)
    open_ = desk.begin()
    for known in (first, open_):
        again = desk.begin(read_write={"retry_transaction": known})
        assert again not in (first, open_)
        desk.write(1, again)
    assert desk.read(transaction=open_) == 1
    unknown = b"\x11" + (99).to_bytes(8, "little")
    for other in (unknown, b"x"):
        assert refused(lambda other=other: desk.begin(read_write={"retry_transaction": other})) == NOT_AN_ID  # type: ignore[misc]


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


def test_an_optimistic_transaction_is_aborted_when_what_it_read_has_changed() -> None:
    desk = Desk(concurrency=Concurrency.OPTIMISTIC)
    desk.write(1)
    transaction = desk.begin()
    assert desk.read(transaction=transaction) == 1
    desk.write(2)
    assert desk.read(transaction=transaction) == 1
    assert refused(lambda: desk.write(3, transaction))[0] is Code.ABORTED
    assert desk.read() == 2
    assert refused(lambda: desk.write(3, transaction)) == OVER
    again = desk.begin(read_write={"retry_transaction": transaction})
    assert desk.read(transaction=again) == 2
    desk.write(3, again)
    desk.engine.close()


def batch(*paths: str) -> Any:
    """Writes that add one to n."""
    request = protos.BatchWriteRequest(database=DATABASE)
    for path in paths:
        transform = request.writes.add().transform
        transform.document = f"{DATABASE}/documents/{path}"
        added = transform.field_transforms.add(field_path="n")
        added.increment.integer_value = 1
    return request


@pytest.mark.parametrize("waits", ["until it may go on", "too long"])
def test_each_write_of_a_batch_write_waits_and_none_is_done_twice(desk: Desk, waits: str) -> None:
    transaction, context, request = desk.begin(), desk.context(), batch("c/a", "c/b", "c/d")
    desk.read("c/b", transaction=transaction)
    for _ in range(3):
        with pytest.raises(WouldBlock):
            desk.ask("BatchWrite", request, context)
    assert [desk.read(f"c/{each}") for each in "abd"] == [1, None, None]
    if waits == "too long":
        desk.seconds = 2.0
    else:
        desk.roll_back(transaction)
    answer = protos.BatchWriteResponse.FromString(desk.ask("BatchWrite", request, context))
    codes = [status.code for status in answer.status]
    found = [desk.read(f"c/{each}") for each in "abd"]
    if waits == "too long":
        assert (codes, found) == ([0, Code.ABORTED, 0], [1, None, 1])
        assert answer.status[1].message == "Too much contention on these documents. Please try again."
    else:
        assert (codes, found) == ([0, 0, 0], [1, 1, 1])


SECOND = f"projects/{PROJECT}/databases/second"


@pytest.fixture
def http(desk: Desk) -> Iterator[httpx.Client]:
    headers = {"authorization": "Bearer owner"}
    with (
        Server(desk.engine) as server,
        httpx.Client(base_url=f"http://{server.address}/v1", headers=headers, trust_env=False) as http,
    ):
        yield http


def test_a_database_has_its_own_mode(desk: Desk, http: httpx.Client) -> None:
    described = {"name": SECOND, "type": "FIRESTORE_NATIVE", "concurrencyMode": "PESSIMISTIC"}
    assert http.get(f"/{SECOND}").json() == described
    patched = http.patch(f"/{SECOND}", params={"updateMask": "concurrencyMode"}, json={"concurrencyMode": "OPTIMISTIC"})
    assert patched.json()["done"] is True
    assert patched.json()["response"]["concurrencyMode"] == "OPTIMISTIC"
    assert http.get(f"/{SECOND}").json() == {**described, "concurrencyMode": "OPTIMISTIC"}
    assert http.get(f"/{DATABASE}").json()["concurrencyMode"] == "PESSIMISTIC"
    held, free = desk.begin(), desk.begin(SECOND)
    desk.read(transaction=held)
    desk.read(database=SECOND, transaction=free)
    with pytest.raises(WouldBlock):
        desk.write(1)
    desk.write(1, database=SECOND)
    assert refused(lambda: desk.write(2, free, database=SECOND))[0] is Code.ABORTED


@pytest.mark.parametrize(
    ("body", "mask"),
    [
        ({"concurrencyMode": "NOPE"}, None),
        ({}, None),
        ([], None),
        ({"concurrencyMode": "OPTIMISTIC", "type": "DATASTORE_MODE"}, None),
        ({"concurrencyMode": "OPTIMISTIC"}, "type"),
    ],
)
def test_other_settings_are_refused(http: httpx.Client, body: Any, mask: str | None) -> None:
    answer = http.patch(f"/{SECOND}", params={"updateMask": mask} if mask else {}, json=body)
    assert (answer.status_code, answer.json()["error"]["status"]) == (400, "INVALID_ARGUMENT")


def test_settings_are_for_admins(http: httpx.Client) -> None:
    del http.headers["authorization"]
    for answer in (http.get(f"/{SECOND}"), http.patch(f"/{SECOND}", json={"concurrencyMode": "OPTIMISTIC"})):
        assert (answer.status_code, answer.json()["error"]["status"]) == (403, "PERMISSION_DENIED")
