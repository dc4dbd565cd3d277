"""Streams that end, and clients that are slow: nothing is left behind, and what waits is no more than what differs."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import Any

import pytest

from firewarden.firestore.commits import Changed
from firewarden.firestore.documents import DatabaseName, StoredDocument
from firewarden.firestore.listen.changes import Changes
from firewarden.firestore.status import Code, StatusError
from firewarden.firestore.wire import protos
from firewarden.server.auth import ADMIN
from firewarden.server.database import Committed
from firewarden.server.engine import Engine
from firewarden.server.listening import feed as feeds
from firewarden.server.listening.feed import Feed
from firewarden.server.rpc.listening import listen
from firewarden.server.rpc.transactions import commit_writes
from firewarden.server.serving import Server
from firewarden.server.transports.interface import Context
from firewarden.store import Store
from firewarden.values import Timestamp
from toolkit.tests.server.listening.conftest import Desk

NAME = DatabaseName("demo-streams")
DOCUMENTS = 10
COMMITS = 300
OWNER = {"authorization": "Bearer owner"}


def put(engine: Engine, *numbers: int, value: int) -> None:
    request = protos.CommitRequest(database=str(NAME))
    for number in numbers:
        update = request.writes.add().update
        update.name = f"{NAME}/documents/c/{number}"
        update.fields["x"].integer_value = value
    commit_writes(engine, request, Context(OWNER))


class Client:
    """A stream without a transport, whose client reads only while its gate is open."""

    def __init__(self, engine: Engine) -> None:
        self.gate = asyncio.Event()
        self.gate.set()
        self.heard: list[Any] = []
        self.requests: asyncio.Queue[Any] = asyncio.Queue()
        self.task = asyncio.create_task(listen(engine, self.requests.get, self._send, Context(OWNER)))

    def query(self, number: int) -> None:
        request = protos.ListenRequest(database=str(NAME))
        request.add_target.target_id = number
        request.add_target.query.parent = f"{NAME}/documents"
        getattr(request.add_target.query.structured_query, "from").add(collection_id="c")
        self.requests.put_nowait(request)

    async def until(self, holds: Callable[[], bool]) -> None:
        async with asyncio.timeout(30):
            while not holds():
                await asyncio.sleep(0)

    async def _send(self, message: bytes) -> None:
        await self.gate.wait()
        self.heard.append(protos.ListenResponse.FromString(message))

    def snapshots(self) -> int:
        return sum(each.HasField("target_change") and not each.target_change.target_ids for each in self.heard)

    def shown(self) -> dict[str, int]:
        changes = [each.document_change.document for each in self.heard if each.HasField("document_change")]
        return {each.name.rpartition("/")[2]: each.fields["x"].integer_value for each in changes}


def test_a_slow_client_is_told_the_end_of_it() -> None:
    engine = Engine(Store())

    async def scene() -> None:
        client = Client(engine)
        client.query(1)
        await client.until(lambda: client.snapshots() == 1)
        client.gate.clear()
        for number in range(COMMITS):
            put(engine, number % DOCUMENTS, value=number)
            await asyncio.sleep(0)
        client.heard.clear()
        client.gate.set()
        await client.until(lambda: len(client.shown()) == DOCUMENTS and COMMITS - 1 in client.shown().values())
        await client.until(lambda: client.snapshots() > 1)
        # The round that was begun when it stopped reading, and one for all that came after.
        assert client.snapshots() == 2
        assert sum(each.HasField("document_change") for each in client.heard) <= 2 * DOCUMENTS
        client.requests.put_nowait(None)
        await client.task

    asyncio.run(scene())
    assert engine.feed.followers == 0
    engine.close()


def test_nobody_need_look_for_what_waits_to_stay_small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Commits of other threads, while the loop of the stream does not come to run."""
    monkeypatch.setattr(feeds, "_GATHERED_MAX", 50)
    engine = Engine(Store())
    sizes: list[int] = []
    engine.on_commit.append(lambda _: sizes.extend(each._gathered for each in engine.feed._channels.values()))

    def write() -> None:
        for each in range(COMMITS):
            put(engine, each % DOCUMENTS, value=each)

    async def scene() -> None:
        client = Client(engine)
        client.query(1)
        await client.until(lambda: client.snapshots() == 1)
        writer = threading.Thread(target=write)
        writer.start()
        writer.join()
        await client.until(lambda: COMMITS - 1 in client.shown().values())
        client.task.cancel()
        await asyncio.wait([client.task])

    asyncio.run(scene())
    assert max(sizes) <= 50
    assert engine.feed.followers == 0
    engine.close()


