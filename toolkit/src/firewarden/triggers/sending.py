"""The sending end of triggers: a local Firestore tells a functions host of the documents that changed.

One POST for each function that asked, in the order of the commits: each when the one before was answered, or when
that takes too long. What fails comes again later, and may then come late or twice, as in production. Which requests
go wrong on purpose is `plan`'s matter, at the receiving end.
"""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable
from itertools import count

from firewarden.triggers.line import Line, Pending
from firewarden.triggers.outgoing import outgoing
from firewarden.triggers.posting import Ending, post
from firewarden.triggers.registered import DocumentChange, Registered, Registration, pattern_of
from firewarden.triggers.retry import RetryPolicy

SOON = RetryPolicy(first_delay_s=1.0, max_delay_s=60.0)
"""Production's schedule, shortened for a machine where functions are started anew all the time."""
EVENTS_MAX = 10_000
BYTES_MAX = 64 << 20
"""What waits at most; further events are dropped, and that is told."""
PATIENCE_S = 2.0
"""How long an answer holds up the next event: hosts that acknowledge at once get their events in order."""
_AT_ONCE_MAX = 8


class Sender:
    """Keeps which functions want which events, and sends them to `functions` (`host:port`).

    `changed` returns at once, whatever becomes of the events. `as_base64` is how firebase-tools' functions emulator
    reads protocol buffers. `report` is told what goes wrong, in whatever thread.
    """

    def __init__(
        self,
        functions: str,
        *,
        as_base64: bool = False,
        retry: RetryPolicy = SOON,
        report: Callable[[str], None] = lambda _: None,
        events_max: int = EVENTS_MAX,
        bytes_max: int = BYTES_MAX,
        patience_s: float = PATIENCE_S,
    ) -> None:
        self._functions = functions
        self._as_base64 = as_base64
        self._retry = retry
        self._report = report
        self._registered = Registered()
        self._line = Line(events_max=events_max, bytes_max=bytes_max, patience_s=patience_s)
        self._numbers = count()
        self._guard = threading.Lock()
        self._threads = self._busy = 0
        self._is_dropping = False
        self._times_away = 0
        self._not_served: set[tuple[str, str]] = set()

    def register(
        self, project: str, key: str, *, event_type: str, document: str, database: str, is_exact: bool = False
    ) -> None:
        """From now on events of this type on documents that match go to this function."""
        pattern = pattern_of(event_type, document, is_exact=is_exact)
        self._registered.put(project, key, Registration(event_type, pattern, database))
        with self._guard:
            self._not_served.discard((project, key))
        self._line.open()  # whoever registers functions is about to serve them

    def changed(self, change: DocumentChange) -> None:
        """Have every function that wants it told of a change."""
        event_id = str(uuid.uuid4())  # the change's own, whoever is told: functions know copies by it
        for key, asked in self._registered.wanting(change):
            now = time.monotonic()
            self._put(Pending(now, next(self._numbers), key, asked, change, event_id, now))

    @property
    def outstanding(self) -> int:
        """How many events wait to be sent."""
        return len(self._line)

    def stop(self) -> None:
        """Send nothing more, and wait for nobody; how many events are lost is told."""
        left = self._line.stop()
        if left:
            self._report(f"events not delivered to {self._functions}: {left}")

    def _put(self, pending: Pending) -> None:
        has_room = self._line.put(pending)
        with self._guard:
            is_news, self._is_dropping = self._is_dropping == has_room, not has_room
            if has_room:
                self._hire()
        if is_news and not has_room:
            waits = f"{len(self._line)} events wait for {self._functions}"
            self._report(f"{waits}: {pending} is dropped, and so are others while there is no room")

    def _hire(self) -> None:
        """Have somebody take the next event while all others wait for answers."""
        if self._busy == self._threads < _AT_ONCE_MAX:
            self._threads += 1
            threading.Thread(target=self._work, name=f"firewarden-events-{self._threads}", daemon=True).start()

    def _work(self) -> None:
        while (pending := self._line.take()) is not None:
            with self._guard:
                self._busy += 1
                self._hire()
            ending, problem = self._attempt(pending)
            with self._guard:
                self._busy -= 1
            self._settle(pending, ending, problem)

    def _attempt(self, pending: Pending) -> tuple[Ending, str]:
        try:
            request = outgoing(pending.key, pending.asked, pending.change, pending.event_id, as_base64=self._as_base64)
            return post(self._functions, request)
        except Exception as fault:  # noqa: BLE001 - one event that cannot be made must not hold up all others
            return Ending.REFUSED, repr(fault)

    def _settle(self, pending: Pending, ending: Ending, problem: str) -> None:
        if ending is Ending.AWAY:
            self._wait_for_somebody(pending, problem)
            return
        self._somebody_answers()
        if ending is Ending.FAILED:
            self._again(pending, problem)
            return
        if ending is Ending.NOT_SERVED:
            self._tell_once(pending)
        elif ending is Ending.REFUSED:
            self._report(f"{pending}: {problem}; given up")
        self._line.settled(pending)

    def _again(self, pending: Pending, problem: str) -> None:
        pending.failures += 1
        delay_s = self._retry.delay_s(pending.failures, age_s=time.monotonic() - pending.since)
        if delay_s is None:
            self._report(f"{pending}: {problem}; given up")
            self._line.settled(pending)
            return
        self._report(f"{pending}: {problem}; again in {delay_s:g} s")
        self._line.later(pending, delay_s)

    def _wait_for_somebody(self, pending: Pending, problem: str) -> None:
        with self._guard:
            self._times_away += 1
            times = self._times_away
        delay_s = self._retry.delay_s(times, age_s=time.monotonic() - pending.since)
        if delay_s is None:
            self._report(f"{pending}: nobody listens at {self._functions}; given up")
            self._line.settled(pending)
            return
        if times == 1:
            self._report(f"nobody listens at {self._functions} ({problem}): events wait until somebody does")
        self._line.close(pending, delay_s)

    def _somebody_answers(self) -> None:
        with self._guard:
            was_away, self._times_away = self._times_away > 0, 0
        if was_away:
            self._report(f"{self._functions} answers: events are sent again, {len(self._line)} wait")

    def _tell_once(self, pending: Pending) -> None:
        """A function that is not there wants no events; sending them again would change nothing."""
        known = (pending.change.project, pending.key)
        with self._guard:
            is_news = known not in self._not_served
            self._not_served.add(known)
        if is_news:
            self._report(f"{self._functions} serves no function {pending.key}: its events are dropped")
