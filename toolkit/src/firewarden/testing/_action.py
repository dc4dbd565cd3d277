"""Under which name the clients of this package send their requests, so that the meter can tell what an action costs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

ACTION_HEADER = "x-firewarden-action"
_current: ContextVar[str] = ContextVar("firewarden_action", default="")


def current_action() -> str:
    """The innermost name; none is empty."""
    return _current.get()


@contextmanager
def named_action(name: str) -> Iterator[None]:
    """Requests of this thread, or task, go by this name; those that other processes send do not."""
    if not (name.isascii() and name.isprintable()) or not name.strip():
        raise ValueError(f"{name!r} cannot be sent as a name: it is ASCII and not empty")
    token = _current.set(name)
    try:
        yield
    finally:
        _current.reset(token)
