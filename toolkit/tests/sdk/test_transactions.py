"""Transactions through Google's client: reads before writes, retries, read-only ones, ones that fail."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest
from google.api_core.exceptions import Aborted, InvalidArgument, NotFound
from google.cloud import firestore
from google.cloud.firestore import FieldFilter
from google.cloud.firestore_v1._helpers import ReadAfterWriteError

from toolkit.tests.sdk.conftest import Sdk


def transact(sdk: Sdk, body: Any, **options: Any) -> Any:
    """Run `body(ask, transaction)`, which says `yield` before whatever may have to be awaited."""
    transaction = sdk.client.transaction(**options)
    if sdk.loop is None:

        @firestore.transactional
        def whole(transaction: Any) -> Any:
            steps, value = body(transaction), None
            try:
                while True:
                    value = sdk(steps.send(value))
            except StopIteration as end:
                return end.value

        return whole(transaction)

    @firestore.async_transactional
    async def whole_async(transaction: Any) -> Any:
        steps, value = body(transaction), None
        try:
            while True:
                value = await _settled(steps.send(value))
        except StopIteration as end:
            return end.value

    return sdk(whole_async(transaction))


async def _settled(value: Any) -> Any:
    if hasattr(value, "__await__"):
        value = await value
    return [each async for each in value] if hasattr(value, "__aiter__") else value


def test_what_is_read_decides_what_is_written(sdk: Sdk) -> None:
    sdk.store({"t/a": {"n": 1}, "t/b": {"n": 10}})

    def body(transaction: Any) -> Any:
        one = yield sdk.document("t/a").get(transaction=transaction)
        found = yield sdk.collection("t").where(filter=FieldFilter("n", ">", 5)).get(transaction=transaction)
        transaction.update(sdk.document("t/a"), {"n": one.get("n") + sum(each.get("n") for each in found)})
        transaction.create(sdk.document("t/new"), {"n": 0})
        transaction.set(sdk.document("t/set"), {"n": 0}, merge=True)
        transaction.delete(sdk.document("t/b"))
        return one.get("n")

    assert transact(sdk, body) == 1
    assert {each.id: each.get("n") for each in sdk(sdk.collection("t").stream())} == {"a": 11, "new": 0, "set": 0}


def test_many_documents_are_read_at_once(sdk: Sdk) -> None:
    sdk.store({"t/a": {"n": 1}, "t/b": {"n": 2}})

    def body(transaction: Any) -> Any:
        documents = [sdk.document(f"t/{name}") for name in ("a", "b", "none")]
        found = yield sdk.client.get_all(documents, transaction=transaction)
        return {each.id: each.exists for each in found}

    assert transact(sdk, body) == {"a": True, "b": True, "none": False}


def test_an_error_inside_leaves_nothing(sdk: Sdk) -> None:
    sdk.store({"t/a": {"n": 1}})

    def body(transaction: Any) -> Any:
        yield sdk.document("t/a").get(transaction=transaction)
        transaction.update(sdk.document("t/a"), {"n": 2})
        raise LookupError("enough")

    with pytest.raises(LookupError):
        transact(sdk, body)
    sdk(sdk.document("t/a").update({"m": 1}))
    assert sdk.stored("t/a") == {"n": 1, "m": 1}


def test_a_write_that_fails_undoes_all(sdk: Sdk) -> None:
    def body(transaction: Any) -> Any:
        yield sdk.document("t/a").get(transaction=transaction)
        transaction.set(sdk.document("t/a"), {"n": 1})
        transaction.update(sdk.document("t/none"), {"n": 1})

    with pytest.raises(NotFound):
        transact(sdk, body)
    assert sdk.stored("t/a") is None


def test_reads_after_writes_are_refused_by_the_client(sdk: Sdk) -> None:
    def body(transaction: Any) -> Any:
        transaction.set(sdk.document("t/a"), {"n": 1})
        yield sdk.document("t/a").get(transaction=transaction)

    with pytest.raises(ReadAfterWriteError):
        transact(sdk, body)


def test_a_read_only_transaction_writes_nothing(sdk: Sdk) -> None:
    sdk.store({"t/a": {"n": 1}})

    def reading(transaction: Any) -> Any:
        found = yield sdk.document("t/a").get(transaction=transaction)
        return found.get("n")

    def writing(transaction: Any) -> Any:
        yield sdk.document("t/a").get(transaction=transaction)
        transaction.update(sdk.document("t/a"), {"n": 2})

    assert transact(sdk, reading, read_only=True) == 1
    with pytest.raises(ValueError, match="read-only"):
        transact(sdk, writing, read_only=True)
    assert sdk.stored("t/a") == {"n": 1}


def test_a_read_only_transaction_sees_one_moment(client: Any) -> None:
    document = client.document("t/a")
    document.set({"n": 1})
    transaction = client.transaction(read_only=True)
    transaction._begin()
    assert document.get(transaction=transaction).get("n") == 1
    document.set({"n": 2})
    client.document("t/b").set({"n": 3})
    assert document.get(transaction=transaction).get("n") == 1
    assert [each.id for each in client.collection("t").stream(transaction=transaction)] == ["a"]
    transaction._rollback()
    assert document.get().get("n") == 2


def test_counters_lose_nothing(client: Any) -> None:
    """Threads that read and write one document: the client retries what the server aborts."""
    counter = client.document("t/counter")
    counter.set({"n": 0})

    @firestore.transactional
    def add(transaction: Any) -> None:
        seen = counter.get(transaction=transaction).get("n")
        transaction.update(counter, {"n": seen + 1})

    def count() -> None:
        for _ in range(2):
            add(client.transaction(max_attempts=30))

    threads = [threading.Thread(target=count) for _ in range(2)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert counter.get().get("n") == 4


def test_counters_lose_nothing_in_tasks(async_client: Any, loop: asyncio.AbstractEventLoop) -> None:
    """Two of them: the emulator lets each of more wait two seconds before it aborts one."""
    counter = async_client.document("t/counter")

    @firestore.async_transactional
    async def add(transaction: Any) -> None:
        seen = (await counter.get(transaction=transaction)).get("n")
        transaction.update(counter, {"n": seen + 1})

    async def all_of_them() -> int:
        await counter.set({"n": 0})
        await asyncio.gather(*(add(async_client.transaction(max_attempts=30)) for _ in range(2)))
        found: int = (await counter.get()).get("n")
        return found

    assert loop.run_until_complete(all_of_them()) == 2


def test_an_aborted_transaction_is_tried_anew(client: Any) -> None:
    """The second attempt names the first, which the server has ended, when it begins."""
    document = client.document("t/a")
    document.set({"n": 1})
    attempts: list[bytes] = []

    @firestore.transactional
    def add(transaction: Any) -> None:
        attempts.append(transaction.id)
        seen = document.get(transaction=transaction).get("n")
        transaction.update(document, {"n": seen + 1})

    def commit_later() -> Any:
        if len(attempts) == 1:
            ended = {"database": client._database_string, "transaction": attempts[0]}
            client._firestore_api.rollback(request=ended, metadata=client._rpc_metadata)
            # The library leaves the class untyped.
            raise Aborted("as a server says")  # type: ignore[no-untyped-call]
        return commit()

    transaction = client.transaction()
    commit, transaction._commit = transaction._commit, commit_later
    add(transaction)
    assert len(set(attempts)) == len(attempts) == 2
    assert document.get().get("n") == 2


def test_a_transaction_that_has_ended(client: Any) -> None:
    document = client.document("t/a")
    document.set({"n": 1})
    transaction = client.transaction()
    transaction._begin()
    name = transaction.id
    transaction._rollback()
    request = {"database": client._database_string, "documents": [document._document_path], "transaction": name}
    with pytest.raises(InvalidArgument):
        list(client._firestore_api.batch_get_documents(request=request, metadata=client._rpc_metadata))


def test_aggregations_are_read_in_transactions(sdk: Sdk) -> None:
    sdk.store({"t/a": {"n": 1}, "t/b": {"n": 2}})

    def body(transaction: Any) -> Any:
        ((found,),) = yield sdk.collection("t").count(alias="n").get(transaction=transaction)
        transaction.set(sdk.document("t/c"), {"n": found.value})

    transact(sdk, body)
    assert sdk.stored("t/c") == {"n": 2}
