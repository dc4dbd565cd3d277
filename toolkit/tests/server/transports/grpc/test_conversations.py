"""Streams both ways over gRPC: who may end them, and what is sent to who does not listen."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from typing import Any

import grpc
import pytest

from toolkit.tests.server.transports.grpc.calling import MIB, PATIENCE_S, SERVICE, chat, refused


def test_a_conversation(channel: grpc.Channel) -> None:
    assert list(chat(channel, iter([b"\x01a", b"\x02b", b"\x00c"]))) == [b"\x01a", b"\x02b", b"\x02b", b"bye"]


@pytest.mark.parametrize(
    ("requests", "answers", "code"),
    [
        ([b"\x01a", b"stop", b"\x01b"], [b"\x01a"], grpc.StatusCode.OK),
        ([b"stop"], [], grpc.StatusCode.OK),
        ([b"\x01a", b"fail"], [b"\x01a"], grpc.StatusCode.OUT_OF_RANGE),
        ([b"fail"], [], grpc.StatusCode.OUT_OF_RANGE),
    ],
)
def test_the_handler_may_end_a_conversation(
    channel: grpc.Channel, requests: Sequence[bytes], answers: Sequence[bytes], code: grpc.StatusCode
) -> None:
    done = threading.Event()

    def say() -> Iterator[bytes]:
        yield from requests
        done.wait(PATIENCE_S)  # the client would go on

    call = chat(channel, say())
    found: list[bytes] = []
    if code is grpc.StatusCode.OK:
        found.extend(call)
    else:
        assert refused(lambda: found.extend(call))[0] is code
    done.set()
    assert (found, call.code()) == (list(answers), code)


def test_a_conversation_of_long_messages(channel: grpc.Channel) -> None:
    messages = [b"\x01" + bytes([index]) * (2 * MIB) for index in range(5)]
    assert list(chat(channel, iter(messages))) == [*messages, b"bye"]


def test_a_client_that_goes_ends_the_conversation(served: Any, channel: grpc.Channel) -> None:
    call = chat(channel, iter([b"\x01a"]))
    assert next(call) == b"\x01a"
    call.cancel()
    assert served.echo.gone.wait(PATIENCE_S)


def test_a_deadline_ends_a_conversation(channel: grpc.Channel) -> None:
    done = threading.Event()

    def say() -> Iterator[bytes]:
        yield b"\x01a"
        done.wait(PATIENCE_S)

    call = chat(channel, say(), timeout=0.2)
    assert next(call) == b"\x01a"
    assert refused(lambda: next(call))[0] is grpc.StatusCode.DEADLINE_EXCEEDED
    done.set()


def test_who_does_not_listen_is_not_sent_more_than_a_window(channel: grpc.Channel) -> None:
    sent = 0

    def say() -> Iterator[bytes]:
        nonlocal sent
        for _ in range(1_000):
            sent += 1
            yield bytes(100_000)

    call = channel.stream_stream(SERVICE + "Deaf")(say(), timeout=1.0)
    assert refused(lambda: list(call))[0] is grpc.StatusCode.DEADLINE_EXCEEDED
    assert sent < 100
