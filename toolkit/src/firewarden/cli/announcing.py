"""What a server says of itself when it is ready: names and values below each other, on stderr."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TextIO


def announce(facts: Sequence[tuple[str, str]], end: str, stream: TextIO | None = None) -> None:
    """Styled on a terminal, plain text elsewhere. The first fact is where to find it."""
    stream = sys.stderr if stream is None else stream
    width = max(len(name) for name, _ in facts)
    if not stream.isatty():
        print("\n".join([*(f"{name:<{width}}  {value}" for name, value in facts), end]), file=stream, flush=True)
        return
    from rich.console import Console  # noqa: PLC0415 - only for terminals: it takes longer to import than to serve
    from rich.text import Text  # noqa: PLC0415 - as above

    console = Console(file=stream, highlight=False, soft_wrap=True)
    for position, (name, value) in enumerate(facts):
        console.print(Text.assemble((f"{name:<{width}}", "dim"), "  ", (value, "bold" if position == 0 else "")))
    console.print(Text(end, style="dim"))
