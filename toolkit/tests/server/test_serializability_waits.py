"""Waiting for other transactions: who waits, for how long, who gives up, and what is said then. No clock runs here."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from firewarden.firestore.status import Code, StatusError
from firewarden.firestore.wire import protos
from firewarden.limits import PRODUCTION, TRANSACTION_IDLE_SECONDS
from firewarden.rules import OFFICIAL_1_19_9
from firewarden.server.committing import CONTENTION
from firewarden.server.engine import Engine
from firewarden.server.options import Options
from firewarden.server.services import SERVICE, services
from firewarden.server.serving import Server
from firewarden.server.transports.interface import Context
from firewarden.server.waiting import WouldBlock
from firewarden.store import Store
from toolkit.tests.conformance.rules.official import bearer

PROJECT = "demo-waits"
DATABASE = f"projects/{PROJECT}/databases/(default)"
LOCK_WAIT = 2.0
RULES = """\
rules_version = '2';
service cloud.firestore {
  match /databases/{database}/documents {
    match /c/{id} {
      allow read: if true;
      allow write: if get(/databases/(default)/documents/c/gate).data.open;
    }
  }
}
"""
OWNER = "Bearer owner"
ANA = bearer({"sub": "ana"})


class Desk:
    """An engine whose stopwatch is `seconds`; requests are asked once, also those that would wait."""

    def __init__(self, lock_wait: float = LOCK_WAIT) -> None:
        self.seconds = 0.0
        options = Options(lock_wait=lock_wait, compatibility=OFFICIAL_1_19_9)
        self.engine = Engine(Store(), options=options, seconds=lambda: self.seconds)
        self._services = services(self.engine)

    def ask(self, method: str, request: Any, context: Context | None = None) -> Any:
        served = self._services[f"/{SERVICE}/{method}"]
        answer = served.handler(request, context or self.context())
        return list(answer) if served.kind == "server_stream" else answer

    def context(self, authorization: str = OWNER) -> Context:
        return Context({"authorization": authorization})

    def begin(self, *reads: str) -> bytes:
        """A transaction that has read some documents."""
        began = self.ask("BeginTransaction", protos.BeginTransactionRequest(database=DATABASE))
        transaction = bytes(protos.BeginTransactionResponse.FromString(began).transaction)
        names = [f"{DATABASE}/documents/{each}" for each in reads]
        request = protos.BatchGetDocumentsRequest(database=DATABASE, documents=names, transaction=transaction)
        self.ask("BatchGetDocuments", request)
        return transaction

    def commit(self, path: str, transaction: bytes = b"", context: Context | None = None) -> None:
        request = protos.CommitRequest(database=DATABASE, transaction=transaction)
        write = request.writes.add()
        write.update.name = f"{DATABASE}/documents/{path}"
        write.update.fields["open"].boolean_value = True
        write.update.fields["by"].bytes_value = transaction
        self.ask("Commit", request, context)

    def roll_back(self, transaction: bytes) -> None:
        self.ask("Rollback", protos.RollbackRequest(database=DATABASE, transaction=transaction))


@pytest.fixture
def desk() -> Iterator[Desk]:
    desk = Desk()
    yield desk
    desk.engine.close()


def refused(desk: Desk, path: str, transaction: bytes = b"", context: Context | None = None) -> tuple[Code, str]:
    with pytest.raises(StatusError) as caught:
        desk.commit(path, transaction, context)
    return caught.value.code, caught.value.message


@pytest.mark.parametrize("lock_wait", [0.0, 0.5, 15.0])
def test_a_write_waits_as_long_as_configured(lock_wait: float) -> None:
    desk = Desk(lock_wait)
    desk.begin("c/a")
    context = desk.context()
    for seconds in (0.0, lock_wait / 2) if lock_wait else ():
        desk.seconds = seconds
        with pytest.raises(WouldBlock):
            desk.commit("c/a", context=context)
    desk.seconds = lock_wait
    assert refused(desk, "c/a", context=context) == (Code.ABORTED, CONTENTION)
    desk.engine.close()


def test_a_write_goes_on_when_the_other_transaction_ends(desk: Desk) -> None:
    other, context = desk.begin("c/a"), desk.context()
    with pytest.raises(WouldBlock) as caught:
        desk.commit("c/a", context=context)
    woken: list[bool] = []
    caught.value.subscribe(lambda: woken.append(True))
    desk.roll_back(other)
    assert woken == [True]
    desk.commit("c/a", context=context)


def test_a_transaction_that_nobody_uses_does_not_hold_up_others(desk: Desk) -> None:
    desk.begin("c/a")
    desk.seconds = TRANSACTION_IDLE_SECONDS + 1
    desk.commit("c/a")


def test_of_two_that_wait_for_each_other_the_second_is_aborted_at_once(desk: Desk) -> None:
    one, two = desk.begin("c/a"), desk.begin("c/a")
    with pytest.raises(WouldBlock):
        desk.commit("c/a", one)
    assert refused(desk, "c/a", two) == (Code.ABORTED, CONTENTION)
    desk.commit("c/a", one)
    assert refused(desk, "c/a", two) == (Code.INVALID_ARGUMENT, PRODUCTION.transaction_text)


def test_a_circle_of_three_is_broken(desk: Desk) -> None:
    one, two, three = desk.begin("c/a"), desk.begin("c/b"), desk.begin("c/d")
    with pytest.raises(WouldBlock):
        desk.commit("c/b", one)
    with pytest.raises(WouldBlock):
        desk.commit("c/d", two)
    assert refused(desk, "c/a", three) == (Code.ABORTED, CONTENTION)
    desk.commit("c/d", two)
    desk.commit("c/b", one)


def test_what_is_only_read_holds_up_nobody_who_reads(desk: Desk) -> None:
    one = desk.begin("c/a")
    two = desk.begin("c/a")
    desk.commit("c/b", one)
    desk.commit("c/d", two)


def test_a_user_who_waits_is_never_denied(desk: Desk) -> None:
    """Rules that look at a document that is held decide at once: a lock is no reason to deny."""
    desk.engine.rulesets.put_project(PROJECT, [{"content": RULES}])
    desk.commit("c/gate")
    other, context = desk.begin("c/a", "c/gate"), desk.context(ANA)
    with pytest.raises(WouldBlock):
        desk.commit("c/a", context=context)
    desk.seconds = LOCK_WAIT
    assert refused(desk, "c/a", context=context) == (Code.ABORTED, CONTENTION)
    context = desk.context(ANA)
    with pytest.raises(WouldBlock):
        desk.commit("c/a", context=context)
    desk.commit("c/b", context=desk.context(ANA))
    desk.roll_back(other)
    desk.commit("c/a", context=context)


def test_a_commit_that_is_refused_holds_nothing_any_more(desk: Desk) -> None:
    """Denied, or with a precondition that does not hold: the transaction is over."""
    desk.engine.rulesets.put_project(PROJECT, [{"content": RULES}])
    transaction = desk.begin("c/a")
    assert refused(desk, "c/b", transaction, desk.context(ANA))[0] is Code.PERMISSION_DENIED
    desk.commit("c/a")
    assert refused(desk, "c/b", transaction) == (Code.INVALID_ARGUMENT, PRODUCTION.transaction_text)


def test_over_rest_the_status_is_conflict() -> None:
    engine = Engine(Store(), options=Options(lock_wait=0.01))
    with (
        Server(engine) as server,
        httpx.Client(base_url=f"http://{server.address}/v1/{DATABASE}", trust_env=False) as rest,
    ):
        began = rest.post("/documents:beginTransaction", json={}).json()["transaction"]
        rest.post("/documents:batchGet", json={"documents": [f"{DATABASE}/documents/c/a"], "transaction": began})
        answer = rest.patch("/documents/c/a", json={"fields": {}})
    engine.close()
    assert answer.status_code == 409
    assert answer.json()["error"] == {"code": 409, "message": CONTENTION, "status": "ABORTED"}
