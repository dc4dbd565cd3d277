"""Frames and the handshake as RFC 6455 has them in its examples, and as wsproto reads and writes them."""

from __future__ import annotations

from contextlib import suppress
from io import BytesIO
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wsproto.frame_protocol import FrameProtocol
from wsproto.frame_protocol import Opcode as Theirs

from firewarden.server.transports.websocket.frames import (
    PAYLOAD_BYTES_MAX,
    Broken,
    CloseCode,
    Frame,
    Opcode,
    accept,
    close_frame,
    frame,
    read_frame,
)

SIZES = st.one_of(st.integers(0, 200), st.sampled_from([125, 126, 127, 65_535, 65_536]))


def test_a_handshake_is_answered_as_in_the_example() -> None:
    """Section 1.3."""
    assert accept("dGhlIHNhbXBsZSBub25jZQ==") == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="


def test_frames_are_those_of_the_examples() -> None:
    """Section 5.7."""
    assert frame(Opcode.TEXT, b"Hello") == bytes.fromhex("810548656c6c6f")
    assert frame(Opcode.PING, b"Hello") == bytes.fromhex("890548656c6c6f")
    assert frame(Opcode.BINARY, bytes(256)) == bytes.fromhex("827e0100") + bytes(256)
    assert frame(Opcode.BINARY, bytes(65_536)) == bytes.fromhex("827f0000000000010000") + bytes(65_536)
    masked = BytesIO(bytes.fromhex("818537fa213d7f9f4d5158"))
    assert read_frame(masked.read) == Frame(Opcode.TEXT, b"Hello")
    assert read_frame(masked.read) is None


def test_a_close_tells_its_code() -> None:
    assert close_frame(CloseCode.GOING_AWAY) == b"\x88\x02\x03\xe9"


@given(SIZES)
def test_another_reader_reads_what_we_write(size: int) -> None:
    protocol = FrameProtocol(client=True, extensions=[])
    protocol.receive_bytes(frame(Opcode.BINARY, b"x" * size))
    parts = list(protocol.received_frames())
    assert b"".join(cast("bytearray", each.payload) for each in parts) == b"x" * size
    assert {each.opcode for each in parts} <= {Theirs.BINARY, Theirs.CONTINUATION}
    assert parts[-1].message_finished


@given(SIZES, st.sampled_from([Opcode.TEXT, Opcode.PING, Opcode.CLOSE]))
def test_we_read_what_another_writes(size: int, opcode: Opcode) -> None:
    size = min(size, 100) if opcode.is_control else size
    payload = (b"\x03\xe8" + b"x" * size)[:size] if opcode is not Opcode.CLOSE else b"\x03\xe8" + b"x" * size
    protocol = FrameProtocol(client=True, extensions=[])
    stream = BytesIO(
        {
            Opcode.TEXT: lambda: protocol.send_data(payload.replace(b"\xe8", b"y").decode(), fin=True),
            Opcode.PING: lambda: protocol.ping(payload),
            Opcode.CLOSE: lambda: protocol.close(1000, payload[2:].decode()),
        }[opcode]()
    )
    if size > PAYLOAD_BYTES_MAX:
        with pytest.raises(Broken):
            read_frame(stream.read)
        return
    found = read_frame(stream.read)
    assert found is not None
    assert (found.opcode, len(found.payload)) == (opcode, len(payload))
    assert opcode is Opcode.TEXT or found.payload == payload


@given(st.binary(max_size=40))
def test_whatever_comes_is_a_frame_or_broken_or_the_end(data: bytes) -> None:
    with suppress(Broken):
        found = read_frame(BytesIO(data).read)
        assert found is None or len(found.payload) < len(data)
