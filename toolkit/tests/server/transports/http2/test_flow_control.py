"""Flow control of HTTP/2: bodies wait for windows and sockets, on both sides, and nothing else does."""

from __future__ import annotations

from firewarden.server.transports.http2 import frames
from firewarden.server.transports.http2.frames import ErrorCode, frame
from firewarden.server.transports.http2.headers import literal
from toolkit.tests.server.transports.http2.connections import (
    BLOCK,
    GREETING,
    HEADERS_LAST,
    OPEN,
    REQUEST,
    Server,
    Silent,
    client,
    talk,
)


def test_bodies_wait_for_the_windows() -> None:
    """The client's windows hold 65,535 bytes; the rest follows as it takes them, on one stream after the other."""
    server = Server(Silent)
    server.connection.receive(GREETING + b"".join(frame(frames.HEADERS, HEADERS_LAST, n, BLOCK) for n in (1, 3)))
    server.take()
    for heard in server.heard:
        heard.stream.send_headers(literal([(":status", "200")]))
        heard.stream.send_data(bytes(100_000))
        heard.stream.end(literal([("end", "1")]))

    def sent() -> dict[int, int]:
        sizes = {1: 0, 3: 0}
        for kind, _, stream_id, payload in server.frames():
            if kind == frames.DATA:
                sizes[stream_id] += len(payload)
        return sizes

    assert sent() == {1: 65_535, 3: 0}
    server.connection.receive(frames.window_update(0, 70_000))
    assert sent() == {1: 0, 3: 65_535}
    server.connection.receive(frames.window_update(1, 200_000))
    assert sent() == {1: 4_465, 3: 0}
    server.connection.receive(frames.window_update(0, 200_000))
    assert sent() == {1: 30_000, 3: 0}
    server.connection.receive(frames.settings({frames.INITIAL_WINDOW_SIZE: 100_000}))
    assert sent() == {1: 0, 3: 34_465}
    assert server.connection.is_idle


def test_a_window_may_be_negative() -> None:
    """A setting may shrink what has been used already (section 6.9.2)."""
    server = Server(Silent)
    server.connection.receive(GREETING + frame(frames.HEADERS, HEADERS_LAST, 1, BLOCK))
    server.heard[0].stream.send_data(bytes(70_000))
    server.connection.receive(frames.window_update(0, 100_000) + frames.settings({frames.INITIAL_WINDOW_SIZE: 10_000}))
    server.take()
    server.connection.receive(frames.window_update(1, 55_000))
    assert not [each for each in server.frames() if each[0] == frames.DATA]
    server.connection.receive(frames.window_update(1, 1_000))
    assert sum(len(each[3]) for each in server.frames() if each[0] == frames.DATA) == 465


def test_the_receiver_is_told_when_there_is_room() -> None:
    server = Server(Silent)
    server.connection.receive(GREETING + frame(frames.HEADERS, HEADERS_LAST, 1, BLOCK))
    heard = server.heard[0]
    heard.stream.send_data(bytes(65_535))
    assert not heard.stream.is_writable
    heard.stream.ask_for_room()
    server.connection.receive(frames.window_update(0, 10))
    assert heard.drained_times == 0
    server.connection.receive(frames.window_update(1, 10))
    assert heard.drained_times == 1
    server.connection.output.pause()
    assert not heard.stream.is_writable
    heard.stream.ask_for_room()
    server.connection.output.resume()
    assert heard.drained_times == 2


def test_a_full_socket_holds_bodies_back_and_nothing_else() -> None:
    server = Server()
    server.connection.output.pause()
    server.connection.receive(
        GREETING + frame(frames.HEADERS, HEADERS_LAST, 1, BLOCK) + frame(frames.PING, 0, 0, b"12345678")
    )
    kinds = [each[0] for each in server.frames()]
    assert frames.DATA not in kinds
    assert frames.PING in kinds
    server.connection.output.resume()
    assert [each[0] for each in server.frames()] == [frames.DATA, frames.HEADERS]


def test_the_client_may_send_as_much_as_is_consumed() -> None:
    """Ten times the window, as long as the receiver takes it."""
    peer, server = client(), Server()
    peer.send_headers(1, REQUEST)
    talk(peer, server)
    sent = 0
    while sent < 10 << 20:
        size = min(16_384, peer.local_flow_control_window(1))
        assert size > 0
        peer.send_data(1, bytes(size))
        sent += size
        talk(peer, server)
    assert len(server.heard[0].body) == sent


def test_more_data_than_a_stream_allows() -> None:
    """A receiver that consumes nothing; the connection has room for more."""

    class Full(Silent):
        def data_received(self, data: bytes) -> None:
            pass

    server = Server(Full)
    server.connection.receive(GREETING + OPEN + frame(frames.DATA, 0, 1, bytes(16_384)) * 64)
    assert not server.heard[0].is_cancelled
    server.connection.receive(frame(frames.DATA, 0, 1, b"x"))
    assert (frames.RST_STREAM, 0, 1, ErrorCode.FLOW_CONTROL_ERROR.to_bytes(4, "big")) in server.frames()
    assert server.heard[0].is_cancelled
