"""Runs that go on at once, as they come, in threads: what happens between two calls is up to the machine."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence

from firewarden.errors import NotSettled
from firewarden.server.clock import VirtualClock
from firewarden.testing.in_process.calls import Call
from firewarden.testing.laboratory.runs import Crashed, Run, Task
from firewarden.triggers.choices import Choices
from firewarden.triggers.faults import HELD_BACK_S_MAX

_GRACE_S = 5.0
_SHOWN_MAX = 10


class Threads:
    """Executes runs and delivers tasks with so many threads at once; `attempt` makes the run of a task that is due."""

    def __init__(
        self,
        number: int,
        choices: Choices,
        clock: VirtualClock | None,
        *,
        attempt: Callable[[Task], Run | None],
        committed: Callable[[], None],
    ) -> None:
        self._choices = choices
        self._clock = clock
        self._attempt = attempt
        self._committed = committed
        self._changed = threading.Condition()
        self._begun: list[Run] = []
        self._waiting: list[Task] = []
        self._running: dict[int, Run] = {}
        self._failure: BaseException | None = None
        self._is_closing = False
        for index in range(number):
            threading.Thread(target=self._work, name=f"firewarden-run-{index}", daemon=True).start()

    def submit(self, task: Task) -> None:
        """Deliver this when it is due; what others may overtake waits a moment longer."""
        with self._changed:
            if task.is_held:
                task.due += self._choices.fraction() * HELD_BACK_S_MAX
            self._waiting.append(task)
            self._changed.notify_all()

    def start(self, run: Run) -> None:
        """Have a run begin as soon as a thread is free."""
        with self._changed:
            self._begun.append(run)
            self._changed.notify_all()

    def settle(self, timeout_s: float) -> None:
        """Wait until nothing runs and nothing is on its way; a virtual clock jumps to what is due next."""
        end = self._seconds() + timeout_s
        with self._changed:
            while self._failure is None and (self._begun or self._running or self._waiting):
                left = end - self._seconds()
                if left <= 0 or (not self._jump(end) and not self._changed.wait(left if self._clock is None else None)):
                    raise self._not_settled(timeout_s)
            failure, self._failure = self._failure, None
        if failure is not None:
            raise failure

    def sleep(self, seconds: float) -> None:
        """Let the caller pause: by the system's clock, or as long as the virtual one needs."""
        if self._clock is None:
            time.sleep(seconds)
            return
        end = self._seconds() + seconds
        with self._changed:
            while self._seconds() < end and not self._is_closing:
                self._clock.tick(1_000)
                self._changed.wait(0.001)

    def around(self, call: Call, timeout: float | None) -> Sequence[bytes]:
        """Makes a call; a run may die before or after it."""
        run = self._running.get(threading.get_ident())
        if run is None:
            return call.made(timeout)
        with self._changed:
            dies_after = run.before(call, self._choices)
        answer = call.made(timeout)
        run.answered(call, answer)
        with self._changed:
            self._look()
            if dies_after:
                run.die(f"crashed after write {run.writes}", call, self._choices)
        return answer

    def close(self) -> None:
        """Begin nothing more, and wait a moment for what runs."""
        with self._changed:
            self._is_closing = True
            self._begun.clear()
            self._waiting.clear()
            for each in self._running.values():
                each.is_dead = True
            self._changed.notify_all()
            self._changed.wait_for(lambda: not self._running, _GRACE_S)

    def _jump(self, end: float) -> bool:
        """Whether time went on, which it does when everybody waits for it."""
        if self._clock is None or self._begun or self._running or not self._waiting:
            return False
        due = min(each.due for each in self._waiting)
        if due <= self._seconds() or due > end:
            return False
        self._clock.reach(due)
        self._changed.notify_all()
        return True

    def _work(self) -> None:
        while (run := self._take()) is not None:
            try:
                run.work()
            except Crashed:
                pass
            except BaseException as failure:  # noqa: BLE001 - told to whoever waits
                self._failure = self._failure or failure
            with self._changed:
                del self._running[threading.get_ident()]
                self._changed.notify_all()

    def _take(self) -> Run | None:
        with self._changed:
            while not self._is_closing:
                run = self._next()
                if run is not None:
                    self._running[threading.get_ident()] = run
                    return run
                wait_s = None
                if self._clock is None and self._waiting:
                    wait_s = max(0.0, min(each.due for each in self._waiting) - self._seconds())
                self._changed.wait(wait_s)
            return None

    def _next(self) -> Run | None:
        if self._begun:
            return self._begun.pop(0)
        now = self._seconds()
        due = next((each for each in self._waiting if each.due <= now), None)
        if due is None:
            return None
        self._waiting.remove(due)
        run = self._attempt(due)
        if run is None:
            self._changed.notify_all()
        return run

    def _look(self) -> None:
        try:
            self._committed()
        except BaseException as failure:  # noqa: BLE001 - told to whoever waits
            self._failure = self._failure or failure
            self._changed.notify_all()

    def _seconds(self) -> float:
        return time.monotonic() if self._clock is None else self._clock.monotonic()

    def _not_settled(self, timeout_s: float) -> NotSettled:
        left = [f"{each.name} is running" for each in (*self._running.values(), *self._begun)]
        left += [f"{each} waits until {each.due:.1f} s" for each in self._waiting]
        return NotSettled(
            f"{len(left)} runs and deliveries are not over after {timeout_s:g} s: {'; '.join(left[:_SHOWN_MAX])}",
            hint="Deliveries that fail again and again are retried for 24 hours: the log says of what.",
        )
