"""What goes on by turns: threads that wait for a baton, and the runs that they execute."""

from __future__ import annotations

import sys
import threading
import traceback
from dataclasses import dataclass, field

from firewarden.server.waiting import WouldBlock
from firewarden.testing.laboratory.runs import Run


class Baton:
    """Whoever holds it may go on; made without."""

    __slots__ = ("_lock", "wait")

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._lock.acquire()
        self.wait = self._lock.acquire

    def hand(self) -> None:
        """Let whoever waits for it go on."""
        self._lock.release()


@dataclass(slots=True, eq=False)
class Worker:
    """A thread that executes runs, one after the other."""

    baton: Baton = field(default_factory=Baton)
    turn: Turn | None = None
    ident: int = 0


@dataclass(slots=True, eq=False)
class Turn:
    """A run and where it stands: not begun without a worker, waiting with `until`."""

    run: Run
    worker: Worker | None = None
    until: float | None = None
    blocked: WouldBlock | None = None

    def can_go_on(self, now: float) -> bool:
        """Whether there is nothing to wait for."""
        return self.until is None or now >= self.until or (self.blocked is not None and self.blocked.is_over)

    def stack(self) -> str:
        """Where the run is just now, as a traceback has it."""
        frame = None if self.worker is None else sys._current_frames().get(self.worker.ident)  # noqa: SLF001 - the only way
        return "" if frame is None else "".join(traceback.format_stack(frame)).rstrip()
