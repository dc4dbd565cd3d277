"""Calls over gRPC that would block: asked again, until their deadline or until the client goes."""

from __future__ import annotations

from typing import Any

import grpc
import pytest

from toolkit.tests.server.transports.grpc.calling import PATIENCE_S, SERVICE, ask, refused
from toolkit.tests.waiting import until


def test_a_call_that_would_block_is_asked_again(served: Any, channel: grpc.Channel) -> None:
    for method in ("Wait", "WaitStream"):
        served.echo.is_free, served.echo.asked = False, 0
        call = channel.unary_stream(SERVICE + method)(b"60", timeout=PATIENCE_S)
        until(lambda: served.echo.asked == 1)
        served.free()
        assert list(call) == [b"free"]
        assert served.echo.asked == 2
    first, again = served.echo.contexts[:2]
    assert first.patience is again.patience


def test_a_call_that_would_block_is_asked_again_when_its_time_is_up(served: Any, channel: grpc.Channel) -> None:
    call = channel.unary_unary(SERVICE + "Wait").future(b"0.01", timeout=PATIENCE_S)
    until(lambda: served.echo.asked >= 3)
    served.free()
    assert call.result() == b"free"


def test_others_are_answered_while_one_waits(served: Any, channel: grpc.Channel) -> None:
    call = channel.unary_unary(SERVICE + "Wait").future(b"60", timeout=PATIENCE_S)
    until(lambda: served.echo.asked == 1)
    assert ask(channel, "Say", b"me") == b"me"
    call.cancel()


@pytest.mark.parametrize("method", ["Wait", "WaitStream"])
def test_a_deadline_ends_waiting(served: Any, channel: grpc.Channel, method: str) -> None:
    """The client's clock ends the call as well: the server must have forgotten it, too."""
    call = channel.unary_stream(SERVICE + method)(b"60", timeout=0.1)
    assert refused(lambda: list(call))[0] is grpc.StatusCode.DEADLINE_EXCEEDED
    until(lambda: not served.echo.signal._callbacks)
    served.free()
    assert ask(channel, "Wait", b"60") == b"free"
    assert served.echo.asked == 2


def test_a_client_that_goes_frees_what_waits(served: Any, channel: grpc.Channel) -> None:
    call = channel.unary_unary(SERVICE + "Wait").future(b"60", timeout=PATIENCE_S)
    until(lambda: served.echo.signal._callbacks)
    call.cancel()
    until(lambda: not served.echo.signal._callbacks)
