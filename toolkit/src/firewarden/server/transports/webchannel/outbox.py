"""What a session has to say: numbered arrays, kept until the client says that it has them."""

from __future__ import annotations

from collections import deque
from itertools import islice

from firewarden.server.transports.webchannel.framing import Text, array


class Outbox:
    """Numbers go up by one from 1."""

    __slots__ = ("_arrays", "_first", "last", "outstanding", "retained", "sent")

    def __init__(self) -> None:
        self._arrays: deque[Text] = deque()
        self._first = 1
        self.last = 0
        """The last one that there is."""
        self.sent = 0
        """The last one that was sent."""
        self.retained = 0
        """In bytes."""
        self.outstanding = 0
        """What was sent of them."""

    def add(self, payload: str) -> int:
        """One more array; returns how many bytes it takes."""
        self.last += 1
        added = array(self.last, payload)
        self._arrays.append(added)
        self.retained += len(added.data)
        return len(added.data)

    def acknowledge(self, number: int) -> int:
        """The client has all up to `number`, which was sent. Returns how many bytes that frees."""
        freed = 0
        while self._first <= number:
            freed += len(self._arrays.popleft().data)
            self._first += 1
        self.outstanding -= freed
        self.retained -= freed
        return freed

    def send(self, after: int, size: int) -> tuple[list[Text], int]:
        """Arrays behind number `after`, one if there is any, more up to `size` bytes, and the number of the last."""
        found, total = [], 0
        start = max(after + 1, self._first)
        for each in islice(self._arrays, start - self._first, None):
            found.append(each)
            total += len(each.data)
            if total >= size:
                break
        last = start + len(found) - 1
        if last > self.sent:
            self.outstanding += sum(len(each.data) for each in found[self.sent - last :])
            self.sent = last
        return found, last

    def clear(self) -> int:
        """Forget everything. Returns how many bytes that frees."""
        freed, self.retained, self.outstanding = self.retained, 0, 0
        self._arrays.clear()
        self._first = self.last + 1
        return freed
