"""Transactions: aborted reads and commits are retried until a deadline; whatever else fails is not."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from google.api_core.exceptions import Aborted

from firewarden.testing import Database
from gather import transactions
from gather.transactions import BACKOFF_MAX_S, ContentionError, read, read_all, run_transaction


def aborted() -> Exception:
    failure: Exception = Aborted("lock")  # type: ignore[no-untyped-call]  # the SDK's
    return failure


class Clock:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self.now_s = 0.0
        self.slept: list[float] = []

    def monotonic(self) -> float:
        return self.now_s

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now_s += seconds


class FakeTransaction:
    """The part of the SDK's transaction that its own retry loop drives."""

    _read_only = False
    _max_attempts = 1

    def __init__(self, commit: Callable[[], None]) -> None:
        self._commits = commit
        self.rolled_back = False
        self.in_progress = False

    def _clean_up(self) -> None:
        self.in_progress = False

    def _begin(self, retry_id: bytes | None = None) -> None:
        self._id = b"1"
        self.in_progress = True

    def _rollback(self) -> None:
        self.rolled_back = True

    def _commit(self) -> None:
        self._commits()


class FakeClient:
    """Hands out transactions whose commits follow a script: an exception is raised, None commits."""

    def __init__(self, *script: Exception | None) -> None:
        self._script: Iterator[Exception | None] = iter(script)
        self.transactions: list[FakeTransaction] = []

    def transaction(self, max_attempts: int) -> FakeTransaction:
        assert max_attempts == 1
        self.transactions.append(FakeTransaction(self._commit))
        return self.transactions[-1]

    def _commit(self) -> None:
        failure = next(self._script)
        if failure is not None:
            raise failure


def run(client: Any, body: Callable[[Any], Any], clock: Clock, **options: Any) -> Any:
    return run_transaction(client, body, monotonic=clock.monotonic, sleep=clock.sleep, jitter=lambda: 1.0, **options)


def test_an_aborted_commit_is_retried_with_a_growing_pause() -> None:
    clock = Clock()
    client = FakeClient(aborted(), aborted(), aborted(), None)
    assert run(client, lambda _: "done", clock) == "done"
    assert clock.slept == [0.025, 0.05, 0.1]


def test_an_aborted_read_is_retried_and_rolled_back() -> None:
    clock = Clock()
    client = FakeClient(None)
    answers = iter([aborted(), None])

    def body(_: Any) -> str:
        failure = next(answers)
        if failure is not None:
            raise failure
        return "done"

    assert run(client, body, clock) == "done"
    assert [transaction.rolled_back for transaction in client.transactions] == [True, False]


def test_the_pause_is_bounded_and_the_deadline_ends_it() -> None:
    clock = Clock()
    with pytest.raises(ContentionError, match=r"events/e .* nothing was written"):
        run(FakeClient(*[aborted()] * 100), lambda _: None, clock, contend_on="events/e", deadline_s=15.0)
    assert max(clock.slept) == BACKOFF_MAX_S
    assert clock.now_s < 15.0


@pytest.mark.parametrize("failure", [ValueError("a bug in the body"), RuntimeError("no")])
def test_other_failures_are_raised_as_they_are(failure: Exception) -> None:
    def body(_: Any) -> None:
        raise failure

    with pytest.raises(type(failure), match=str(failure).rpartition(" ")[2]):
        run(FakeClient(None), body, Clock())


def test_one_lane_runs_one_at_a_time_and_is_forgotten() -> None:
    inside, most = 0, 0
    guard = threading.Lock()

    def body(_: Any) -> None:
        nonlocal inside, most
        with guard:
            inside += 1
            most = max(most, inside)
        with guard:
            inside -= 1

    clients = [FakeClient(None) for _ in range(20)]
    threads = [
        threading.Thread(target=run_transaction, args=(each, body), kwargs={"contend_on": "x"}) for each in clients
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == 1
    assert transactions._lanes == {}


def test_a_lane_is_first_come_first_served() -> None:
    order: list[int] = []
    begun, go_on = threading.Event(), threading.Event()

    def hold(_: Any) -> None:
        begun.set()
        go_on.wait(10)

    first = threading.Thread(target=run_transaction, args=(FakeClient(None), hold), kwargs={"contend_on": "y"})
    first.start()
    begun.wait(10)
    followers = []
    for number in range(8):
        thread = threading.Thread(
            target=run_transaction,
            args=(FakeClient(None), lambda _, number=number: order.append(number)),
            kwargs={"contend_on": "y"},
        )
        thread.start()
        followers.append(thread)
        while len(transactions._lanes["y"]) < number + 2:
            time.sleep(0.001)
    go_on.set()
    for thread in [first, *followers]:
        thread.join()
    assert order == list(range(8))


def test_who_waits_too_long_leaves_the_lane_to_others() -> None:
    begun, go_on = threading.Event(), threading.Event()

    def hold(_: Any) -> None:
        begun.set()
        go_on.wait(10)

    first = threading.Thread(target=run_transaction, args=(FakeClient(None), hold), kwargs={"contend_on": "z"})
    first.start()
    begun.wait(10)
    with pytest.raises(ContentionError, match="z was busy"):
        run_transaction(FakeClient(None), lambda _: None, contend_on="z", deadline_s=0.05)
    go_on.set()
    first.join()
    assert run_transaction(FakeClient(None), lambda _: "free", contend_on="z") == "free"


def test_who_fights_over_several_things_is_alone_at_each_and_waits_for_no_one_who_waits_for_it() -> None:
    inside: Counter[str] = Counter()
    most: Counter[str] = Counter()
    done: list[tuple[str, ...]] = []
    guard = threading.Lock()

    def work(names: tuple[str, ...]) -> None:
        def body(_: Any) -> None:
            with guard:
                inside.update(set(names))
                for name in names:
                    most[name] = max(most[name], inside[name])
            time.sleep(0.001)
            with guard:
                inside.subtract(set(names))
                done.append(names)

        run_transaction(FakeClient(None), body, contend_on=names)

    wanted = [("a", "b"), ("b", "a"), ("a",), ("b",), ("b", "b")] * 8
    threads = [threading.Thread(target=work, args=(names,)) for names in wanted]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(done) == sorted(wanted)
    assert most == {"a": 1, "b": 1}
    assert transactions._lanes == {}


def test_a_lost_race_names_everything_it_was_about() -> None:
    with pytest.raises(ContentionError, match="transaction on events/e and invoice_counters/acme was aborted"):
        run(
            FakeClient(aborted()),
            lambda _: None,
            Clock(),
            contend_on=("invoice_counters/acme", "events/e"),
            deadline_s=0.001,
        )


@pytest.mark.emulator
def test_reads_come_in_the_order_asked_for(firestore: Database) -> None:
    client = firestore.as_owner()
    references = [client.document("a", name) for name in ("z", "missing", "b")]
    references[0].set({"n": 1})
    references[2].set({"n": 2})

    def body(transaction: Any) -> list[Any]:
        assert read(transaction, references[2]).get("n") == 2
        return [found.to_dict() for found in read_all(transaction, references)]

    assert run_transaction(client, body) == [{"n": 1}, None, {"n": 2}]
    assert run_transaction(client, lambda transaction: read_all(transaction, [])) == []


@pytest.mark.emulator
def test_a_failed_body_writes_nothing(firestore: Database) -> None:
    client = firestore.as_owner()

    def body(transaction: Any) -> None:
        transaction.set(client.document("a/b"), {"n": 1})
        raise RuntimeError("stop")

    with pytest.raises(RuntimeError, match="stop"):
        run_transaction(client, body)
    assert not client.document("a/b").get().exists
