"""Waiting for other transactions: who waits, for how long, who gives up, and what is said then. No clock runs here."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from firewarden.firestore.status import Code
from firewarden.firestore.wire import protos
from firewarden.limits import PRODUCTION, TRANSACTION_IDLE_SECONDS
from firewarden.rules import OFFICIAL_1_19_9
from firewarden.server.committing import CONTENTION
from firewarden.server.engine import Engine
from firewarden.server.options import Options
from firewarden.server.serving import Server
from firewarden.server.transports.interface import Context
from firewarden.server.waiting import WouldBlock
from firewarden.store import Store
from toolkit.tests.conformance.rules.official import bearer
from toolkit.tests.server.transactions.desk import DATABASE, PROJECT, Desk, refused

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
ANA = bearer({"sub": "ana"})


class Waiting(Desk):
    """Requests are asked once, also those that would wait."""

    def __init__(self, lock_wait: float = LOCK_WAIT) -> None:
        super().__init__(lock_wait=lock_wait, compatibility=OFFICIAL_1_19_9)

    def holding(self, *reads: str) -> bytes:
        """A transaction that has read some documents."""
        transaction = self.begin()
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


@pytest.fixture
def desk() -> Iterator[Waiting]:
    desk = Waiting()
    yield desk
    desk.engine.close()


def refused_commit(
    desk: Waiting, path: str, transaction: bytes = b"", context: Context | None = None
) -> tuple[Code, str]:
    return refused(lambda: desk.commit(path, transaction, context))


@pytest.mark.parametrize("lock_wait", [0.0, 0.5, 15.0])
def test_a_write_waits_as_long_as_configured(lock_wait: float) -> None:
    desk = Waiting(lock_wait)
    desk.holding("c/a")
    context = desk.context()
    for seconds in (0.0, lock_wait / 2) if lock_wait else ():
        desk.seconds = seconds
        with pytest.raises(WouldBlock):
            desk.commit("c/a", context=context)
    desk.seconds = lock_wait
    assert refused_commit(desk, "c/a", context=context) == (Code.ABORTED, CONTENTION)
    desk.engine.close()


def test_a_write_goes_on_when_the_other_transaction_ends(desk: Waiting) -> None:
    other, context = desk.holding("c/a"), desk.context()
    with pytest.raises(WouldBlock) as caught:
        desk.commit("c/a", context=context)
    woken: list[bool] = []
    caught.value.subscribe(lambda: woken.append(True))
    desk.roll_back(other)
    assert woken == [True]
    desk.commit("c/a", context=context)


def test_a_transaction_that_nobody_uses_does_not_hold_up_others(desk: Waiting) -> None:
    desk.holding("c/a")
    desk.seconds = TRANSACTION_IDLE_SECONDS + 1
    desk.commit("c/a")


def test_of_two_that_wait_for_each_other_the_second_is_aborted_at_once(desk: Waiting) -> None:
    one, two = desk.holding("c/a"), desk.holding("c/a")
    with pytest.raises(WouldBlock):
        desk.commit("c/a", one)
    assert refused_commit(desk, "c/a", two) == (Code.ABORTED, CONTENTION)
    desk.commit("c/a", one)
    assert refused_commit(desk, "c/a", two) == (Code.INVALID_ARGUMENT, PRODUCTION.transaction_text)


def test_a_circle_of_three_is_broken(desk: Waiting) -> None:
    one, two, three = desk.holding("c/a"), desk.holding("c/b"), desk.holding("c/d")
    with pytest.raises(WouldBlock):
        desk.commit("c/b", one)
    with pytest.raises(WouldBlock):
        desk.commit("c/d", two)
    assert refused_commit(desk, "c/a", three) == (Code.ABORTED, CONTENTION)
    desk.commit("c/d", two)
    desk.commit("c/b", one)


def test_what_is_only_read_holds_up_nobody_who_reads(desk: Waiting) -> None:
    one = desk.holding("c/a")
    two = desk.holding("c/a")
    desk.commit("c/b", one)
    desk.commit("c/d", two)


def test_a_user_who_waits_is_never_denied(desk: Waiting) -> None:
    """Rules that look at a document that is held decide at once: a lock is no reason to deny."""
    desk.engine.rulesets.put_project(PROJECT, [{"content": RULES}])
    desk.commit("c/gate")
    other, context = desk.holding("c/a", "c/gate"), desk.context(ANA)
    with pytest.raises(WouldBlock):
        desk.commit("c/a", context=context)
    desk.seconds = LOCK_WAIT
    assert refused_commit(desk, "c/a", context=context) == (Code.ABORTED, CONTENTION)
    context = desk.context(ANA)
    with pytest.raises(WouldBlock):
        desk.commit("c/a", context=context)
    desk.commit("c/b", context=desk.context(ANA))
    desk.roll_back(other)
    desk.commit("c/a", context=context)


def test_a_commit_that_is_refused_holds_nothing_any_more(desk: Waiting) -> None:
    """Denied, or with a precondition that does not hold: the transaction is over."""
    desk.engine.rulesets.put_project(PROJECT, [{"content": RULES}])
    transaction = desk.holding("c/a")
    assert refused_commit(desk, "c/b", transaction, desk.context(ANA))[0] is Code.PERMISSION_DENIED
    desk.commit("c/a")
    assert refused_commit(desk, "c/b", transaction) == (Code.INVALID_ARGUMENT, PRODUCTION.transaction_text)


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
