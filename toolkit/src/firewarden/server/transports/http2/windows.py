"""Flow control of what comes in (RFC 9113, section 5.2): how much the peer may send, and when to allow more."""

from __future__ import annotations


class ReceiveWindow:
    """A window of `size` bytes. More is allowed in large steps, as each costs a frame."""

    __slots__ = ("_left", "_size", "_unreported")

    def __init__(self, size: int) -> None:
        self._size = size
        self._left = size
        self._unreported = 0

    def received(self, size: int) -> bool:
        """Count bytes that came. Returns whether they were allowed."""
        self._left -= size
        return self._left >= 0

    def consumed(self, size: int) -> int:
        """Count bytes that need no room any more. Returns by how much to widen the window now, mostly 0."""
        self._unreported += size
        if self._unreported * 2 < self._size:
            return 0
        increment, self._unreported = self._unreported, 0
        self._left += increment
        return increment
