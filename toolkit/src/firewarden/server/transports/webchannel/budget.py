"""How much all sessions together retain, and who waits until it is less."""

from __future__ import annotations

import asyncio
from collections.abc import Callable


class Budget:
    """`on_full` is called when there is no room, and may make some."""

    __slots__ = ("_limit", "_on_full", "_waiting", "used")

    def __init__(self, limit: int, on_full: Callable[[], None]) -> None:
        self._limit = limit
        self._on_full = on_full
        self._waiting: set[asyncio.Event] = set()
        self.used = 0

    def take(self, size: int) -> None:
        """So many bytes more."""
        self.used += size
        if self.is_full:
            self._on_full()

    def give(self, size: int) -> None:
        """So many bytes less."""
        was_full = self.is_full
        self.used -= size
        if was_full and not self.is_full:
            waiting, self._waiting = self._waiting, set()
            for event in waiting:
                event.set()

    @property
    def is_full(self) -> bool:
        """Whether there is no room."""
        return self.used > self._limit

    def call(self, event: asyncio.Event) -> None:
        """Set the event when there is room again."""
        self._waiting.add(event)

    def forget(self, event: asyncio.Event) -> None:
        """Nobody waits for the event any more."""
        self._waiting.discard(event)
