"""Channels from both ends: what is carried, how it is kept and acknowledged, and how much of it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from itertools import islice
from typing import Any

import pytest

from toolkit.tests.server.transports.webchannel.client import PATIENCE_S, form, payloads
from toolkit.tests.server.transports.webchannel.conftest import Carried, say
from toolkit.tests.waiting import until


def numbers(arrays: Any) -> list[int]:
    return [int(each["streamId"].split()[0]) for each in payloads(iter(arrays))]


def test_headers_of_the_first_request_are_the_streams(carried: Carried) -> None:
    channel = carried.channel(headers={"Authorization": "Bearer ana", "X-Other": "a:b "})
    channel.open(say("say 1 1"))
    with channel.back() as back:
        assert list(islice(payloads(iter(back)), 1)) == [{"streamId": "0 "}]
    (context,) = carried.told.contexts
    assert context.metadata["authorization"] == "Bearer ana"
    assert context.metadata["x-other"] == "a:b"
    assert context.peer.startswith("ipv4:127.0.0.1:")


def test_older_clients_have_them_in_the_query_string(carried: Carried) -> None:
    query = {"VER": 8, "RID": 1, "$httpHeaders": "Authorization:Bearer ben\r\nX-A:b"}
    status, text = carried.channel().whole("POST", query, form([say("close")], 0))
    assert (status, text.startswith("44\n")) == (200, True)
    until(carried.told.gone.is_set)
    assert carried.told.contexts[0].metadata["authorization"] == "Bearer ben"


def test_a_streaming_client_hears_something_at_once_and_again_and_again(carry: Callable[..., Any]) -> None:
    with carry(keepalive_seconds=0.02) as carried:
        channel = carried.channel()
        channel.open()
        with channel.back() as back:
            assert list(islice(back, 3)) == [[number, ["noop"]] for number in (1, 2, 3)]


def test_a_polling_client_is_answered_when_there_is_something(carried: Carried) -> None:
    channel = carried.channel()
    channel.open()
    threading.Timer(0.05, channel.say, [say("say 2 1")]).start()
    with channel.back(polls=True) as back:
        first = list(back)
    assert numbers(first) in ([0], [0, 1])
    channel.say(say("say 1 1"))
    with channel.back(first[-1][0], polls=True) as back:
        assert numbers(back)


def test_a_polling_client_may_say_how_long_it_waits(carried: Carried) -> None:
    channel = carried.channel()
    channel.open()
    with channel.back(polls=True, TO=20) as back:
        assert list(back) == [[1, ["noop"]]]


def test_what_was_not_acknowledged_is_sent_again_and_what_was_is_not(carried: Carried) -> None:
    channel = carried.channel()
    channel.open(say("say 4 1"))
    with channel.back() as back:
        assert [each[0] for each in islice(back, 4)] == [1, 2, 3, 4]
    with channel.back(2) as back:
        assert [each[0] for each in islice(back, 2)] == [3, 4]
    with channel.back() as back:
        assert [each[0] for each in islice(back, 2)] == [3, 4]


def test_the_forward_channel_tells_honestly_what_is_on_its_way(carried: Carried) -> None:
    channel = carried.channel()
    channel.open(say("say 3 100"))
    assert channel.say(say("nothing")) == (200, "7\n[0,0,0]")
    with channel.back() as back:
        arrays = list(islice(back, 3))
        sizes = [len(f'[{number},[{{"streamId": "{message[0]["streamId"]}"}}]]') for number, message in arrays]
        assert channel.say(say("nothing")) == (200, f"9\n[1,3,{sum(sizes)}]")
        assert channel.say(say("nothing"), heard=2) == (200, f"9\n[1,3,{sizes[2]}]")
        assert channel.say(heard=3) == (200, "7\n[1,3,0]")
        assert carried.retained == 0


def test_a_new_back_channel_ends_the_one_before(carried: Carried) -> None:
    channel = carried.channel()
    channel.open(say("say 1 1"))
    with channel.back() as first:
        seen = list(islice(first, 1))
        with channel.back(1) as second:
            assert list(islice(second, 1)) == [[2, ["noop"]]]
            assert seen + list(first) == [[1, [{"streamId": "0 "}]]]
            channel.say(say("say 1 1"))
            assert list(islice(payloads(iter(second)), 1)) == [{"streamId": "0 "}]


def test_an_answer_ends_so_that_what_it_held_is_acknowledged(carry: Callable[..., Any]) -> None:
    with carry(response_bytes=5_000, retained_bytes=20_000) as carried:
        channel = carried.channel()
        channel.open(say("say 500 500"))
        seen: list[int] = []
        last = answers = 0
        while len(seen) < 500:
            with channel.back(last) as back:
                arrays = list(back)
            assert sum(len(str(each)) for each in arrays) < 100_000
            seen += numbers(arrays)
            last = arrays[-1][0]
            answers += 1
        assert seen == list(range(500))
        assert answers > 3


def test_a_handler_waits_for_a_client_that_does_not_acknowledge(carry: Callable[..., Any]) -> None:
    with carry(response_bytes=5_000, retained_bytes=20_000) as carried:
        channel = carried.channel()
        channel.open(say("say 1000 1000"))
        until(lambda: carried.told.sent >= 20)
        channel.say(say("nothing"))  # the handler had its turn
        assert carried.told.sent <= 21
        assert carried.retained <= 22_000
        with channel.back() as back:
            last = list(back)[-1][0]
        with channel.back(last) as back:
            list(back)
        assert last < carried.told.sent < 60


def test_a_handler_that_says_much_lets_others_have_their_turn(carry: Callable[..., Any]) -> None:
    with carry(retained_bytes=64 << 20) as carried:
        channel, other = carried.channel(), carried.channel()
        other.open()
        channel.open(say("say 10000 1000"))
        turns = set()
        while carried.told.sent < 10_000:
            other.say(say("nothing"))
            turns.add(carried.told.sent)
        assert len(turns) > 3


def test_a_client_waits_for_a_handler_that_does_not_listen(carry: Callable[..., Any]) -> None:
    with carry(waiting_bytes=1_000) as carried:
        channel = carried.channel()
        channel.open(say("sleep"))
        answered: list[tuple[int, str]] = []
        saying = threading.Thread(target=lambda: answered.append(channel.say(say("x" * 5_000), say("last"))))
        saying.start()
        until(lambda: carried.run(lambda: bool(_waiting(carried) > 5_000)))
        assert not answered
        carried.told.go_on.set()
        saying.join(PATIENCE_S)
        assert [status for status, _ in answered] == [200]
        until(lambda: carried.told.heard[-1] == "last")


def _waiting(carried: Carried) -> int:
    return sum(session._inbox.waiting for session in carried.channels.sessions._open.values())


def test_all_sessions_together_keep_within_their_budget(carry: Callable[..., Any]) -> None:
    """One more message than that each: somebody has to hold it. All are heard in the end."""
    with carry(retained_bytes=50_000, retained_bytes_in_all=60_000, response_bytes=10_000) as carried:
        channels = [carried.channel() for _ in range(4)]
        backs = []
        for channel in channels:
            channel.open()
            backs.append(channel.back())  # whoever has one is not ended to make room
        for channel in channels:
            channel.say(say("say 100 1000"))
        until(lambda: carried.retained > 30_000)
        assert carried.retained <= 60_000 + 5 * 1_100
        for channel, first in zip(channels, backs, strict=True):
            back = first
            seen: list[int] = []
            last = 0
            while len(seen) < 100:
                for last, message in back:
                    seen += numbers([[last, message]])
                    if len(seen) == 100:
                        break
                back.close()
                back = channel.back(last)
            back.close()
            assert seen == list(range(100))


def test_a_handler_that_returns_ends_the_session(carried: Carried) -> None:
    channel = carried.channel()
    channel.open(say("say 1 1"), say("close"))
    with channel.back() as back:
        assert list(back) == [[1, [{"streamId": "0 "}]], [2, ["close"]]]
    assert channel.say(say("more"))[0] == 200
    assert carried.told.heard == ["say 1 1", "close"]


@pytest.mark.parametrize(
    ("word", "message", "status"),
    [
        ("fail 7", "PERMISSION_DENIED: as asked: é😀", "PERMISSION_DENIED"),
        ("fail 14", "UNAVAILABLE: as asked: é😀", "UNAVAILABLE"),
        ("break", "INTERNAL: The server failed: RuntimeError: a defect. Its log says where.", "INTERNAL"),
    ],
)
def test_a_handler_that_fails_ends_the_session(carried: Carried, word: str, message: str, status: str) -> None:
    channel = carried.channel()
    channel.open(say("say 1 1"), say(word), say("say 1 1"))
    with channel.back() as back:
        assert [each[1][0] for each in back] == [
            {"streamId": "0 "},
            {"error": {"message": message, "status": status}},
        ]
    assert channel.end() == (200, "")
    assert carried.retained == 0


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_client_that_leaves_frees_everything(carried: Carried, method: str) -> None:
    channel = carried.channel()
    channel.open(say("say 9 9"), say("sleep"))
    with channel.back() as back:
        next(iter(back))
        assert channel.end(method) == (200, "")
        list(back)
    carried.told.go_on.set()
    until(carried.told.gone.is_set)
    assert (carried.count, carried.retained) == (0, 0)
    assert channel.say(say("more")) == (400, "Error: Unknown SID\n")


def test_the_server_does_not_wait_for_channels_when_it_stops(carried: Carried) -> None:
    hanging, alone = carried.channel(), carried.channel()
    hanging.open()
    alone.open(say("say 1 1"))
    with hanging.back() as back:
        seen = list(islice(back, 1))
        carried.run(carried.channels.stop)
        stopping = threading.Thread(target=carried.served.stop, args=(2 * PATIENCE_S,))
        stopping.start()
        assert seen + list(back) == [[1, ["noop"]], [2, ["stop"]]]
        stopping.join(PATIENCE_S)
        assert not stopping.is_alive()
    until(carried.told.gone.is_set)
    assert carried.count == 0


def test_nobody_opens_a_channel_of_a_server_that_is_stopping(carried: Carried) -> None:
    carried.run(carried.channels.stop)
    status, text = carried.channel().whole("POST", {"VER": 8}, form([], 0))
    assert (status, text) == (503, "Error: the server is stopping\n")
