"""What a client has said: numbered messages, each taken once and in order, however often and in whatever order sent."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence


class Inbox:
    """Numbers go up by one from 0. `waiting` is in bytes."""

    __slots__ = ("_ahead", "_early", "_next", "_ready", "waiting")

    def __init__(self, *, ahead: int) -> None:
        self._ahead = ahead
        self._next = 0
        self._early: dict[int, bytes] = {}
        self._ready: deque[bytes] = deque()
        self.waiting = 0

    def add(self, first: int, messages: Sequence[bytes]) -> None:
        """Messages from number `first` on. Raises `ValueError` if they are too far ahead of those that are to come."""
        if first - self._next > self._ahead:
            raise ValueError(f"ofs={first} is too far ahead: message {self._next} has not come yet")
        for number, message in enumerate(messages, first):
            if number >= self._next and number not in self._early:
                self._early[number] = message
                self.waiting += len(message)
        while self._next in self._early:
            self._ready.append(self._early.pop(self._next))
            self._next += 1

    def take(self) -> bytes | None:
        """The next message; None if it has not come yet."""
        if not self._ready:
            return None
        message = self._ready.popleft()
        self.waiting -= len(message)
        return message

    def clear(self) -> None:
        """Forget what nobody will take."""
        self._early.clear()
        self._ready.clear()
        self.waiting = 0
