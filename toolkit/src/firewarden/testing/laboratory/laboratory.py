"""The laboratory: functions beside the database that starts them, in one process, with faults to order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack
from datetime import datetime
from itertools import count
from random import Random
from typing import Any, Self

from firewarden.server.clock import VirtualClock
from firewarden.server.database import Committed
from firewarden.server.events import DocumentEvent, document_events
from firewarden.testing.in_process import Firestore
from firewarden.testing.laboratory.calling import default_app, deliver, run_scheduled, scheduled_delivery
from firewarden.testing.laboratory.randomness import seeded
from firewarden.testing.laboratory.runs import Crashed, Driver, Run, Task, described
from firewarden.testing.laboratory.scheduler import Scheduler
from firewarden.testing.laboratory.threads import Threads
from firewarden.testing.laboratory.turns import Turns
from firewarden.triggers import Delivery, FirestoreEvent, Function, Kind, Manifest, Outcome, RetryPolicy, event
from firewarden.triggers.choices import Choices
from firewarden.triggers.faults import FaultPlan, copies
from firewarden.triggers.log import DeliveryLog
from firewarden.triggers.matching import wanted_types

SETTLE_S = 25 * 3600.0
"""By the clock: longer than a delivery is retried."""


class Laboratory:
    """Functions of a manifest, started by every change of a `Firestore`; what becomes of deliveries, a plan decides.

    Without `threads` runs take turns: at every call to Firestore the seed decides who goes on, so that the same seed is
    the same schedule, to the last call. The database then needs a virtual clock. With `threads` so many run at once, as
    they come. Use it in a `with` block; inside, stock clients of this process lead to the database.
    """

    def __init__(
        self,
        firestore: Firestore,
        functions: Manifest | Iterable[Function],
        *,
        plan: FaultPlan | None = None,
        seed: int = 0,
        retry: RetryPolicy | None = None,
        threads: int = 0,
        choices: Choices | None = None,
    ) -> None:
        self.firestore = firestore
        self.plan = plan or FaultPlan()
        self.choices = choices or Choices(seed)
        self.functions = tuple(functions.functions if isinstance(functions, Manifest) else functions)
        self._triggered = [
            (each, each.trigger) for each in self.functions if each.kind is Kind.FIRESTORE and each.trigger is not None
        ]
        self._retry = retry or RetryPolicy()
        self._log: list[Delivery] = []
        self._checks: list[Callable[[], None]] = []
        self._commits = self._checked = 0
        self._events = count(1)
        self._names: dict[str, int] = {}
        self._stack = ExitStack()
        self._driver: Driver
        clock = firestore.clock
        self._turns: Turns | None = None
        self._scheduler: Scheduler | None = None
        if clock is not None:
            self._scheduler = Scheduler(self.functions, clock.now())
        if threads:
            self._driver = Threads(threads, self.choices, clock, attempt=self._attempted, committed=self._check)
        else:
            if clock is None:
                raise ValueError("runs take turns by a virtual clock: Firestore(clock=VirtualClock()), or give threads")
            self._driver = self._turns = Turns(
                self.choices, clock, attempt=self._attempted, committed=self._check, due=self._scheduled_at
            )

    def __enter__(self) -> Self:
        """Functions are started from here on."""
        firestore, stack = self.firestore, self._stack
        stack.enter_context(firestore.standing_in())
        stack.enter_context(default_app())
        if self._turns is not None:
            stack.enter_context(seeded(Random(self.choices.seed)))  # noqa: S311 - schedules, not secrets
        stack.enter_context(firestore.telling(self._told))
        stack.enter_context(firestore.around(self._driver.around))
        stack.callback(self._driver.close)
        if firestore.clock is not None:
            firestore.clock.follow(self)
            stack.callback(firestore.clock.leave, self)
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    # --- What a scenario asks for ----------------------------------------------------------------------------

    @property
    def clock(self) -> VirtualClock:
        """The database's clock. `clock.now` is what functions under test are to go by."""
        if self.firestore.clock is None:
            raise ValueError("this database goes by the system's clock")
        return self.firestore.clock

    @property
    def log(self) -> DeliveryLog:
        """Every attempt so far."""
        return DeliveryLog(self._log)

    @property
    def steps(self) -> list[str]:
        """Every call to Firestore so far, by whom and about what; of runs that take turns."""
        steps = [] if self._turns is None else self._turns.steps
        return [f"{number:5}  {name:<44} {described(request)}" for number, (name, request) in enumerate(steps, start=1)]

    @property
    def calls(self) -> int:
        """How many calls to Firestore runs that take turns have made."""
        return 0 if self._turns is None else len(self._turns.steps)

    def start(self, name: str, work: Callable[[], object], *, crash: float = 0.0) -> None:
        """Has a client do something, at the same time as others. What it raises, `settle` raises.

        With `crash`, the probability at each of its writes, it may die there, which is the end of it.
        """

        def whole() -> None:
            work()

        self._driver.start(Run(name, whole, crash, self.plan.orphan))

    def run(self, function: str) -> None:
        """Has a scheduled function run now, at the same time as others."""
        found = next(each for each in self.functions if each.name == function and each.kind is Kind.SCHEDULE)
        self._start_scheduled(found, self.clock.now())

    def settle(self, timeout_s: float = SETTLE_S) -> None:
        """Returns when nobody runs and nothing is on its way, retries included. Raises NotSettled with what is.

        Time jumps to what is due next where the clock is virtual, by `timeout_s` at most; else it is waited for.
        """
        self._driver.settle(timeout_s)
        self._check()

    def sleep(self, seconds: float) -> None:
        """Lets the caller pause by the clock: what code under test is given in place of `time.sleep`."""
        self._driver.sleep(seconds)

    def always(self, check: Callable[[], None]) -> None:
        """Has `check` called after every commit; what it raises ends the schedule. Reading with `stored` is cheap."""
        self._checks.append(check)

    def stored(self, path: str) -> Mapping[str, Any] | None:
        """A document as it is now, without asking for it as a client would; None if there is none."""
        return self.firestore.stored(path)

    def stored_in(self, collection: str) -> dict[str, Mapping[str, Any]]:
        """The documents of a collection by id, in order."""
        return self.firestore.stored_in(collection)

    # --- Deliveries ------------------------------------------------------------------------------------------

    def _told(self, committed: Committed) -> None:
        self._commits += 1
        for change in document_events(committed):
            self._offer(change)

    def _offer(self, change: DocumentEvent) -> None:
        number = next(self._events)
        types = wanted_types(change)
        data: bytes | None = None
        for function, trigger in self._triggered:
            if trigger.event_type not in types or trigger.database != change.database:
                continue
            if trigger.document.match(change.path) is None:
                continue
            data = change.data() if data is None else data
            found = event(
                id=f"event-{number}",
                type=trigger.event_type,
                project=change.project,
                database=change.database,
                document=change.path,
                data=data,
                time=change.time,
                auth=change.auth if trigger.event_type.endswith(".withAuthContext") else None,
            )
            self._submit(function, found)

    def _submit(self, function: Function, found: FirestoreEvent) -> None:
        for number, copy in enumerate(copies(self.plan, self.choices), start=1):
            faults = []
            if number > 1:
                faults.append("duplicate")
            if copy.is_held:
                faults.append("may be overtaken")
            if copy.delay_s:
                faults.append(f"{copy.delay_s:.0f} s late")
            due = self._seconds() + copy.delay_s
            self._driver.submit(Task(function, found, number, due, copy.is_held, faults=tuple(faults)))

    def _attempted(self, task: Task) -> Run | None:
        """The run of an attempt; None if that is lost."""
        if self.choices.happens(self.plan.lose):
            self._finish(task, None, ("lost",), self._seconds(), is_lost=True)
            return None
        name = f"{task.function.name} {task.event.document}"
        self._names[name] = number = self._names.get(name, 0) + 1
        run = Run(f"{name} #{number}", lambda: self._execute(task, run), self.plan.crash, self.plan.orphan)
        return run

    def _execute(self, task: Task, run: Run) -> None:
        started = self._seconds()
        error: BaseException | None = None
        try:
            deliver(task.function, task.event)
        except Crashed:
            if not run.faults:  # everything ends
                raise
        # A function's failure of any kind, sys.exit() included, is an outcome.
        except BaseException as failure:  # noqa: BLE001
            error = failure
        self._finish(task, error, tuple(run.faults), started)

    def _finish(
        self, task: Task, error: BaseException | None, faults: tuple[str, ...], started: float, *, is_lost: bool = False
    ) -> None:
        now = self._seconds()
        first_run = started if task.first_run is None else task.first_run
        is_ok = error is None and not faults
        is_retried = is_lost or (task.function.trigger is not None and task.function.trigger.retry)
        delay_s = None if is_ok or not is_retried else self._retry.delay_s(task.attempt, age_s=now - first_run)
        self._log.append(
            Delivery(
                function=task.function.name,
                event_id=task.event.id,
                event_type=task.event.type,
                document=task.event.document,
                copy=task.copy,
                attempt=task.attempt,
                outcome=Outcome.OK if is_ok else Outcome.DROPPED if delay_s is None else Outcome.RETRY,
                elapsed_s=now - started,
                error=error,
                faults=(*task.faults, *faults),
                at=now,
            )
        )
        if delay_s is not None:
            again = Task(task.function, task.event, task.copy, now + delay_s, attempt=task.attempt + 1)
            again.first_run = first_run
            self._driver.submit(again)

    # --- Time ------------------------------------------------------------------------------------------------

    def due(self) -> float | None:
        """When the next thing happens that waits for its time."""
        return None if self._turns is None else self._turns.due()

    def moved(self) -> None:
        """Scheduled functions that are due are started; what can happen now does."""
        if self._scheduler is not None:
            for function, at in self._scheduler.due(self.clock.now()):
                self._start_scheduled(function, at)
        if self._turns is not None:
            self._turns.go_on()

    def _scheduled_at(self) -> float | None:
        at = None if self._scheduler is None else self._scheduler.next_time()
        return None if at is None else self._seconds() + (at - self.clock.now()).total_seconds()

    def _start_scheduled(self, function: Function, at: datetime) -> None:
        def work() -> None:
            started, error = self._seconds(), None
            try:
                run_scheduled(function, at)
            except Crashed:
                if not run.faults:  # everything ends
                    raise
            except BaseException as failure:  # noqa: BLE001 - an outcome, as of deliveries
                error = failure
            self._log.append(scheduled_delivery(function, error, tuple(run.faults), started, self._seconds()))

        run = Run(f"{function.name} at {at:%H:%M}", work, self.plan.crash, self.plan.orphan)
        self._driver.start(run)

    def _seconds(self) -> float:
        return self.firestore.seconds()

    def _check(self) -> None:
        if self._checked != self._commits:
            self._checked = self._commits
            for check in self._checks:
                check()
