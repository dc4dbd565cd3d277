"""The queue alone, with functions made here: no HTTP, no Firestore, no SDK."""

import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from random import Random

import pytest

from firewarden.errors import NotSettled
from firewarden.triggers import (
    Delivery,
    DeliveryPlan,
    FaultPlan,
    FirestoreEvent,
    FirestoreTrigger,
    Function,
    Kind,
    Outcome,
    PathPattern,
    RetryPolicy,
    promptly,
    repeated,
)
from firewarden.triggers.delivery import DeliveryQueue

MakeEvent = Callable[..., FirestoreEvent]
SOON = RetryPolicy(first_delay_s=0.01, max_delay_s=0.02, window_s=0.2)


def function(handler: Callable[[FirestoreEvent], None], *, retry: bool = False) -> Function:
    trigger = FirestoreTrigger(
        event_type="any", document=PathPattern.parse("users/{uid}"), database="(default)", retry=retry
    )
    return Function(name="f", kind=Kind.FIRESTORE, regions=("us-central1",), handler=handler, trigger=trigger)


@contextmanager
def running(
    *, plan: DeliveryPlan = promptly, retry: RetryPolicy = SOON, seed: int = 1, workers: int = 4
) -> Iterator[DeliveryQueue]:
    queue = DeliveryQueue(
        lambda function, event: function.handler(event),
        plan=plan,
        retry=retry,
        rng=seeded(seed),
        workers=workers,
        report=lambda _: None,
    )
    queue.start()
    yield queue
    queue.stop(1)


def seeded(seed: int) -> Random:
    return Random(seed)


def outcomes(queue: DeliveryQueue) -> list[tuple[int, Outcome]]:
    return [(delivery.attempt, delivery.outcome) for delivery in queue.deliveries]


def test_an_event_is_delivered_once_by_default(make_event: MakeEvent) -> None:
    seen: list[FirestoreEvent] = []
    event = make_event("created", "users/ana", after={})
    with running() as queue:
        queue.submit(function(seen.append), event)
        queue.wait_idle(5)
        assert outcomes(queue) == [(1, Outcome.OK)]
    assert seen == [event]


def test_a_failure_is_retried_until_it_succeeds(make_event: MakeEvent) -> None:
    calls: list[float] = []

    def handler(_: FirestoreEvent) -> None:
        calls.append(time.monotonic())
        if len(calls) < 3:
            raise ConnectionError("not yet")

    with running() as queue:
        queue.submit(function(handler, retry=True), make_event("created", "users/ana", after={}))
        queue.wait_idle(5)
        assert outcomes(queue) == [(1, Outcome.RETRY), (2, Outcome.RETRY), (3, Outcome.OK)]
    assert calls[1] - calls[0] >= 0.01
    assert calls[2] - calls[1] >= 0.02


def test_a_failure_is_dropped_when_the_function_does_not_retry(make_event: MakeEvent) -> None:
    def handler(_: FirestoreEvent) -> None:
        raise ConnectionError("once is enough")

    with running() as queue:
        queue.submit(function(handler), make_event("created", "users/ana", after={}))
        queue.wait_idle(5)
        (delivery,) = queue.deliveries
    assert (delivery.outcome, repr(delivery.error)) == (Outcome.DROPPED, "ConnectionError('once is enough')")


def test_a_failure_is_dropped_when_the_window_has_passed(make_event: MakeEvent) -> None:
    def handler(_: FirestoreEvent) -> None:
        raise ConnectionError("never")

    with running() as queue:
        queue.submit(function(handler, retry=True), make_event("created", "users/ana", after={}))
        queue.wait_idle(5)
        *earlier, last = (outcome for _, outcome in outcomes(queue))
    assert len(earlier) > 3
    assert set(earlier) == {Outcome.RETRY}
    assert last is Outcome.DROPPED


