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


def peer_name(transport: asyncio.Transport) -> str:
    """Who is at the other end, in gRPC's form."""
    name = transport.get_extra_info("peername")
    if not isinstance(name, tuple):
        return "unknown"
    return f"ipv6:[{name[0]}]:{name[1]}" if ":" in name[0] else f"ipv4:{name[0]}:{name[1]}"
