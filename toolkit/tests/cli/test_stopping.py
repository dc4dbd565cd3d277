"""A stop that is said at any moment, also amid the waiting for it."""

import sys
import threading
from types import FrameType
from typing import Any

from firewarden.cli.stopping import Stop

PATIENCE_S = 30.0


def said_at_line(stop: Any, line: int) -> bool | None:
    """Wait, and be interrupted by a handler that says stop when so many lines have run; None if that never ends."""
    results: list[bool] = []

    def trace(_frame: FrameType, event: str, _argument: object) -> Any:
        nonlocal line
        if event == "line":
            line -= 1
            if line == 0:
                sys.settrace(None)
                stop.set()
        return trace

    def work() -> None:
        sys.settrace(trace)
        stop.wait(0.001)
        sys.settrace(None)
        results.append(stop.wait(0.0))

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    thread.join(PATIENCE_S if isinstance(stop, Stop) else 1.0)
    return results[0] if results else None


def test_a_handler_may_come_amid_waiting() -> None:
    said = [said_at_line(Stop(), line) for line in range(1, 15)]
    assert said[:2] == [True, True]
    assert None not in said
    # Far behind the last line, though a collection of garbage amid them may run some of its own.
    assert said_at_line(Stop(), 1_000) is False, "the wait was over before"


def test_an_event_of_threading_would_wait_for_itself() -> None:
    """What the test above can find."""
    assert said_at_line(threading.Event(), 5) is None


def test_a_stop_is_remembered() -> None:
    stop = Stop()
    assert not stop.wait(0.0)
    stop.set()
    stop.set()
    assert [stop.wait(), stop.wait(0.0), stop.is_set()] == [True] * 3
