"""Google's own client over this transport: a service with one answer for everything shows whether it is heard."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from google.api_core import exceptions
from google.auth.credentials import AnonymousCredentials
from google.cloud import firestore

from firewarden.firestore.status import Code, StatusError
from firewarden.firestore.wire import protos
from firewarden.server.transports.interface import Method, Services

TIME = {"seconds": 1_700_000_000}
LONG = "x" * 1_000


def document(name: str, number: int = 0) -> Any:
    fields = {"number": {"integer_value": number}, "text": {"string_value": LONG}}
    return {"name": name, "fields": fields, "create_time": TIME, "update_time": TIME}


def anonymous() -> AnonymousCredentials:
    return AnonymousCredentials()  # type: ignore[no-untyped-call]


class Service:
    """Answers as if every document was there; the collection `denied` may not be read."""

    def __init__(self) -> None:
        self.metadata: list[dict[str, str]] = []

    def batch_get(self, request: Any, context: Any) -> Iterator[Any]:
        self.metadata.append(context.metadata)
        if request.HasField("new_transaction"):
            yield protos.BatchGetDocumentsResponse(transaction=b"t")
        for name in request.documents:
            if "/denied/" in name:
                raise StatusError(Code.PERMISSION_DENIED, "\nfalse for 'get' @ L1")
            yield protos.BatchGetDocumentsResponse(found=document(name), read_time=TIME)

    def run_query(self, request: Any, context: Any) -> Iterator[Any]:
        count = request.structured_query.limit.value
        for number in range(count):
            name = f"{request.parent}/c/{number}"
            yield protos.RunQueryResponse(document=document(name, number), read_time=TIME)
        if not count:
            yield protos.RunQueryResponse(read_time=TIME)

    def commit(self, request: Any, context: Any) -> Any:
        results = [{"update_time": TIME} for _ in request.writes]
        return protos.CommitResponse(write_results=results, commit_time=TIME)

    def begin(self, request: Any, context: Any) -> Any:
        return protos.BeginTransactionResponse(transaction=b"t")

    def methods(self) -> Services:
        path = "/google.firestore.v1.Firestore/"
        return {
            f"{path}BatchGetDocuments": Method("server_stream", self.batch_get, protos.BatchGetDocumentsRequest),
            f"{path}RunQuery": Method("server_stream", self.run_query, protos.RunQueryRequest),
            f"{path}Commit": Method("unary", self.commit, protos.CommitRequest),
            f"{path}BeginTransaction": Method("unary", self.begin, protos.BeginTransactionRequest),
            f"{path}Rollback": Method("unary", lambda request, context: b"", protos.RollbackRequest),
        }


@pytest.fixture
def service(serve: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    made = Service()
    with serve(made.methods()) as served:
        monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", served.target)
        yield made


def test_the_client(service: Service) -> None:
    client: Any = firestore.Client(project="demo", credentials=anonymous())
    assert client.document("c/d").get().to_dict() == {"number": 0, "text": LONG}
    assert service.metadata[0]["authorization"] == "Bearer owner"
    assert [each.get("number") for each in client.collection("c").limit(3_000).stream()] == list(range(3_000))
    assert list(client.collection("c").stream()) == []
    assert len(list(client.get_all([client.document(f"c/{index}") for index in range(700)]))) == 700
    batch = client.batch()
    for index in range(400):
        batch.set(client.document(f"c/{index}"), {"text": LONG * 10})
    assert len(batch.commit()) == 400
    with pytest.raises(exceptions.PermissionDenied, match="false for 'get' @ L1"):
        client.document("denied/d").get()
    client.close()


def test_a_transaction_of_the_client(service: Service) -> None:
    client: Any = firestore.Client(project="demo", credentials=anonymous())

    @firestore.transactional
    def count(transaction: firestore.Transaction) -> int:
        number = client.document("c/d").get(transaction=transaction).get("number")
        transaction.update(client.document("c/d"), {"number": number + 1})
        return int(number)

    assert count(client.transaction()) == 0
    client.close()


def test_the_async_client(service: Service) -> None:
    async def ask() -> None:
        client: Any = firestore.AsyncClient(project="demo", credentials=anonymous())
        found = await asyncio.gather(*(client.document(f"c/{index}").get() for index in range(300)))
        assert [each.id for each in found] == [str(index) for index in range(300)]
        assert len([each async for each in client.collection("c").limit(2_000).stream()]) == 2_000
        with pytest.raises(exceptions.PermissionDenied):
            await client.document("denied/d").get()
        client.close()

    asyncio.run(ask())
