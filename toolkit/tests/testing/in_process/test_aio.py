"""The asyncio client in process: what it does, and that tasks take turns as they would over a port."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import grpc
import pytest
from google.api_core.exceptions import DeadlineExceeded, NotFound, PermissionDenied
from google.cloud import firestore as google_firestore
from google.cloud.firestore import FieldFilter
from google.cloud.firestore_v1.types import GetDocumentRequest, RunQueryRequest

from firewarden import Firestore
from firewarden.testing import Database

Way = Firestore | Database


def test_reads_writes_queries_and_refusals(way: Way) -> None:
    async def scenario() -> None:
        async with way.as_user_async("ana") as ana, way.as_guest_async() as guest, way.as_owner_async() as owner:
            await ana.document("notes/a").set({"owner": "ana", "n": 1})
            assert (await ana.document("notes/a").get()).get("n") == 1
            own: Any = ana.collection("notes").where(filter=FieldFilter("owner", "==", "ana"))
            assert [each.id async for each in own.stream()] == ["a"]
            assert (await own.count().get())[0][0].value == 1
            assert [each.id async for each in owner.collections()] == ["notes"]
            assert [each.id async for each in owner.get_all([owner.document("notes/a")])] == ["a"]
            with pytest.raises(PermissionDenied, match=r"^403 \nNull value error. for 'get' @ L5$"):
                await guest.document("notes/a").get()
            with pytest.raises(PermissionDenied, match="for 'list' @ L5"):
                _ = [each async for each in guest.collection("notes").stream()]
            with pytest.raises(NotFound):
                await owner.document("notes/none").update({"n": 1})

    asyncio.run(scenario())


async def _adding(client: Any, *, atomically: bool) -> None:
    counter = client.document("counters/c")

    @google_firestore.async_transactional
    async def add(transaction: Any) -> None:
        read = await counter.get(transaction=transaction)
        transaction.update(counter, {"n": read.get("n") + 1})

    if atomically:
        await add(client.transaction(max_attempts=50))
    else:
        await counter.set({"n": (await counter.get()).get("n") + 1})


async def _counted(way: Way, *, atomically: bool) -> Any:
    async with way.as_owner_async() as owner:
        await owner.document("counters/c").set({"n": 0})
        await asyncio.gather(*(_adding(owner, atomically=atomically) for _ in range(5)))
        return (await owner.document("counters/c").get()).get("n")


def test_transactions_of_tasks_lose_nothing(way: Way) -> None:
    assert asyncio.run(_counted(way, atomically=True)) == 5


def test_without_a_transaction_tasks_overwrite_each_other(way: Way) -> None:
    """The negative control: if tasks did not take turns, a race in somebody's code would never show in process."""
    assert asyncio.run(_counted(way, atomically=False)) < 5


def _with_a_lock(db: Firestore, scenario: Callable[[Any, Any], Coroutine[Any, Any, None]]) -> None:
    async def run() -> None:
        async with db.as_owner_async() as owner:
            note = owner.document("notes/a")
            await note.set({"n": 1})
            transaction = owner.transaction()
            await transaction._begin()
            await note.get(transaction=transaction)
            await scenario(owner, transaction)

    asyncio.run(run())


def test_waiting_for_a_transaction_holds_up_nobody_else(db: Firestore) -> None:
    async def scenario(owner: Any, transaction: Any) -> None:
        writing = asyncio.create_task(owner.document("notes/a").set({"n": 2}))
        assert not (await owner.document("notes/b").get()).exists
        assert not writing.done()
        await transaction._rollback()
        await writing
        assert (await owner.document("notes/a").get()).get("n") == 2

    _with_a_lock(db, scenario)


def test_a_deadline_ends_the_waiting(db: Firestore) -> None:
    async def scenario(owner: Any, _: Any) -> None:
        with pytest.raises(DeadlineExceeded, match=r"^504 Deadline Exceeded$"):
            await owner.document("notes/a").set({"n": 2}, timeout=0.02, retry=None)
        with pytest.raises(DeadlineExceeded):
            await owner.document("notes/b").get(timeout=0, retry=None)

    _with_a_lock(db, scenario)


def test_a_cancelled_write_is_not_done(db: Firestore) -> None:
    async def scenario(owner: Any, transaction: Any) -> None:
        writing = asyncio.create_task(owner.document("notes/a").set({"n": 2}))
        await asyncio.sleep(0.01)
        writing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await writing
        await transaction._rollback()
        assert (await owner.document("notes/a").get()).get("n") == 1

    _with_a_lock(db, scenario)


def test_a_call_tells_of_its_end(db: Firestore) -> None:
    """What grpc.aio promises of calls: code and text, whoever asks and whenever, without raising."""

    async def scenario() -> None:
        async with db.as_owner_async() as owner:
            get = owner._firestore_api.transport.get_document
            request = GetDocumentRequest(name=f"{owner._database_string}/documents/notes/none")
            call = get(request, metadata=owner._rpc_metadata, timeout=60)
            ends: list[Any] = []
            call.add_done_callback(ends.append)
            assert 0 < call.time_remaining() <= 60
            assert await call.code() is grpc.StatusCode.NOT_FOUND
            assert "notes/none" in await call.details()
            assert (call.done(), call.cancelled(), ends) == (True, False, [call])
            with pytest.raises(grpc.aio.AioRpcError, match="NOT_FOUND"):
                await call
            dropped = get(request, metadata=owner._rpc_metadata)
            assert dropped.cancel()
            assert await dropped.code() is grpc.StatusCode.CANCELLED
            query = {
                "parent": f"{owner._database_string}/documents",
                "structured_query": {"from_": [{"collection_id": "a"}]},
            }
            stream = owner._firestore_api.transport.run_query(RunQueryRequest(query), metadata=owner._rpc_metadata)
            assert (await stream.read()).read_time
            assert await stream.read() is grpc.aio.EOF

    asyncio.run(scenario())


def test_what_needs_a_stream_goes_over_a_port(db: Firestore) -> None:
    async def scenario() -> None:
        async with db.as_owner_async() as owner:
            channel = owner._firestore_api.transport.grpc_channel
            watch = channel.stream_stream("/grpc.health.v1.Health/Watch")()
            await watch.write(b"")
            assert await watch.read() == b"\x08\x01"
            watch.cancel()

    asyncio.run(scenario())
