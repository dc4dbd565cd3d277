"""Deliveries waiting, running and done: a queue ordered by time, a few workers, and a log of what happened.

Knows nothing of HTTP: it calls functions with events, as often as plan and retry policy say.
"""

import heapq
import itertools
import threading
import time
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from random import Random

from firewarden.errors import NotSettled
from firewarden.triggers.cloudevents import FirestoreEvent
from firewarden.triggers.faults import FaultPlan
from firewarden.triggers.manifest import Function
from firewarden.triggers.plan import DeliveryPlan
from firewarden.triggers.retry import RetryPolicy

LOG_LENGTH_MAX = 100_000  # deliveries kept for asking; a host that runs for days must not grow
_OUTSTANDING_SHOWN_MAX = 10


class Outcome(StrEnum):
    """How one attempt ended."""

    OK = "ok"
    RETRY = "retry"  # failed, and tried again later
    DROPPED = "dropped"  # failed, and never tried again


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One attempt to deliver one copy of an event to one function; copies and attempts count from 1.

    `faults` tells in words what a fault plan did to it, `at` when it ended, in seconds since the beginning.
    """

    function: str
    event_id: str
    event_type: str
    document: str
    copy: int
    attempt: int
    outcome: Outcome
    elapsed_s: float
    error: BaseException | None = None
    faults: tuple[str, ...] = ()
    at: float = 0.0


@dataclass(frozen=True, slots=True)
class _Task:
    function: Function
    event: FirestoreEvent
    copy: int
    attempt: int = 1
    first_run: float | None = None

    def __str__(self) -> str:
        again = f", attempt {self.attempt}" if self.attempt > 1 else ""
        return f"{self.function.name} for {self.event.document}{again}"


class DeliveryQueue:
    """Delivers what is submitted until it is stopped; every method may be called from any thread."""

    def __init__(
        self,
        call: Callable[[Function, FirestoreEvent], None],
        *,
        plan: DeliveryPlan,
        retry: RetryPolicy,
        rng: Random,
        workers: int,
        report: Callable[[Delivery], None],
    ) -> None:
        self._call = call
        self._plan = plan
        self._lose = plan.lose if isinstance(plan, FaultPlan) else 0.0
        self._began = time.monotonic()
        self._retry = retry
        self._rng = rng
        self._report = report
        self._changed = threading.Condition()
        self._waiting: list[tuple[float, int, _Task]] = []  # a heap by due time
        self._order = itertools.count()
        self._running: list[_Task] = []
        self._log: deque[Delivery] = deque(maxlen=LOG_LENGTH_MAX)
        self._submitted = 0
        self._discarding = False
        self._stopping = False
        self._workers = [
            threading.Thread(target=self._work, name=f"delivery-{index}", daemon=True) for index in range(workers)
        ]

    def start(self) -> None:
        """Begins to deliver."""
        for worker in self._workers:
            worker.start()

    def stop(self, grace_s: float) -> list[str]:
        """What runs may finish within the grace; what waits is not begun. Returns what was left undone."""
        deadline = time.monotonic() + grace_s
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
            while self._running and self._changed.wait(deadline - time.monotonic()):
                pass
            return self._outstanding()

    def submit(self, function: Function, event: FirestoreEvent) -> None:
        """The plan decides how many copies are delivered, and when."""
        with self._changed:
            self._submitted += 1
            if self._discarding:
                return
            for copy, delay_s in enumerate(self._plan(event, self._rng), start=1):
                self._push(_Task(function, event, copy), delay_s)
            self._changed.notify_all()

    @property
    def deliveries(self) -> tuple[Delivery, ...]:
        """Every attempt so far, in the order in which they ended."""
        with self._changed:
            return tuple(self._log)

    @property
    def submitted(self) -> int:
        """How many events have ever arrived, counted once for each function."""
        with self._changed:
            return self._submitted

    def wait_idle(self, timeout_s: float) -> None:
        """Returns when nothing waits, retries included, and nothing runs. Raises NotSettled."""
        deadline = time.monotonic() + timeout_s
        with self._changed:
            while self._waiting or self._running:
                if not self._changed.wait(max(0.0, deadline - time.monotonic())):
                    raise NotSettled(
                        f"{len(self._waiting)} deliveries wait and {len(self._running)} run after "
                        f"{timeout_s:g} s: {_summary(self._outstanding())}",
                        hint="Failed deliveries of functions that retry wait too: see the delivery log, "
                        "or shorten the back-off.",
                    )

    def discard(self) -> None:
        """From now on events are dropped as they come; so is what waits."""
        with self._changed:
            self._discarding = True
            self._waiting.clear()
            self._changed.notify_all()

    def resume(self) -> None:
        """Events are delivered again, and the log begins anew."""
        with self._changed:
            self._discarding = False
            self._log.clear()

    def _outstanding(self) -> list[str]:
        return [str(task) for task in self._running] + [str(task) for _, _, task in sorted(self._waiting)]

    def _push(self, task: _Task, delay_s: float) -> None:
        heapq.heappush(self._waiting, (time.monotonic() + delay_s, next(self._order), task))

    def _work(self) -> None:
        while (task := self._take()) is not None:
            started = time.monotonic()
            error: BaseException | None = None
            with self._changed:  # the generator is everybody's
                is_lost = self._lose > 0 and self._rng.random() < self._lose
            if not is_lost:
                try:
                    self._call(task.function, task.event)
                # A function's failure of any kind, sys.exit() included, is an outcome and never ends a worker.
                except BaseException as failure:  # noqa: BLE001
                    error = failure
            self._finish(task, started, error, is_lost=is_lost)

    def _take(self) -> _Task | None:
        with self._changed:
            while not self._stopping:
                wait_s = self._waiting[0][0] - time.monotonic() if self._waiting else None
                if wait_s is not None and wait_s <= 0:
                    task = heapq.heappop(self._waiting)[2]
                    self._running.append(task)
                    return task
                self._changed.wait(wait_s)
            return None

    def _finish(self, task: _Task, started: float, error: BaseException | None, *, is_lost: bool) -> None:
        now = time.monotonic()
        first_run = started if task.first_run is None else task.first_run
        delay_s = None
        is_retried = task.function.trigger is not None and task.function.trigger.retry
        if is_lost or (error is not None and is_retried):
            delay_s = self._retry.delay_s(task.attempt, age_s=now - first_run)
        delivery = Delivery(
            function=task.function.name,
            event_id=task.event.id,
            event_type=task.event.type,
            document=task.event.document,
            copy=task.copy,
            attempt=task.attempt,
            outcome=_outcome(is_ok=error is None and not is_lost, delay_s=delay_s),
            elapsed_s=now - started,
            error=error,
            faults=("lost",) if is_lost else (),
            at=now - self._began,
        )
        # Reported before it counts as done, so that whoever waits has also seen every report.
        self._report(delivery)
        with self._changed:
            self._running.remove(task)
            self._log.append(delivery)
            if delay_s is not None and not self._discarding:
                self._push(replace(task, attempt=task.attempt + 1, first_run=first_run), delay_s)
            self._changed.notify_all()


def _outcome(*, is_ok: bool, delay_s: float | None) -> Outcome:
    if is_ok:
        return Outcome.OK
    return Outcome.DROPPED if delay_s is None else Outcome.RETRY


def _summary(outstanding: list[str]) -> str:
    counted = [f"{count}x {what}" if count > 1 else what for what, count in Counter(outstanding).items()]
    shown = counted[:_OUTSTANDING_SHOWN_MAX]
    more = len(counted) - len(shown)
    return "; ".join(shown) + (f"; and {more} more" if more else "")
