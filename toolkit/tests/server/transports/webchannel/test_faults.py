"""Clients that vanish, do not read, or send what is none: each is told, and everybody else goes on."""

from __future__ import annotations

import socket
from collections.abc import Callable
from itertools import islice
from typing import Any
from urllib.parse import urlencode

import pytest

from firewarden.server.transports.interface import TransportLimits
from toolkit.tests.server.transports.webchannel.client import FORM, Channel, form, payloads
from toolkit.tests.server.transports.webchannel.conftest import PATH, Carried, say
from toolkit.tests.waiting import until

MINUTE = 60.0


def test_a_session_whose_client_has_vanished_is_ended(carried: Carried) -> None:
    left, heard = carried.channel(), carried.channel()
    left.open(say("say 9 9"))
    heard.open()
    with heard.back() as back:
        next(iter(back))
        carried.sweep(MINUTE)
        assert carried.count == 2
        carried.sweep(1)
        assert carried.count == 1
        assert left.say(say("more")) == (400, "Error: Unknown SID\n")
        assert heard.say(say("say 1 1"))[0] == 200
        assert next(payloads(iter(back))) == {"streamId": "0 "}
    assert carried.retained < 200


def polled(channel: Channel) -> None:
    with channel.back(polls=True, TO=1) as back:
        assert len(list(back)) == 1


def test_every_request_is_a_sign_of_life(carried: Carried) -> None:
    channel = carried.channel()
    channel.open()
    for request in (channel.say, lambda: polled(channel)):
        request()
        carried.sweep(MINUTE)
        assert carried.count == 1