def test_a_commit_of_another_thread_wakes_the_stream() -> None:
    engine = Engine(Store())

    async def scene() -> None:
        client = Client(engine)
        client.query(1)
        await client.until(lambda: client.snapshots() == 1)
        await asyncio.to_thread(put, engine, 1, value=7)
        async with asyncio.timeout(30):
            while client.shown() != {"1": 7}:
                await asyncio.sleep(0.001)
        client.requests.put_nowait(None)
        await client.task

    asyncio.run(scene())
    engine.close()


def test_a_removed_target_is_not_told_to_its_end() -> None:
    engine = Engine(Store())
    for start in (0, 400):
        put(engine, *range(start, start + 400), value=1)

    async def scene() -> None:
        client = Client(engine)
        client.query(1)
        await client.until(lambda: len(client.heard) > 1)
        client.gate.clear()
        client.requests.put_nowait(protos.ListenRequest(database=str(NAME), remove_target=1))
        for _ in range(10):
            await asyncio.sleep(0)
        client.gate.set()
        await client.until(lambda: client.heard[-1].target_change.target_change_type == 2)
        assert len(client.shown()) < 800
        client.requests.put_nowait(None)
        await client.task

    asyncio.run(scene())
    engine.close()


def test_a_stream_that_was_cut_is_forgotten() -> None:
    engine = Engine(Store())
    with Server(engine) as server:
        desk = Desk(server.address, "demo-cut")
        streams = [desk.listen() for _ in range(5)]
        for each in streams:
            each.query(1)
            each.hears("ADD 1", "CURRENT 1", "snapshot")
        assert engine.feed.followers == 5
        for each in streams:
            each.cancel()
            each.hears("end CANCELLED Locally cancelled by application!")
        until(lambda: engine.feed.followers == 0)
        desk.put("c/a", x=1)
        assert engine.feed._channels == {}
        desk.close()
    engine.close()


def test_a_server_that_stops_ends_its_streams() -> None:
    engine = Engine(Store())
    with Server(engine) as server:
        desk = Desk(server.address, "demo-stop")
        stream = desk.listen()
        stream.query(1)
        stream.hears("ADD 1", "CURRENT 1", "snapshot")
        server.stop()
        assert stream.next().startswith("end UNAVAILABLE The server")
        assert engine.feed.followers == 0
        desk.close()
    engine.close()


def test_a_stream_fails_and_not_whoever_commits() -> None:
    engine = Engine(Store())

    async def scene() -> None:
        client = Client(engine)
        client.query(1)
        await client.until(lambda: client.snapshots() == 1)
        (follower,) = next(iter(engine.feed._channels.values())).followers
        follower.follow = broken  # type: ignore[method-assign, assignment]  # a defect of ours
        put(engine, 1, value=1)
        with pytest.raises(ZeroDivisionError):
            await client.task

    def broken(_: Changes) -> None:
        raise ZeroDivisionError

    asyncio.run(scene())
    assert engine.feed.followers == 0
    engine.close()


def test_what_cannot_be_read_ends_the_stream() -> None:
    engine = Engine(Store())

    async def receive() -> Any:
        raise StatusError(Code.INVALID_ARGUMENT, "not a message")

    async def scene() -> None:
        client = Client(engine)
        client.query(1)
        first = [await client.requests.get()]

        async def second() -> Any:
            return first.pop() if first else await receive()

        with pytest.raises(StatusError, match="not a message"):
            await listen(engine, second, client._send, Context(OWNER))
        client.task.cancel()

    asyncio.run(scene())
    engine.close()


def test_who_says_nothing_is_told_nothing() -> None:
    engine = Engine(Store())

    async def nothing() -> None:
        return None

    async def send(_: bytes) -> None:
        raise AssertionError

    asyncio.run(listen(engine, nothing, send, Context({})))
    engine.close()


def test_commits_of_databases_that_nobody_follows_are_not_kept() -> None:
    feed = Feed(threading.RLock())
    after = StoredDocument(("c", "a"), b"", Timestamp(1), Timestamp(1))
    feed.committed(Committed(NAME, Timestamp(1), ADMIN, (Changed(("c", "a"), None, after),)))
    assert feed._channels == {}


def until(holds: Callable[[], bool]) -> None:
    waiting = threading.Event()
    for _ in range(3_000):
        if holds():
            return
        waiting.wait(0.01)
    pytest.fail("it never came to hold")
