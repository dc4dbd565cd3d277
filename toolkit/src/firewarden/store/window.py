"""How far back reads may go, and what is now."""

from __future__ import annotations

from firewarden.firestore.status import failed_precondition


class Window:
    """The point-in-time window of a store: it ends at the latest time known. Nanoseconds since 1970."""

    __slots__ = ("latest", "length")

    def __init__(self, length: int) -> None:
        self.length = length
        self.latest = 0

    def reach(self, time: int) -> None:
        """Let the window end at a time, unless it does so later already."""
        self.latest = max(self.latest, time)

    @property
    def start(self) -> int:
        """The earliest time that can be read."""
        return self.latest - self.length


class Present:
    """Where a database stands: the time of its last commit, and of its last clearing."""

    __slots__ = ("cleared", "last_version", "window")

    def __init__(self, window: Window, last_version: int, cleared: int) -> None:
        self.window = window
        self.last_version = last_version
        self.cleared = cleared

    def require(self, time: int) -> None:
        """Refuse a time that nothing is known of any more."""
        if time < max(self.window.start, self.cleared):
            raise failed_precondition("The requested snapshot version is too old.")