def test_a_client_that_reads_nothing_of_its_back_channel_is_ended(carry: Callable[..., Any]) -> None:
    with carry(retained_bytes=8 << 20, response_bytes=8 << 20) as carried:
        channel = carried.channel()
        channel.open()
        query = urlencode({**channel.query(AID=0), "RID": "rpc", "CI": 0, "TYPE": "xmlhttp"})
        with socket.create_connection(("127.0.0.1", carried.served.port)) as deaf:
            deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
            deaf.sendall(f"GET {PATH}?{query} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
            until(lambda: channel.say()[1].partition("\n")[2].startswith("[1,1,"))
            channel.say(say("say 100000 1000"))
            until(lambda: carried.retained > 8 << 20)
            made = carried.told.sent
            carried.sweep(MINUTE + 1)
            assert carried.count == 0
            assert carried.retained == 0
            until(carried.told.gone.is_set)
            assert carried.told.sent <= made + 1
        carried.channel().open()


def test_a_thousand_sessions_that_were_left_behind(carry: Callable[..., Any]) -> None:
    """There is room for a new one at once, and for all that they hold in a while."""
    with carry(sessions=1_000, retained_bytes_in_all=1 << 20) as carried:
        first = carried.channel()
        first.open(say("say 3 500"))
        carried.now = 0.5
        carried.channel().leave_behind(999, say("say 3 500"))
        assert carried.count <= 1_000
        assert carried.retained <= (1 << 20) + 1_000 * 600  # one message more of each
        channel = carried.channel()
        carried.now = 5.0
        channel.open(say("say 1 1"))
        assert carried.count <= 1_000
        assert first.say(say("more")) == (400, "Error: Unknown SID\n")
        with channel.back() as back:
            assert next(payloads(iter(back))) == {"streamId": "0 "}
        channel.end()
        carried.sweep(MINUTE + 2)
        assert (carried.count, carried.retained) == (0, 0)


def test_too_many_sessions_with_clients_are_refused(carry: Callable[..., Any]) -> None:
    with carry(sessions=1) as carried:
        channel, other = carried.channel(), carried.channel()
        channel.open()
        with channel.back() as back:
            next(iter(back))
            status, text = other.whole("POST", {"VER": 8}, form([], 0))
            assert (status, text) == (503, "Error: there are too many channels, and all of them have a client\n")
            assert channel.end()[0] == 200
        other.open()


def test_the_budget_is_made_free_of_what_nobody_hears(carry: Callable[..., Any]) -> None:
    with carry(retained_bytes_in_all=50_000) as carried:
        left, heard = carried.channel(), carried.channel()
        left.open(say("say 40 1000"))
        until(lambda: carried.retained > 40_000)
        carried.now = 5.0
        heard.open()
        with heard.back() as back:
            heard.say(say("say 40 1000"))
            assert len(list(islice(payloads(iter(back)), 40))) == 40
        assert carried.count == 1
        assert left.say(say("more"))[0] == 400


MALFORMED = [
    (b"count=x&ofs=0", "count='x' is no number"),
    (b"count=-1&ofs=0", "count='-1' is no number"),
    (b"count=%D9%A1", "count='\u0661' is no number"),
    (b"count=9999999999999999", "count='9999999999999999' is no number"),
    (b"count=1001&ofs=0", "count=1001: at most 1000 messages go into one request"),
    (b"count=2&ofs=0&req0___data__={}", "count=2, but there is no req1___data__"),
    (b"count=1&ofs=x&req0___data__={}", "ofs='x' is no number"),
    (b"count=1&ofs=0&req0___data__=%ff%fe", "The form cannot be read: "),
    (b"count=1&ofs=0&req0___data__=\xff", "The form cannot be read: "),
    (b"&".join(b"a=b" for _ in range(2_000)), "The form cannot be read: Max number of fields exceeded"),
]


@pytest.mark.parametrize(("body", "message"), MALFORMED, ids=range(len(MALFORMED)))
def test_a_form_that_is_none_is_refused(carried: Carried, body: bytes, message: str) -> None:
    """Whoever opens a session with it gets none, and whoever has one is rid of it, as the client gives it up, too."""
    status, text = carried.channel().whole("POST", {"VER": 8, "RID": 1}, body)
    assert status == 400
    assert text.startswith(f"Error: {message}")
    assert carried.count == 0
    channel = carried.channel()
    channel.open()
    status, text = channel.whole("POST", channel.query(AID=0), body)
    assert status == 400
    assert text.startswith(f"Error: {message}")
    assert channel.say(say("more")) == (400, "Error: Unknown SID\n")


@pytest.mark.parametrize("number", ["1", "99", "x", "-1", "1e3", ""])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_nobody_acknowledges_what_was_not_sent(carried: Carried, method: str, number: str) -> None:
    channel = carried.channel()
    channel.open(say("say 3 3"))
    status, text = channel.whole(method, channel.query(AID=number), form([], 1) if method == "POST" else b"")
    assert status == 400
    assert text in (
        f"Error: AID={number} was never sent: the last array is 0\n",
        f"Error: AID={number!r} is no number\n",
    )
    assert carried.count == 0


def test_messages_must_not_be_too_far_ahead(carried: Carried) -> None:
    channel = carried.channel()
    channel.open(say("x"))
    assert channel.say(say("y"), first=1_001)[0] == 200
    assert channel.say(say("y"), first=1_002) == (
        400,
        "Error: ofs=1002 is too far ahead: message 1 has not come yet\n",
    )


def test_a_handshake_that_is_too_far_ahead_begins_nothing(carried: Carried) -> None:
    status, text = carried.channel().whole("POST", {"VER": 8}, form([say("x")], 1_001))
    assert (status, text) == (400, "Error: ofs=1001 is too far ahead: message 0 has not come yet\n")
    assert carried.count == 0
    assert carried.told.contexts == []


@pytest.mark.parametrize(
    "message",
    ["nonsense", "", "[]", "null", '{"streamId": 1}', '{"nonsense": 1}', '{"streamId": "\\ud800"}', "[" * 100_000],
    ids=["word", "empty", "list", "null", "number", "unknown", "surrogate", "deep"],
)
def test_a_message_that_is_none_ends_its_stream_with_a_status(carried: Carried, message: str) -> None:
    channel = carried.channel()
    channel.open(say("say 1 1"), message)
    with channel.back() as back:
        first, failed = payloads(iter(back))
    assert first == {"streamId": "0 "}
    assert failed == {
        "error": {"message": "INVALID_ARGUMENT: Payload isn't valid for request.", "status": "INVALID_ARGUMENT"}
    }


def test_a_message_that_is_too_large_ends_its_stream_with_a_status(carry: Callable[..., Any]) -> None:
    with carry(TransportLimits(message_bytes=1_000)) as carried:
        channel = carried.channel()
        channel.open(say("x" * 990), say("x" * 1_000))
        with channel.back() as back:
            (failed,) = payloads(iter(back))
        assert failed["error"]["status"] == "RESOURCE_EXHAUSTED"
        assert "exceeds maximum size 1000: 1003" in failed["error"]["message"]


def test_a_request_that_is_too_large_is_refused(carry: Callable[..., Any]) -> None:
    with carry(TransportLimits(body_bytes=1_000)) as carried:
        channel = carried.channel()
        channel.open()
        assert channel.say(say("x" * 2_000))[0] == 413
        assert channel.say(say("say 1 1"), first=0)[0] == 200


def test_a_channel_is_opened_by_post(carried: Carried) -> None:
    status, text = carried.channel().whole("GET", {"VER": 8, "RID": "rpc"})
    assert (status, text) == (400, "Error: a channel is opened by POST; to go on with one, say its SID\n")


def test_a_connection_that_breaks_leaves_the_session(carried: Carried) -> None:
    channel = carried.channel()
    channel.open(say("say 2 1"))
    query = urlencode({**channel.query(AID=0), "RID": "rpc", "CI": 0, "TYPE": "xmlhttp"})
    with socket.create_connection(("127.0.0.1", carried.served.port)) as broken:
        broken.sendall(f"GET {PATH}?{query} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        until(lambda: channel.say()[1].partition("\n")[2].startswith("[1,2,"))
        broken.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
    until(lambda: channel.say()[1].partition("\n")[2].startswith("[0,2,"))
    with channel.back() as back:
        assert [each[0] for each in islice(back, 2)] == [1, 2]


def test_a_body_of_another_type_is_read_all_the_same(carried: Carried) -> None:
    channel = carried.channel()
    channel.open()
    for kind in ("text/plain", FORM + ";charset=UTF-8"):
        body = form([say(kind)], channel.sent)
        channel.sent += 1
        assert channel.whole("POST", channel.query(AID=0), body, **{"Content-Type": kind})[0] == 200
    until(lambda: carried.told.heard == ["text/plain", FORM + ";charset=UTF-8"])


def test_a_session_between_two_requests_is_spared(carry: Callable[..., Any]) -> None:
    with carry(retained_bytes_in_all=50_000, retained_bytes=80_000) as carried:
        between, other = carried.channel(), carried.channel()
        between.open(say("say 40 1000"))
        until(lambda: carried.retained > 40_000)
        carried.now = 4.9
        other.open(say("say 40 1000"))
        until(lambda: carried.retained > 50_000)
        assert carried.count == 2
        carried.sweep(0.2)
        assert carried.count == 1
        assert other.say()[0] == 200
