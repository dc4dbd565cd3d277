"""Clients that flood over HTTP/2: others are answered, and the process does not grow."""

from __future__ import annotations

import contextlib
import socket

import pytest

from firewarden.server.transports.http2.frames import (
    GOAWAY,
    PREFACE,
    ErrorCode,
    settings,
)
from toolkit.tests.server.faults.floods import FLOODS, GROWTH_MAX, flooded
from toolkit.tests.server.faults.process import TIMEOUT_S, Process


def goaway(sock: socket.socket) -> ErrorCode | None:
    """Why the server has hung up, read from all that it said before."""
    sock.settimeout(TIMEOUT_S)
    said = bytearray()
    with contextlib.suppress(OSError):
        while data := sock.recv(1 << 16):
            said += data
    while len(said) >= 9:
        size = int.from_bytes(said[:3], "big")
        if said[3] == GOAWAY:
            return ErrorCode(int.from_bytes(said[13:17], "big"))
        del said[: 9 + size]
    return None


@pytest.mark.parametrize("name", FLOODS)
def test_a_flood_over_http2_changes_nothing_for_others(process: Process, name: str) -> None:
    flood, code = FLOODS[name]
    before = process.rss
    with process.connect() as sock:
        sock.sendall(PREFACE + settings({}))
        flooded(sock, flood())
        assert process.answers()
        assert process.rss - before < GROWTH_MAX
        if code is not None:
            assert goaway(sock) in (code, None)  # a reset of the connection may overtake what was said
    assert process.answers()
