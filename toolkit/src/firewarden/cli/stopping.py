"""Waiting until somebody says stop, or until the Firestore that everything depends on is gone."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from queue import Empty, SimpleQueue
from types import FrameType
from typing import Protocol

from firewarden.errors import FirestoreUnreachable

_CHECK_EVERY_S = 2.0
_MISSES_MAX = 2  # one unanswered question may be a pause of the server's


class Server(Protocol):
    """What can be asked whether it is still there."""

    host: str

    def is_ready(self) -> bool:
        """Whether it answers now."""


class Stop:
    """Said once, by a signal's handler, to the thread that waits for it.

    A handler runs amid whatever that thread is doing. It would wait for ever for a lock that the thread has just taken,
    as `threading.Event.set` may; a `SimpleQueue` can be put into at any moment.
    """

    __slots__ = ("_is_set", "_told")

    def __init__(self) -> None:
        self._told: SimpleQueue[None] = SimpleQueue()
        self._is_set = False

    def set(self) -> None:
        """Say it; may be called by a handler."""
        self._is_set = True
        self._told.put(None)

    def is_set(self) -> bool:
        """Whether it has been said."""
        return self._is_set

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until it is said, or so many seconds; whether it has been said."""
        if not self._is_set:
            with suppress(Empty):
                self._told.get(timeout=timeout)
        return self._is_set


@contextmanager
def stop_signal() -> Iterator[Stop]:
    """Is told of the first Ctrl-C or SIGTERM; a second one ends the process as usual."""
    stop = Stop()
    numbers = (signal.SIGINT, signal.SIGTERM)
    before = {number: signal.getsignal(number) for number in numbers}

    def restore() -> None:
        for number, handler in before.items():
            signal.signal(number, handler)

    def handle(_number: int, _frame: FrameType | None) -> None:
        stop.set()
        restore()

    for number in numbers:
        signal.signal(number, handle)
    try:
        yield stop
    finally:
        restore()


def wait_while_answering(stop: Stop, server: Server | None) -> None:
    """Returns when told to stop; raises FirestoreUnreachable when the server has stopped answering."""
    misses = 0
    while not stop.wait(_CHECK_EVERY_S):
        misses = 0 if server is None or server.is_ready() else misses + 1
        if server is not None and misses >= _MISSES_MAX and not stop.is_set():
            raise FirestoreUnreachable(
                f"The Firestore emulator at {server.host} has stopped answering.",
                hint="It has ended or hangs; start it again. Its data was in its memory only.",
            )
