"""Calls over gRPC, as grpcio makes them: messages, metadata, statuses and what is refused."""

from __future__ import annotations

import time
from typing import Any

import grpc
import pytest

from firewarden.server.transports.interface import TransportLimits
from toolkit.tests.server.transports.grpc.calling import MIB, PATIENCE_S, SERVICE, ask, refused


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
