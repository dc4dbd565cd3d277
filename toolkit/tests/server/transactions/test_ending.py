"""How transactions end and are retried: their age, what ends them, and what follows. No clock runs here."""

from __future__ import annotations

import pytest

from firewarden.firestore.documents import DatabaseName
from firewarden.firestore.status import Code
from firewarden.limits import EMULATOR, PRODUCTION, Limits
from firewarden.server.waiting import WouldBlock
from toolkit.tests.server.transactions.desk import NOT_AN_ID, OVER, PROJECT, Desk, refused


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
