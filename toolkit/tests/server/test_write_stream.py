"""Write streams: what Google's emulator answers, ours answers; and what no recording can show."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import grpc
import pytest

from firewarden.firestore.wire import protos
from firewarden.server.engine import Engine
from firewarden.server.serving import Server
from firewarden.testing.session import Server as Found
from toolkit.tests.server.conftest import NAME
from toolkit.tests.server.write_stories import OWNER, PATIENCE_S, STORIES, answers, recorded, stream

RECORDED = dict(recorded())
RULES = """
rules_version = '2';
service cloud.firestore {
  match /databases/{database}/documents/notes/{note} {
    allow write: if request.resource.data.n < 10;
  }
}
"""


def test_every_story_was_recorded() -> None:
    assert list(RECORDED) == list(STORIES)


@pytest.mark.parametrize("story", STORIES)
def test_answers_are_those_of_googles_emulator(server: Server, story: str) -> None:
    assert answers(server.address, STORIES[story]) == RECORDED[story]


@pytest.mark.emulator
@pytest.mark.parametrize("story", STORIES)
def test_recorded_answers_are_still_given(official_firestore_server: Found, story: str) -> None:
    assert answers(official_firestore_server.host, STORIES[story]) == RECORDED[story]


class Conversation:
    """A stream that is open."""

    def __init__(self, channel: grpc.Channel, metadata: Any) -> None:
        self._said: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._call = stream(channel)(iter(self._said.get, None), metadata=metadata, timeout=PATIENCE_S)
        self.said(protos.WriteRequest(database=str(NAME)))
        self.stream_id = self.heard().stream_id

    def said(self, request: Any) -> None:
        self._said.put(request)

    def heard(self) -> Any:
        return next(self._call)

    def end(self) -> None:
        self._said.put(None)
        self._call.cancel()


@contextmanager
def conversing(server: Server, metadata: Any = OWNER) -> Iterator[Conversation]:
    with grpc.insecure_channel(server.address) as channel:
        conversation = Conversation(channel, metadata)
        try:
            yield conversation
        finally:
            conversation.end()


def setting(path: str, number: int) -> Any:
    request = protos.WriteRequest()
    document = request.writes.add().update
    document.name = f"{NAME}/documents/{path}"
    document.fields["n"].integer_value = number
    return request


def test_streams_have_ids_of_their_own(server: Server) -> None:
    with conversing(server) as one, conversing(server) as other:
        assert one.stream_id.isdigit()
        assert one.stream_id != other.stream_id


def test_many_requests_are_on_their_way_and_done_in_order(server: Server, owner: Any) -> None:
    with conversing(server) as conversation:
        for number in range(200):
            conversation.said(setting(f"notes/n{number % 3}", number))
        heard = [conversation.heard() for _ in range(200)]
    assert [each.stream_token for each in heard] == [str(number).encode() for number in range(1, 201)]
    times = [each.commit_time.ToNanoseconds() for each in heard]
    assert times == sorted(set(times))
    assert [owner.document(f"notes/n{each}").get().get("n") for each in range(3)] == [198, 199, 197]


def test_a_write_that_waits_for_a_transaction_keeps_nobody_else_waiting(server: Server, owner: Any) -> None:
    owner.document("notes/locked").set({"n": 0})
    transaction = owner.transaction()
    transaction._begin()
    owner.document("notes/locked").get(transaction=transaction)
    with conversing(server) as waiting, conversing(server) as other:
        waiting.said(setting("notes/locked", 1))
        other.said(setting("notes/free", 1))
        assert other.heard().stream_token == b"1"
        assert owner.document("notes/locked").get().get("n") == 0
        transaction._rollback()
        assert waiting.heard().stream_token == b"1"
        assert owner.document("notes/locked").get().get("n") == 1


def test_a_write_does_not_wait_for_ever(server: Server, owner: Any) -> None:
    owner.document("notes/locked").set({"n": 0})
    transaction = owner.transaction()
    transaction._begin()
    owner.document("notes/locked").get(transaction=transaction)
    with conversing(server) as conversation:
        for number in (1, 2):
            conversation.said(setting("notes/locked", number))
        with pytest.raises(grpc.RpcError, match="Too much contention") as failed:
            conversation.heard()
    assert failed.value.code() is grpc.StatusCode.ABORTED
    transaction._rollback()
    assert owner.document("notes/locked").get().get("n") == 0


def test_a_client_that_leaves_while_it_waits_writes_nothing(server: Server, engine: Engine, owner: Any) -> None:
    owner.document("notes/locked").set({"n": 0})
    transaction = owner.transaction()
    transaction._begin()
    owner.document("notes/locked").get(transaction=transaction)
    signal = engine.database(NAME).transactions.ended
    with conversing(server) as conversation:
        conversation.said(setting("notes/locked", 1))
        until(lambda: bool(signal._callbacks))
    until(lambda: not signal._callbacks)
    transaction._rollback()
    assert owner.document("notes/locked").get().get("n") == 0


def test_rules_judge_every_request_as_they_are_then(server: Server, engine: Engine, owner: Any) -> None:
    files = [{"content": RULES}]
    engine.rulesets.put_project(NAME.project, files, ignore_errors=False)
    with conversing(server, metadata=()) as guest:
        guest.said(setting("notes/a", 1))
        guest.heard()
        guest.said(setting("notes/a", 11))
        guest.said(setting("notes/a", 2))
        with pytest.raises(grpc.RpcError, match=r"false for 'create'|false for 'update'") as denied:
            guest.heard()
    assert denied.value.code() is grpc.StatusCode.PERMISSION_DENIED
    assert owner.document("notes/a").get().get("n") == 1
    with conversing(server, metadata=()) as guest:
        guest.said(setting("notes/a", 3))
        guest.heard()
        engine.rulesets.put_project(NAME.project, [{"content": RULES.replace("n < 10", "n < 3")}], ignore_errors=False)
        guest.said(setting("notes/a", 3))
        with pytest.raises(grpc.RpcError, match="for 'update'"):
            guest.heard()


def test_whoever_has_no_token_that_can_be_read_is_told_at_once(server: Server) -> None:
    with grpc.insecure_channel(server.address) as channel:
        call = stream(channel)(
            iter([protos.WriteRequest(database=str(NAME))]), metadata=(("authorization", "Bearer x"),)
        )
        with pytest.raises(grpc.RpcError, match="invalid jwt"):
            next(call)


def test_a_request_costs_what_a_commit_costs(server: Server, engine: Engine) -> None:
    with conversing(server) as conversation:
        for number in range(3):
            conversation.said(setting("notes/a", number))
            conversation.heard()
    entries = [each for each in engine.meter.ledger(NAME).entries() if each.method == "Write"]
    assert [(each.requests, each.usage.writes, each.usage.reads) for each in entries] == [(3, 3, 0)]


def test_a_stream_that_is_open_does_not_hold_up_the_end_of_the_server(engine: Engine) -> None:
    with Server(engine) as server, conversing(server) as conversation:
        stopping = threading.Thread(target=server.stop)
        stopping.start()
        with pytest.raises(grpc.RpcError) as ended:
            conversation.heard()
        stopping.join(PATIENCE_S)
    assert ended.value.code() is grpc.StatusCode.UNAVAILABLE
    assert ended.value.details() == "The server is stopping"


def until(holds: Callable[[], bool]) -> None:
    """Wait for what another thread does."""
    ticks = threading.Event()
    for _ in range(3_000):
        if holds():
            return
        ticks.wait(0.01)
    raise AssertionError("it did not come to pass")