def test_a_function_that_ends_the_process_ends_only_its_delivery(make_event: MakeEvent) -> None:
    with running(workers=1) as queue:
        event = make_event("created", "users/ana", after={})
        queue.submit(function(lambda _: sys.exit(1)), event)
        queue.submit(function(lambda _: None), event)
        queue.wait_idle(5)
        assert [outcome for _, outcome in outcomes(queue)] == [Outcome.DROPPED, Outcome.OK]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_plan_can_duplicate_and_shuffle(make_event: MakeEvent, seed: int) -> None:
    """Every event comes twice and some overtake others; the same seed gives the same delays."""
    seen: list[str] = []
    with running(plan=repeated(copies=2, within_s=0.1), seed=seed) as queue:
        for n in range(20):
            event = make_event("created", f"users/u{n:02}", after={}, id=f"e{n:02}")
            queue.submit(function(lambda event: seen.append(event.id)), event)
        queue.wait_idle(5)
        copies = Counter((delivery.event_id, delivery.copy) for delivery in queue.deliveries)
    assert set(copies.values()) == {1}
    assert Counter(seen) == {f"e{n:02}": 2 for n in range(20)}
    assert seen != sorted(seen), f"seed {seed} shuffled nothing"


def test_equal_seeds_draw_equal_delays(make_event: MakeEvent) -> None:
    plan, event = repeated(copies=3, within_s=1), make_event("created", "users/ana", after={})
    assert plan(event, seeded(7)) == plan(event, seeded(7)) != plan(event, seeded(8))


def test_waiting_says_what_is_outstanding(make_event: MakeEvent) -> None:
    release = threading.Event()
    slow = function(lambda _: assert_set(release))
    with running(workers=1) as queue:
        for _ in range(3):
            queue.submit(slow, make_event("created", "users/ana", after={}))
        with pytest.raises(NotSettled, match=r"2 deliveries wait and 1 run after 0.1 s: 3x f for users/ana") as caught:
            queue.wait_idle(0.1)
        release.set()
        queue.wait_idle(5)
    assert "retry" in caught.value.hint


def test_a_retry_that_waits_for_its_time_is_outstanding(make_event: MakeEvent) -> None:
    def handler(_: FirestoreEvent) -> None:
        raise ConnectionError

    with running(retry=RetryPolicy()) as queue:
        queue.submit(function(handler, retry=True), make_event("created", "users/ana", after={}))
        with pytest.raises(NotSettled, match=r"f for users/ana, attempt 2"):
            queue.wait_idle(0.3)


def test_discarded_events_are_not_delivered(make_event: MakeEvent) -> None:
    seen: list[FirestoreEvent] = []
    event = make_event("created", "users/ana", after={})
    with running(plan=lambda _event, _rng: (60.0,)) as queue:
        queue.submit(function(seen.append), event)
        queue.discard()
        queue.submit(function(seen.append), event)
        queue.wait_idle(1)
        queue.resume()
        assert queue.deliveries == ()
    assert seen == []


def test_stopping_lets_what_runs_finish_and_names_what_waits(make_event: MakeEvent) -> None:
    started, finished = threading.Event(), threading.Event()

    def handler(_: FirestoreEvent) -> None:
        started.set()
        time.sleep(0.1)
        finished.set()

    with running(workers=1) as queue:
        queue.submit(function(handler), make_event("created", "users/ana", after={}))
        queue.submit(function(handler), make_event("created", "users/ben", after={}))
        assert_set(started)
        assert queue.stop(5) == ["f for users/ben"]
        assert finished.is_set()


def test_what_a_plan_loses_comes_again_whether_the_function_is_retried_or_not(make_event: MakeEvent) -> None:
    calls: list[str] = []
    with running(plan=FaultPlan(lose=0.5), seed=3) as queue:
        for number in range(20):
            event = make_event("created", f"users/{number}", after={})
            queue.submit(function(lambda found: calls.append(found.document)), event)
        queue.wait_idle(10)
        assert sorted(calls) == sorted(f"users/{number}" for number in range(20))
        lost = [each for each in queue.deliveries if each.faults == ("lost",)]
        assert lost
        assert {each.outcome for each in lost} == {Outcome.RETRY}


def test_every_report_has_been_made_when_the_queue_is_idle(make_event: MakeEvent) -> None:
    reports: list[Delivery] = []

    def report(delivery: Delivery) -> None:
        time.sleep(0.05)
        reports.append(delivery)

    queue = DeliveryQueue(
        lambda function, event: function.handler(event),
        plan=promptly,
        retry=SOON,
        rng=seeded(1),
        workers=2,
        report=report,
    )
    queue.start()
    queue.submit(function(lambda _: None), make_event("created", "users/ana", after={}))
    queue.wait_idle(5)
    queue.stop(1)
    assert len(reports) == 1


def assert_set(flag: threading.Event) -> None:
    assert flag.wait(5)
