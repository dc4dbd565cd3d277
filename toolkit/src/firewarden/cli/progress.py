"""How far something long has come, on a terminal; nothing elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TextIO

_EVERY_S = 0.2
_ERASE = "\r\x1b[K"


@contextmanager
def counting(
    done: str, stream: TextIO | None = None, *, seconds: Callable[[], float] = time.monotonic
) -> Iterator[Callable[[int], None]]:
    """Inside, the number of documents that were `done` so far stands in one line, which is gone in the end."""
    stream = sys.stderr if stream is None else stream
    if not stream.isatty():
        yield lambda _: None
        return
    shown_at = seconds()

    def show(number: int) -> None:
        nonlocal shown_at
        if seconds() - shown_at >= _EVERY_S:
            shown_at = seconds()
            print(f"{_ERASE}{number:,} documents {done} ...", end="", file=stream, flush=True)

    try:
        yield show
    finally:
        print(_ERASE, end="", file=stream, flush=True)
