"""Calls over gRPC, as grpcio makes them."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from typing import Any

import grpc
import pytest

from firewarden.server.transports.interface import TransportLimits

SERVICE = "/test.Echo/"
PATIENCE_S = 10.0
MIB = 1 << 20


@pytest.fixture
def channel(served: Any) -> Iterator[grpc.Channel]:
    with grpc.insecure_channel(served.target, options=[("grpc.max_receive_message_length", -1)]) as opened:
        yield opened


def ask(channel: grpc.Channel, method: str, request: bytes, **options: Any) -> bytes:
    return bytes(channel.unary_unary(SERVICE + method)(request, **{"timeout": PATIENCE_S, **options}))


def stream(channel: grpc.Channel, method: str, request: bytes, **options: Any) -> Any:
    return channel.unary_stream(SERVICE + method)(request, **{"timeout": PATIENCE_S, **options})


def chat(channel: grpc.Channel, requests: Any, **options: Any) -> Any:
    return channel.stream_stream(SERVICE + "Chat")(requests, **{"timeout": PATIENCE_S, **options})


def refused(call: Any) -> tuple[grpc.StatusCode, str]:
    with pytest.raises(grpc.RpcError) as caught:
        call()
    return caught.value.code(), caught.value.details()


def until(condition: Any) -> None:
    end = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.005)


@pytest.mark.parametrize("size", [0, 1, 5, 16_379, 16_380, 16_384, 65_535, 65_536, 3 * MIB])
def test_a_message_of_any_size_comes_back(channel: grpc.Channel, size: int) -> None:
    """Frames and windows are smaller than some of these."""
    message = bytes(range(256)) * (size // 256 + 1)
    assert ask(channel, "Say", message[:size]) == message[:size]


def test_calls_at_once_do_not_mix(channel: grpc.Channel) -> None:
    say = channel.unary_unary(SERVICE + "Say")
    messages = [str(index).encode() * (index % 400) for index in range(800)]
    calls = [say.future(message, timeout=PATIENCE_S) for message in messages]
    assert [call.result() for call in calls] == messages


def test_metadata_reaches_the_handler(served: Any, channel: grpc.Channel) -> None:
    metadata = [("authorization", "Bearer owner"), ("x-many", "a"), ("x-many", "b"), ("x-bytes-bin", b"\x00\xff")]
    ask(channel, "Say", b"", metadata=metadata)
    (context,) = served.echo.contexts
    found = {name: context.metadata[name] for name in ("authorization", "x-many", "x-bytes-bin")}
    assert found == {"authorization": "Bearer owner", "x-many": "a,b", "x-bytes-bin": "AP8"}
    assert not {"te", "content-type", "grpc-timeout", ":path"} & context.metadata.keys()
    assert context.peer.startswith("ipv4:127.0.0.1:")
    assert 0 < context.deadline - time.monotonic() <= PATIENCE_S


def test_headers_that_change_are_not_mixed_up(served: Any, channel: grpc.Channel) -> None:
    """The same compressed bytes can mean another header after one has been added to the table."""
    for index in range(300):
        ask(channel, "Say", b"", metadata=[(f"x-{index % 7}", "v" * (index % 50)), ("x-all", str(index // 3))])
    for index, context in enumerate(served.echo.contexts):
        assert context.metadata[f"x-{index % 7}"] == "v" * (index % 50)
        assert context.metadata["x-all"] == str(index // 3)


@pytest.mark.parametrize("code", [code for code in grpc.StatusCode if code is not grpc.StatusCode.OK])
def test_every_status_has_its_code(channel: grpc.Channel, code: grpc.StatusCode) -> None:
    assert refused(lambda: ask(channel, "Fail", b"%d no" % code.value[0])) == (code, "no")


@pytest.mark.parametrize("text", ["", "a b", "100 %", "%41", 'Grüße 😀\n\t"', "\x00\x7f", "x" * 5_000])
def test_a_status_text_arrives_as_it_was(channel: grpc.Channel, text: str) -> None:
    assert refused(lambda: ask(channel, "Fail", f"5 {text}".encode())) == (grpc.StatusCode.NOT_FOUND, text)


def test_a_very_long_status_text_is_cut(channel: grpc.Channel) -> None:
    """Clients refuse trailers that are too long, and would not learn the code."""
    code, text = refused(lambda: ask(channel, "Fail", f"5 {'é' * 50_000}".encode()))
    assert code is grpc.StatusCode.NOT_FOUND
    assert text.startswith("é" * 1_000)
    assert len(text) < 5_000


def test_a_defect_is_told_and_the_server_lives_on(channel: grpc.Channel, caplog: pytest.LogCaptureFixture) -> None:
    code, text = refused(lambda: ask(channel, "Break", b""))
    assert code is grpc.StatusCode.INTERNAL
    assert "RuntimeError: a defect" in text
    assert "a defect" in caplog.text
    assert ask(channel, "Say", b"still there") == b"still there"


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (SERVICE + "Nope", "Method not found: test.Echo/Nope"),
        ("/nope.Service/X", "Method not found: nope.Service/X"),
        ("/x", "Method not found: x"),
    ],
)
def test_unknown_methods(channel: grpc.Channel, path: str, text: str) -> None:
    """Recorded from the official emulator."""
    call = channel.unary_unary(path)
    assert refused(lambda: call(b"", timeout=PATIENCE_S)) == (grpc.StatusCode.UNIMPLEMENTED, text)


@pytest.mark.parametrize("compression", [grpc.Compression.Gzip, grpc.Compression.NoCompression])
def test_compressed_requests_are_unpacked(channel: grpc.Channel, compression: grpc.Compression) -> None:
    message = b"firestore " * 10_000
    assert ask(channel, "Say", message, compression=compression) == message


def test_another_compression_is_refused_with_what_is_known(channel: grpc.Channel) -> None:
    code, text = refused(lambda: ask(channel, "Say", b"x" * 1_000, compression=grpc.Compression.Deflate))
    assert (code, text) == (
        grpc.StatusCode.UNIMPLEMENTED,
        "Can't find decompressor for deflate; use identity or gzip.",
    )


@pytest.mark.parametrize("compression", [grpc.Compression.Gzip, grpc.Compression.NoCompression])
@pytest.mark.parametrize(("size", "is_taken"), [(100_000, True), (100_001, False), (5 * MIB, False)])
def test_longer_messages_than_allowed_are_refused(
    serve: Any, size: int, is_taken: bool, compression: grpc.Compression
) -> None:
    """Also those that are long only when they are unpacked."""
    limits = TransportLimits(message_bytes=100_000)
    with serve(limits=limits) as served, grpc.insecure_channel(served.target) as channel:
        if is_taken:
            assert len(ask(channel, "Say", bytes(size), compression=compression)) == size
            return
        code, text = refused(lambda: ask(channel, "Say", bytes(size), compression=compression))
        assert code is grpc.StatusCode.RESOURCE_EXHAUSTED
        assert text.startswith("gRPC message exceeds maximum size 100000: ")
        assert ask(channel, "Say", b"small") == b"small"


def test_too_much_metadata_is_refused(serve: Any) -> None:
    with serve(limits=TransportLimits(metadata_bytes=8_000)) as served, grpc.insecure_channel(served.target) as channel:
        code, text = refused(lambda: ask(channel, "Say", b"", metadata=[("x-big", "x" * 9_000)]))
        assert ask(channel, "Say", b"small") == b"small"
    assert code is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert text.startswith("Metadata exceeds maximum size 8000: ")


# Waiting


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


# Streams


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


# Both ways


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
