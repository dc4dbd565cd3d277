"""Who waits and who is aborted: optimistic and pessimistic databases, and how they are set. No clock runs here."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from firewarden.firestore.status import Code
from firewarden.firestore.wire import protos
from firewarden.server.options import Concurrency
from firewarden.server.serving import Server
from firewarden.server.waiting import WouldBlock
from toolkit.tests.server.transactions.desk import DATABASE, OVER, PROJECT, Desk, refused


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
