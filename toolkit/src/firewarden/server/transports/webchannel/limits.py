"""What the channels of a server may hold, all in one place."""

from __future__ import annotations

from dataclasses import dataclass

MIB = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelLimits:
    """Bytes, sessions and seconds. Whoever waits for room still holds the one message that it wants to send."""

    sessions: int = 1_000
    """At once. For one more, the session that was left alone longest is ended; with none left alone, it is refused."""
    retained_bytes: int = 4 * MIB
    """Of one session, sent and not acknowledged, or not sent; with more its handler waits."""
    retained_bytes_in_all: int = 64 * MIB
    """Of all sessions. With more, those that were left alone are ended, and the others wait."""
    response_bytes: int = MIB
    """After so many a response ends: only the next request acknowledges them. Fewer than `retained_bytes`."""
    waiting_bytes: int = 4 * MIB
    """What a session's client has sent and its handler has not taken; the answer to more is held back."""
    maps: int = 1_000
    """Messages in one request, and how far one may be ahead of those before it that are still to come."""
    keepalive_seconds: float = 30.0
    """A client hears something at least so often; after half as much again it gives the request up."""
    spared_seconds: float = 5.0
    """Who was left alone for less is between two requests, and not ended to make room."""
    abandoned_seconds: float = 60.0
    """A session is ended after so long without a request, or with data that nobody takes."""
