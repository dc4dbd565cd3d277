"""What is measured: the documents that are stored, and every operation as raw requests and for the stock client."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import count, islice
from typing import Any

from firestore_wire import Connection, Request
from google.cloud.firestore import Client, transactional
from google.cloud.firestore_v1 import types
from google.cloud.firestore_v1.base_query import FieldFilter

PROJECT = "demo-bench"
DATABASE = f"projects/{PROJECT}/databases/(default)"
DOCUMENTS = f"{DATABASE}/documents"
BATCH = 500
LIMIT = 20
COMMON = 1_000
"""Documents in the collection that most operations use."""
_CITIES = ("Basel", "Bergen", "Bilbao", "Bologna", "Bremen", "Brno", "Bruges", "Bristol", "Burgas", "Bydgoszcz")
_START = datetime(2026, 1, 1, tzinfo=UTC)
_ABOUT = "Bring a blanket and something to share; we meet at the usual place by the river, rain or shine. "

_commit, _query, _aggregation = (
    each.pb() for each in (types.CommitRequest, types.RunQueryRequest, types.RunAggregationQueryRequest)
)
_pb_document, _pb_value, _pb_write = (each.pb() for each in (types.Document, types.Value, types.Write))
_batch_get, _batch_got = types.BatchGetDocumentsRequest.pb(), types.BatchGetDocumentsResponse.pb()


@dataclass(frozen=True, slots=True)
class Operation:
    """`raw` makes its requests, one after another, without end; `stock` does it once, the n-th time."""

    name: str
    raw: Callable[[], Iterator[Request]]
    stock: Callable[[Client, int], object]
    connections: int = 1
    in_flight: int = 16
    threads: int = 1


def event(number: int, version: int = 0) -> dict[str, Any]:
    """A document of the usual kind: about 600 bytes, nine fields."""
    return {
        "title": f"Picnic number {number}",
        "about": _ABOUT * 3,
        "city": _CITIES[number % len(_CITIES)],
        "starts": _START + timedelta(minutes=number * 7_919 % 500_000),
        "seats": number % 97 + 3,
        "price": number % 40 / 4,
        "public": number % 3 > 0,
        "tags": ["outdoors", "food", f"tag{number % 50}"],
        "owner": {"uid": f"user{number % 1_000}", "name": "Ana", "version": version},
    }


def collection(size: int) -> str:
    """The collection that holds so many documents."""
    return f"events{size}"


def operations(sizes: Sequence[int]) -> list[Operation]:
    """All of them; indexed queries for collections of each size."""
    common = collection(COMMON)
    simple = [
        Operation("set", _sets, _stock_set),
        Operation("get", _gets, _stock_get),
        Operation("get, 8 at once", _gets, _stock_get, connections=8, in_flight=2, threads=8),
        Operation(f"query, limit {LIMIT}", partial(_queries, common, ordered=False), _stock_query),
    ]
    indexed = [
        Operation(
            indexed_name(size),
            partial(_queries, collection(size), ordered=True),
            partial(_stock_indexed, collection(size)),
            in_flight=4,
        )
        for size in sizes
    ]
    return [
        *simple,
        *indexed,
        Operation(f"batch of {BATCH}", _batches, _stock_batch, in_flight=2),
        Operation("transaction", _transactions, _stock_transaction),
        Operation(f"count of {COMMON:,}", partial(_aggregations, "count"), _stock_count, in_flight=4),
        Operation(f"sum of {COMMON:,}", partial(_aggregations, "sum"), _stock_sum, in_flight=4),
    ]


def indexed_name(size: int) -> str:
    """What the indexed query of a collection is called."""
    return f"indexed query in {size:,}"


def fill(connection: Connection, name: str, size: int) -> None:
    """Store a collection, in batches of 500."""
    writes = (_write(f"{name}/e{number:07}", event(number)) for number in range(size))
    while batch := list(islice(writes, BATCH)):
        connection.ask(Request("Commit", _commit(database=DATABASE, writes=batch).SerializeToString()))


# Raw requests


def _write(path: str, data: dict[str, Any]) -> Any:
    fields = {name: _value(each) for name, each in data.items()}
    return _pb_write(update=_pb_document(name=f"{DOCUMENTS}/{path}", fields=fields))


def _value(value: Any) -> Any:
    if isinstance(value, list):
        return _pb_value(array_value={"values": list(map(_value, value))})
    if isinstance(value, dict):
        return _pb_value(map_value={"fields": {name: _value(each) for name, each in value.items()}})
    return _pb_value(**{_KINDS[type(value)]: value})


_KINDS = {
    bool: "boolean_value",
    int: "integer_value",
    float: "double_value",
    str: "string_value",
    datetime: "timestamp_value",
}
_versions = count(1)


def _sets() -> Iterator[Request]:
    """The same thousand documents again and again, each time with something new in them."""
    messages = [
        _commit(database=DATABASE, writes=[_write(f"sets/s{number}", event(number))]) for number in range(COMMON)
    ]
    while True:
        for message in messages:
            yield Request("Commit", _anew(message))


def _anew(message: Any) -> bytes:
    """A commit whose documents are not what they were."""
    version = next(_versions)
    for write in message.writes:
        write.update.fields["owner"].map_value.fields["version"].integer_value = version
    serialised: bytes = message.SerializeToString()
    return serialised


def _gets() -> Iterator[Request]:
    messages = [_getting(f"{collection(COMMON)}/e{number:07}").SerializeToString() for number in range(COMMON)]
    while True:
        for message in messages:
            yield Request("BatchGetDocuments", message)


def _getting(path: str) -> Any:
    return _batch_get(database=DATABASE, documents=[f"{DOCUMENTS}/{path}"])


def _queries(name: str, *, ordered: bool) -> Iterator[Request]:
    """Of each city in turn: some of its events, or the latest ones."""
    messages = []
    for city in _CITIES:
        structured: dict[str, Any] = {
            "from_": [{"collection_id": name}],
            "where": {"field_filter": {"field": {"field_path": "city"}, "op": 5, "value": {"string_value": city}}},
            "limit": {"value": LIMIT},
        }
        if ordered:
            structured["order_by"] = [{"field": {"field_path": "starts"}, "direction": 2}]
        messages.append(_query(parent=DOCUMENTS, structured_query=structured).SerializeToString())
    while True:
        for message in messages:
            yield Request("RunQuery", message)


def _batches() -> Iterator[Request]:
    """So many documents are overwritten, never the same ones by two batches at a time."""
    messages = [
        _commit(
            database=DATABASE,
            writes=[_write(f"batches/b{first + number}", event(number)) for number in range(BATCH)],
        )
        for first in range(0, 4 * BATCH, BATCH)
    ]
    while True:
        for message in messages:
            yield Request("Commit", _anew(message))


def _transactions() -> Iterator[Request]:
    """Read a document, write it; no two at a time meet."""
    pairs = []
    for number in range(COMMON):
        path = f"transactions/t{number}"
        begin = _getting(path)
        begin.new_transaction.read_write.SetInParent()
        commit = _commit(database=DATABASE, writes=[_write(path, event(number))])
        pairs.append((begin.SerializeToString(), commit))
    while True:
        for begin, commit in pairs:
            yield Request("BatchGetDocuments", begin, partial(_commit_in, _anew(commit)))


def _commit_in(commit: bytes, body: bytes) -> Request:
    first = _batch_got.FromString(body[5 : 5 + int.from_bytes(body[1:5], "big")])
    return Request("Commit", commit + _commit(transaction=first.transaction).SerializeToString())


def _aggregations(figure: str) -> Iterator[Request]:
    operator: dict[str, Any] = {"count": {}} if figure == "count" else {"sum": {"field": {"field_path": "seats"}}}
    aggregated = {
        "structured_query": {"from_": [{"collection_id": collection(COMMON)}]},
        "aggregations": [{"alias": "figure", **operator}],
    }
    message = _aggregation(parent=DOCUMENTS, structured_aggregation_query=aggregated).SerializeToString()
    while True:
        yield Request("RunAggregationQuery", message)


# The stock client


def _stock_set(client: Client, number: int) -> None:
    client.document(f"sets/s{number % COMMON}").set(event(number, next(_versions)))


def _stock_get(client: Client, number: int) -> None:
    _expect(client.document(f"{collection(COMMON)}/e{number % COMMON:07}").get().exists)


def _stock_query(client: Client, number: int) -> None:
    _expect(len(_of_city(client, collection(COMMON), number).limit(LIMIT).get()) == LIMIT)


def _stock_indexed(name: str, client: Client, number: int) -> None:
    latest = _of_city(client, name, number).order_by("starts", direction="DESCENDING")
    _expect(len(latest.limit(LIMIT).get()) == LIMIT)


def _of_city(client: Client, name: str, number: int) -> Any:
    return client.collection(name).where(filter=FieldFilter("city", "==", _CITIES[number % len(_CITIES)]))


def _stock_batch(client: Client, number: int) -> None:
    batch = client.batch()
    version = next(_versions)
    for each in range(BATCH):
        batch.set(client.document(f"batches/b{number % 4 * BATCH + each}"), event(each, version))
    batch.commit()


def _stock_transaction(client: Client, number: int) -> None:
    document = client.document(f"transactions/t{number % COMMON}")

    @transactional
    def work(transaction: Any) -> None:
        document.get(transaction=transaction)
        transaction.set(document, event(number, next(_versions)))

    work(client.transaction())


def _stock_count(client: Client, _number: int) -> None:
    counting: Any = client.collection(collection(COMMON)).count()  # type: ignore[no-untyped-call]  # it publishes no types
    _expect(counting.get()[0][0].value == COMMON)


def _stock_sum(client: Client, _number: int) -> None:
    _expect(client.collection(collection(COMMON)).sum("seats").get()[0][0].value > COMMON)


def _expect(holds: bool) -> None:  # noqa: FBT001 - a condition
    if not holds:
        raise SystemExit("a server gave a wrong answer; nothing that was measured counts")
