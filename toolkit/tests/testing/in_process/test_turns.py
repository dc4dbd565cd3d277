"""Who goes next, of the threads that ask one engine."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from firewarden import Firestore
from firewarden.server.waiting import Signal, WouldBlock
from firewarden.testing.in_process.turns import Turns, Waiter


def test_who_has_waited_goes_before_who_comes() -> None:
    turns, signal, order = Turns(threading.RLock()), Signal(), list[str]()

    def come() -> None:
        with turns.turn(None):
            order.append("comes")

    with turns.turn(None):
        waiter = Waiter(turns, WouldBlock(signal, 60.0))
    signal.fire()
    coming = threading.Thread(target=come)
    coming.start()
    coming.join(0.1)
    assert (coming.is_alive(), order) == (True, [])
    waiter.wait(None)
    with turns.turn(waiter):
        order.append("has waited")
    coming.join(30)
    assert order == ["has waited", "comes"]


def test_whose_time_is_up_holds_nobody_up() -> None:
    turns, signal = Turns(threading.RLock()), Signal()
    with turns.turn(None):
        waiter = Waiter(turns, WouldBlock(signal, 0.0))
    waiter.wait(None)
    assert not waiter.is_woken
    with turns.turn(waiter):
        pass
    signal.fire()
    with turns.turn(None):
        pass


def test_an_interrupted_wait_holds_nobody_up(db: Firestore, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C just as the transaction has ended that the write was waiting for."""
    owner = db.as_owner()
    note = owner.document("notes/a")
    note.set({"n": 1})
    transaction: Any = owner.transaction()
    transaction._begin()
    note.get(transaction=transaction)

    def interrupted(waiter: Waiter, _: float | None) -> None:
        monkeypatch.undo()
        transaction._rollback()
        assert waiter.is_woken
        raise KeyboardInterrupt

    monkeypatch.setattr(Waiter, "wait", interrupted)
    with pytest.raises(KeyboardInterrupt):
        note.set({"n": 2})
    assert note.get().get("n") == 1
