"""What every connection can be told, whichever protocol is spoken on it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable


class Spoken(asyncio.Protocol):
    """A connection that can be closed."""

    def close_gracefully(self) -> None:
        """Close as soon as nothing is being answered."""
        raise NotImplementedError

    def abort(self) -> None:
        """Close now."""
        raise NotImplementedError


OnLost = Callable[[Spoken], None]
"""Is told when the socket is gone."""
