"""The stand-in's clock: it follows another one and can be moved ahead of it."""

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime


class Clock:
    """Time never goes back, and moves ahead of what it follows when told to.

    ``Clock()`` follows the system's time; ``Clock.standing(at)`` stands still until it is moved.
    """

    def __init__(self, follows: Callable[[], float] = time.time) -> None:
        self._follows = follows
        self._ahead_s = 0.0
        self._lock = threading.Lock()

    @classmethod
    def standing(cls, at: datetime | float) -> "Clock":
        """It stands at this moment until it is moved."""
        seconds = at.timestamp() if isinstance(at, datetime) else float(at)
        return cls(lambda: seconds)

    def seconds(self) -> float:
        """Seconds since 1970."""
        return self._follows() + self._ahead_s

    def utc(self) -> datetime:
        """The same moment, as the functions' runtime wants it."""
        return datetime.fromtimestamp(self.seconds(), UTC)

    def advance(self, seconds: float) -> None:
        """What is due on the way happens at its own moment, before anything else is answered."""
        if seconds < 0:
            raise ValueError(f"time does not go back: {seconds}")
        with self._lock:
            self._ahead_s += seconds
