"""Concurrent transactions: what they see and do is what some order of them, one after the other, would give."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import Any

import grpc
import pytest

from firewarden.server.committing import CONTENTION
from firewarden.server.database import ServedDatabase
from firewarden.server.engine import Engine
from firewarden.server.locks import Locks
from firewarden.server.options import Concurrency, Options
from firewarden.server.serving import Server
from firewarden.server.views import View
from firewarden.store import Store
from firewarden.values import NANOS_PER_SECOND, Timestamp
from toolkit.tests.conformance.firestore.engines import Official, Ours
from toolkit.tests.conformance.firestore.serializability import Predicate, Read, Transaction, final, violations
from toolkit.tests.conformance.firestore.together import (
    DOCUMENTS,
    PROJECT,
    aborts,
    in_threads,
    stepwise,
    stored,
)

SEEDS = range(15)
CLIENTS, TRANSACTIONS = 5, 8
START_SECONDS = 1_800_000_000


def engine_with(
    concurrency: Concurrency, *, lock_wait: float = 1_000.0, seconds: Callable[[], float] | None = None
) -> Engine:
    clock = count(START_SECONDS * NANOS_PER_SECOND, 1_000_000)
    return Engine(
        Store(),
        options=Options(concurrency=concurrency, lock_wait=lock_wait),
        now=lambda: Timestamp(next(clock)),
        seconds=seconds or (lambda: 0.0),
    )


def played(concurrency: Concurrency, seed: int, **options: Any) -> tuple[list[Transaction], list[str]]:
    """A history and what is wrong with it."""
    engine = engine_with(concurrency, **options)
    try:
        history = stepwise(engine, seed=seed, clients=CLIENTS, transactions=TRANSACTIONS)
    finally:
        engine.close()
    return history, violations(history, DOCUMENTS)


@pytest.mark.parametrize("concurrency", Concurrency)
def test_transactions_in_steps_are_serializable(concurrency: Concurrency) -> None:
    reasons: set[str] = set()
    for seed in SEEDS:
        history, wrong = played(concurrency, seed)
        assert wrong == [], seed
        assert sum(each.time is not None for each in history) > CLIENTS * TRANSACTIONS / 2
        reasons |= set(aborts(history))
    assert reasons == {f"ABORTED: {CONTENTION}"}


def test_transactions_that_give_up_waiting_are_serializable() -> None:
    """With a clock that goes on, locks are not free in time."""
    reasons: set[str] = set()
    for seed in SEEDS:
        ticks = count()
        history, wrong = played(Concurrency.PESSIMISTIC, seed, lock_wait=5.0, seconds=lambda: float(next(ticks)))  # noqa: B023 - asked before the next
        assert wrong == [], seed
        reasons |= set(aborts(history))
    assert reasons == {f"ABORTED: {CONTENTION}"}


def nobody(*_: Any, **__: Any) -> frozenset[int]:
    return frozenset()


def nothing(*_: Any) -> None:
    return None


def read_unnoticed(view: View, path: tuple[str, ...]) -> Any:
    return view.snapshot.document(path)


@pytest.mark.parametrize(
    ("concurrency", "owner", "name", "instead"),
    [
        (Concurrency.PESSIMISTIC, Locks, "holders", nobody),
        (Concurrency.PESSIMISTIC, Locks, "hold_query", nothing),
        (Concurrency.PESSIMISTIC, Locks, "hold", nothing),
        (Concurrency.OPTIMISTIC, ServedDatabase, "changed_since", lambda *_: False),
        (Concurrency.OPTIMISTIC, View, "asked", nothing),
        (Concurrency.OPTIMISTIC, View, "document", read_unnoticed),
    ],
    ids=[
        "no locks",
        "no locks of queries",
        "no locks of documents",
        "no check",
        "queries forgotten",
        "reads forgotten",
    ],
)
def test_a_server_that_does_not_keep_them_apart_is_found_out(
    concurrency: Concurrency, owner: Any, name: str, instead: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(owner, name, instead)
    found = (wrong for seed in SEEDS for wrong in played(concurrency, seed)[1])
    assert any(each.startswith("no serial order") for each in found)


def test_reads_that_are_not_of_their_time_are_found_out() -> None:
    writer = Transaction("w", 0, 1, time=10, writes={"c/0": 1})
    reads = [Read(9, {"c/0": "w"}), Read(10, {"c/0": None}), Read(11, {}, Predicate(1)), Read(11, {"c/0": "w"})]
    wrong = violations([writer, Transaction("r", 2, 3, reads=reads)], DOCUMENTS)
    assert [each.split(":")[0] for each in wrong] == ["r at 9", "r at 10", "r at 11"]


def test_an_order_against_real_time_is_found_out() -> None:
    """A transaction that began after another was acknowledged does not see what was before it."""
    writer = Transaction("w", 0, 1, time=10, writes={"c/0": 1})
    late = Transaction("r", 2, 3, time=20, reads=[Read(5, {"c/0": None})], writes={"c/1": 1})
    assert any(each.startswith("no serial order") for each in violations([writer, late], DOCUMENTS))


@pytest.mark.parametrize("concurrency", Concurrency)
@pytest.mark.parametrize("seed", [1, 2])
def test_transactions_in_threads_are_serializable(concurrency: Concurrency, seed: int) -> None:
    """Over the wire, with the clock of the system: every client has a connection of its own."""
    engine = Engine(Store(), options=Options(concurrency=concurrency, lock_wait=5.0))
    channels: list[grpc.Channel] = []
    with Server(engine) as server:

        def connected() -> Callable[[str, Any], list[Any]]:
            channels.append(grpc.insecure_channel(server.address, options=[("grpc.use_local_subchannel_pool", 1)]))
            return Official(channels[-1], PROJECT).call

        history = in_threads(connected, seed=seed, clients=4, transactions=6)
        assert violations(history, DOCUMENTS) == []
        assert stored(connected()) == final(history, DOCUMENTS)
        assert set(aborts(history)) <= {f"ABORTED: {CONTENTION}"}
        for each in channels:
            each.close()
    engine.close()


def test_equal_seeds_give_equal_schedules() -> None:
    first, second = (played(Concurrency.PESSIMISTIC, 3)[0] for _ in range(2))
    assert first == second
    assert Ours.project != PROJECT
