"""How far back reads may go, and what is now."""

from __future__ import annotations

from dataclasses import dataclass

from firewarden.firestore.status import failed_precondition


@dataclass(slots=True)
class Window:
    """The point-in-time window of a store: it ends at the latest time known. Nanoseconds since 1970."""

    length: int
    latest: int = 0

    def reach(self, time: int) -> None:
        """Let the window end at a time, unless it does so later already."""
        self.latest = max(self.latest, time)

    @property
    def start(self) -> int:
        """The earliest time that can be read."""
        return self.latest - self.length


@dataclass(slots=True)
class Present:
    """Where a database stands: the time of its last commit, and of its last clearing."""

    window: Window
    last_version: int
    cleared: int

    def require(self, time: int) -> None:
        """Refuse a time that nothing is known of any more."""
        if time < max(self.window.start, self.cleared):
            raise failed_precondition("The requested snapshot version is too old.")
