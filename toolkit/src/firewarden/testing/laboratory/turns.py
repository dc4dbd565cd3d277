"""Runs that take turns: only one goes on at a time, and at every call to Firestore it is decided which.

Nothing depends on how fast a thread is: the choices alone say what happens, so the same choices make the same schedule.
Whoever has the baton decides who is next and hands it over; the scenario's own thread gets it back when nobody can
go on. Time stands still but for a millisecond at each call, and jumps when everybody waits.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any

from firewarden.errors import NotSettled
from firewarden.server.clock import VirtualClock
from firewarden.server.waiting import WouldBlock
from firewarden.testing.in_process.calls import Call
from firewarden.testing.laboratory.runs import Crashed, Run, Task
from firewarden.testing.laboratory.workers import Baton, Turn, Worker
from firewarden.triggers.choices import Choices

CALL_MICROS = 1_000
"""What a call takes by the clock."""
STEPS_MAX = 50_000
"""Calls in one schedule; more is taken for a loop without an end."""
STALLED_S = 30.0
"""How long a run may go on without a call to Firestore before it is taken for stuck."""
_SHOWN_MAX = 10
_ROUNDING_S = 5e-7
"""The clock shows whole microseconds; what is due between two of them is due."""


class Turns:
    """Executes runs and delivers tasks, all of it by `choices`; `attempt` makes the run of a task that is due."""

    def __init__(
        self,
        choices: Choices,
        clock: VirtualClock,
        *,
        attempt: Callable[[Task], Run | None],
        committed: Callable[[], None],
        due: Callable[[], float | None] = lambda: None,
    ) -> None:
        self.steps: list[tuple[str, Any]] = []
        self._choices = choices
        self._clock = clock
        self._attempt = attempt
        self._committed = committed
        self._due = due
        self._turns: list[Turn] = []  # that are not over, in the order of their start
        self._waiting: list[Task] = []  # in the order of their arrival
        self._current: Turn | None = None
        self._home = Baton()
        self._idle: list[Worker] = []
        self._all: list[Worker] = []
        self._failure: BaseException | None = None
        self._until = 0.0
        self._is_going = self._is_stuck = self._is_closing = False

    # --- What the laboratory asks for ------------------------------------------------------------------------

    def submit(self, task: Task) -> None:
        """Deliver this when it is due."""
        self._waiting.append(task)

    def start(self, run: Run) -> None:
        """Have a run begin."""
        self._turns.append(Turn(run))

    def settle(self, timeout_s: float) -> None:
        """Go on until nothing runs and nothing is on its way; time jumps where everybody waits for it."""
        self._go(until=self._clock.monotonic() + timeout_s)
        if self._turns or self._waiting:
            raise self._not_settled(f"after {timeout_s:g} s of the clock")

    def go_on(self) -> None:
        """Let happen what can happen now, without waiting for anything that is due later."""
        if not self._is_going:
            self._go(until=self._clock.monotonic())

    def due(self) -> float | None:
        """When the next thing happens that waits for its time."""
        now = self._clock.monotonic() + _ROUNDING_S
        times = [each.until for each in self._turns if each.until is not None]
        times += [each.due for each in self._waiting]
        later = self._due()
        return min((each for each in (*times, *(() if later is None else (later,))) if each > now), default=None)

    @property
    def is_running(self) -> bool:
        """Whether the caller is a run."""
        return self._mine() is not None

    def sleep(self, seconds: float) -> None:
        """Let the caller's run pause; of others, the clock."""
        turn = self._mine()
        if turn is None:
            self._clock.advance(seconds=seconds)
            return
        turn.until = self._clock.monotonic() + seconds
        self._pass_on(turn)
        self._require_alive(turn)

    def around(self, call: Call, timeout: float | None) -> Sequence[bytes]:
        """Makes a call of a run; others take their turns before it."""
        turn = self._mine()
        if turn is None:
            return call.made(timeout)
        self._require_alive(turn)
        self._pass_on(turn)
        self._require_alive(turn)
        self.steps.append((turn.run.name, call.request))
        if len(self.steps) > STEPS_MAX:
            raise self._fail(turn, self._not_settled(f"after {STEPS_MAX} calls"))
        self._clock.tick(CALL_MICROS)
        dies_after = turn.run.before(call, self._choices)
        answer = self._answer(turn, call)
        turn.run.answered(call, answer)
        self._check(turn)
        if dies_after:
            turn.run.die(f"crashed after write {turn.run.writes}", call, self._choices)
        return answer

    def close(self) -> None:
        """End whatever runs: to the runs it is a crash."""
        self._is_closing = True
        self._waiting.clear()
        for turn in list(self._turns):
            turn.run.is_dead = True
            if turn.worker is not None and not self._is_stuck:
                self._hand(turn)
                self._home.wait(timeout=STALLED_S)
        self._turns.clear()
        for worker in self._all:
            worker.turn = None
            worker.baton.hand()

    # --- The baton -------------------------------------------------------------------------------------------

    def _go(self, *, until: float) -> None:
        """Called in the scenario's thread: returns when nobody can go on before that time."""
        self._until, self._is_going = until, True
        try:
            first = self._next(None)
            if first is not None:
                self._hand(first)
                self._await_home()
        finally:
            self._is_going = False
        if self._failure is not None:
            failure, self._failure = self._failure, None
            raise failure

    def _await_home(self) -> None:
        seen = -1
        while not self._home.wait(timeout=STALLED_S):
            if len(self.steps) == seen and self._current is not None:
                self._is_stuck = True
                raise NotSettled(
                    f"{self._current.run.name} has not called Firestore for {STALLED_S:g} s, and nobody else can go on."
                    f"\n{self._current.stack()}",
                    hint="A run must not wait for another one by itself, such as with a lock or in a queue.",
                )
            seen = len(self.steps)

    def _next(self, me: Turn | None) -> Turn | None:
        """Who goes on: the choice 0 is whoever did, else the one that has waited longest, else the next delivery."""
        while True:
            if self._failure is not None or self._is_closing:
                return None
            now = self._clock.monotonic() + _ROUNDING_S
            able = [each for each in self._turns if each.can_go_on(now)]
            if me is not None and me in able:
                able.remove(me)
                able.insert(0, me)
            offers = self._offers(now)
            if able or offers:
                chosen = self._choices.pick(len(able) + len(offers))
                if chosen < len(able):
                    return able[chosen]
                self._deliver(offers[chosen - len(able)])
                continue
            waits = [each.until for each in self._turns if each.until is not None]
            next_time = min((*waits, *(each.due for each in self._waiting)), default=None)
            if next_time is None or next_time > self._until:
                return None
            self._clock.reach(next_time)

    def _offers(self, now: float) -> list[Task]:
        """The deliveries that may begin: the first one in order, and those that are held back and may change places."""
        due = [each for each in self._waiting if each.due <= now]
        first = next((each for each in due if not each.is_held), None)
        return [each for each in due if each.is_held or each is first]

    def _deliver(self, task: Task) -> None:
        self._waiting.remove(task)
        run = self._attempt(task)
        if run is not None:
            self.start(run)

    def _pass_on(self, me: Turn) -> None:
        """Let somebody go on, and return when it is this run's turn again."""
        chosen = self._next(me)
        if chosen is me:
            me.until = me.blocked = None
            return
        worker = me.worker
        assert worker is not None  # noqa: S101 - INVARIANT: it has begun
        self._hand_or_home(chosen)
        worker.baton.wait()
        me.until = me.blocked = None

    def _hand_or_home(self, turn: Turn | None) -> None:
        if turn is None:
            self._current = None
            self._home.hand()
        else:
            self._hand(turn)

    def _hand(self, turn: Turn) -> None:
        self._current = turn
        if turn.worker is None:
            turn.worker = self._idle.pop() if self._idle else self._hired()
            turn.worker.turn = turn
        turn.worker.baton.hand()

    def _hired(self) -> Worker:
        worker = Worker()
        self._all.append(worker)
        name = f"firewarden-run-{len(self._all)}"
        threading.Thread(target=self._execute, args=(worker,), name=name, daemon=True).start()
        return worker

    def _execute(self, worker: Worker) -> None:
        worker.ident = threading.get_ident()
        while True:
            worker.baton.wait()
            turn, worker.turn = worker.turn, None
            if turn is None:
                return
            try:
                if not turn.run.is_dead:
                    turn.run.work()
            except Crashed:
                pass
            except BaseException as failure:  # noqa: BLE001 - told to whoever waits, in the scenario's thread
                self._failure = self._failure or failure
            if self._is_stuck:  # the scenario has given up long ago
                return
            self._turns.remove(turn)
            self._idle.append(worker)
            self._hand_or_home(self._next(None))

    # --- One call --------------------------------------------------------------------------------------------

    def _mine(self) -> Turn | None:
        current = self._current
        is_mine = current is not None and current.worker is not None and current.worker.ident == threading.get_ident()
        return current if is_mine else None

    def _answer(self, turn: Turn, call: Call) -> Sequence[bytes]:
        while True:
            try:
                return call.asked()
            except WouldBlock as blocked:
                turn.until, turn.blocked = self._clock.monotonic() + blocked.seconds, blocked
                self._pass_on(turn)
                self._require_alive(turn)

    def _require_alive(self, turn: Turn) -> None:
        if turn.run.is_dead or self._is_closing:
            turn.run.is_dead = True
            raise Crashed(turn.run.name)

    def _check(self, turn: Turn) -> None:
        """What is to hold after every commit is looked at in nobody's name."""
        self._current = None
        try:
            self._committed()
        except BaseException as failure:  # noqa: BLE001 - raised again in the scenario's thread
            raise self._fail(turn, failure) from None
        finally:
            self._current = turn

    def _fail(self, turn: Turn, failure: BaseException) -> Crashed:
        """The schedule is over; whoever has the baton dies of it."""
        turn.run.is_dead = True
        self._failure = self._failure or failure
        return Crashed("the schedule has failed")

    def _not_settled(self, when: str) -> NotSettled:
        waiting = [f"{each.run.name} is running" for each in self._turns]
        waiting += [f"{each} waits until {each.due:.1f} s" for each in self._waiting]
        more = f"; and {len(waiting) - _SHOWN_MAX} more" if len(waiting) > _SHOWN_MAX else ""
        return NotSettled(
            f"{len(self._turns)} runs and {len(self._waiting)} deliveries are not over {when}: "
            f"{'; '.join(waiting[:_SHOWN_MAX])}{more}",
            hint="Deliveries that fail again and again are retried for 24 hours: the log says of what.",
        )
