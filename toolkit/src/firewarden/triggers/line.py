"""Events that wait to be sent: in order, some of them only later, all of them while nobody listens; never too many.

Sends nothing itself. Every method may be called from any thread.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from heapq import heappop, heappush

from firewarden.triggers.registered import DocumentChange, Registration


@dataclass(order=True, slots=True)
class Pending:
    """One event for one function, due at a time of `time.monotonic`; `since` when it first was."""

    due: float
    number: int
    key: str = field(compare=False)
    asked: Registration = field(compare=False)
    change: DocumentChange = field(compare=False)
    event_id: str = field(compare=False)
    since: float = field(compare=False)
    failures: int = field(compare=False, default=0)

    def __str__(self) -> str:
        return f"{self.asked.event_type} of {self.change.path} to {self.key}"


class Line:
    """Gives out one event after the other: the next when the one before is settled, or after `patience_s`.

    At most `events_max` wait, which keep about `bytes_max` in memory.
    """

    def __init__(self, *, events_max: int, bytes_max: int, patience_s: float) -> None:
        self._events_max = events_max
        self._bytes_max = bytes_max
        self._patience_s = patience_s
        self._moved = threading.Condition()
        self._heap: list[Pending] = []
        self._bytes = 0
        self._ahead: Pending | None = None
        self._next_turn = 0.0
        self._closed_until = 0.0
        self._is_stopped = False

    def __len__(self) -> int:
        with self._moved:
            return len(self._heap)

    def put(self, pending: Pending) -> bool:
        """Add an event; False if there is no room for it."""
        with self._moved:
            has_room = len(self._heap) < self._events_max and self._bytes + pending.change.size <= self._bytes_max
            if has_room and not self._is_stopped:
                self._push(pending)
            return has_room

    def take(self) -> Pending | None:
        """The next event, when its time has come; None when the line is stopped."""
        with self._moved:
            while not self._is_stopped:
                now = time.monotonic()
                due = max(self._heap[0].due, self._next_turn, self._closed_until) if self._heap else None
                if due is not None and due <= now:
                    self._ahead = pending = heappop(self._heap)
                    self._bytes -= pending.change.size
                    self._next_turn = now + self._patience_s
                    return pending
                self._moved.wait(None if due is None else due - now)
            return None

    def settled(self, pending: Pending) -> None:
        """An event that was taken is dealt with."""
        with self._moved:
            self._give_way(pending)

    def later(self, pending: Pending, delay_s: float) -> None:
        """An event that was taken comes again; others go on."""
        with self._moved:
            pending.due = time.monotonic() + delay_s
            self._push(pending)
            self._give_way(pending)

    def close(self, pending: Pending, delay_s: float) -> None:
        """An event that was taken goes back to its place, and nobody moves for a while."""
        with self._moved:
            self._closed_until = time.monotonic() + delay_s
            self._push(pending)
            self._give_way(pending)

    def open(self) -> None:
        """Go on at once, if the line was closed."""
        with self._moved:
            self._closed_until = 0.0
            self._moved.notify_all()

    def stop(self) -> int:
        """Give out nothing more; returns how many events are left."""
        with self._moved:
            self._is_stopped = True
            self._moved.notify_all()
            return len(self._heap)

    def _push(self, pending: Pending) -> None:
        heappush(self._heap, pending)
        self._bytes += pending.change.size
        self._moved.notify()

    def _give_way(self, pending: Pending) -> None:
        if self._ahead is pending:
            self._next_turn = 0.0
            self._moved.notify()
