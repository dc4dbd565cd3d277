"""Answers over gRPC that are streams: in order, as fast as they are read, and however they end."""

from __future__ import annotations

import time
from typing import Any

import grpc
import pytest

from toolkit.tests.server.transports.grpc.calling import PATIENCE_S, ask, refused, stream


@pytest.mark.parametrize(("count", "size"), [(0, 0), (1, 10), (1_000, 1), (40, 200_000), (10_000, 1)])
def test_a_stream_arrives_whole_and_in_order(channel: grpc.Channel, count: int, size: int) -> None:
    found = list(stream(channel, "Count", b"%d %d -1" % (count, size)))
    assert found == [str(index).encode().ljust(size, b".") for index in range(count)]


@pytest.mark.parametrize(("fails_after", "count"), [(0, 0), (1, 1), (500, 500)])
def test_a_stream_may_fail_at_any_point(channel: grpc.Channel, fails_after: int, count: int) -> None:
    found: list[bytes] = []
    call = stream(channel, "Count", b"1000 100 %d" % fails_after)
    assert refused(lambda: found.extend(call)) == (grpc.StatusCode.ABORTED, "enough")
    assert len(found) == count


def test_a_stream_is_made_as_fast_as_it_is_read(served: Any, channel: grpc.Channel) -> None:
    """A slow reader costs no memory, and what it does not take is never made."""
    call = stream(channel, "Count", b"10000 100000 -1")
    for _ in range(3):
        next(call)
    made = -1
    while made != served.echo.made:
        made = served.echo.made
        time.sleep(0.2)
    assert made < 1_000
    call.cancel()
    assert served.echo.closed.wait(PATIENCE_S)
    assert ask(channel, "Say", b"still there") == b"still there"


def test_a_slow_reader_does_not_hold_up_others(served: Any, channel: grpc.Channel) -> None:
    slow = stream(channel, "Count", b"10000 100000 -1")
    next(slow)
    with grpc.insecure_channel(served.target) as other:
        assert ask(other, "Say", b"me") == b"me"
        assert sum(len(item) for item in stream(other, "Count", b"200 10000 -1")) == 2_000_000
    slow.cancel()


def test_a_deadline_ends_a_stream_that_nobody_reads(served: Any, channel: grpc.Channel) -> None:
    call = stream(channel, "Count", b"10000 100000 -1", timeout=0.3)
    assert served.echo.closed.wait(PATIENCE_S)
    assert call.code() is grpc.StatusCode.DEADLINE_EXCEEDED
